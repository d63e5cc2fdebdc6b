//! The workspace's crates and what they depend on, as `cargo metadata` has them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::process;

/// The crates of the workspace.
#[derive(Debug)]
pub struct Workspace {
    /// In the order of their folders.
    pub crates: Vec<Crate>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub struct Crate {
    /// Its folder from the root of the repository, with `/`; `src` for the crate of the root itself.
    pub folder: String,
    /// Its Cargo.toml, from the root.
    pub manifest: String,
    /// The crates of the workspace that it depends on.
    pub uses: Vec<Use>,
    /// Where its libraries and programs begin (`src/lib.rs`, `src/main.rs`), from the root.
    pub roots: Vec<PathBuf>,
}

/// A dependency on another crate of the workspace.
#[derive(Debug)]
pub struct Use {
    /// The folder of the other one.
    pub folder: String,
    /// Whether only its tests and benchmarks use it.
    pub dev: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    /// Where it lies, if it is a folder of this computer.
    path: Option<PathBuf>,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Workspace {
    /// Asks cargo for the crates of the workspace at `root`.
    pub fn load(root: &Path) -> Result<Workspace> {
        let words = ["metadata", "--format-version", "1", "--no-deps", "--locked"];
        let text = process::ask(process::cargo().args(words)).context("`cargo metadata --locked` failed")?;
        let metadata = serde_json::from_str(&text).context("`cargo metadata` printed something unknown")?;
        // Cargo's paths go through no symbolic link.
        Self::of(metadata, &root.canonicalize()?)
    }

    fn of(metadata: Metadata, root: &Path) -> Result<Workspace> {
        let mut crates = Vec::new();
        for package in metadata.packages {
            let uses = package.dependencies.iter().filter_map(|dependency| {
                let folder = folder(root, dependency.path.as_ref()?)?;
                Some(Use { folder, dev: dependency.kind.as_deref() == Some("dev") })
            });
            let code = package.targets.iter().filter(|target| {
                // Tests and benchmarks are crates of their own, and a build script uses nothing of its crate.
                target.kind.iter().any(|kind| kind.ends_with("lib") || kind == "bin")
            });
            let manifest =
                relative(root, &package.manifest_path).context("a crate lies outside the repository")?;
            let parent = package.manifest_path.parent().unwrap_or(root);
            crates.push(Crate {
                folder: folder(root, parent).context("a crate lies outside the repository")?,
                manifest,
                uses: uses.collect(),
                roots: code
                    .filter_map(|target| target.src_path.strip_prefix(root).ok().map(Path::to_path_buf))
                    .collect(),
            });
        }
        crates.sort_by(|one, other| one.folder.cmp(&other.folder));
        Ok(Workspace { crates })
    }
}

/// A crate's name in the table: its folder, and `src` for the one of the root.
fn folder(root: &Path, path: &Path) -> Option<String> {
    let folder = relative(root, path)?;
    Some(if folder.is_empty() { "src".to_owned() } else { folder })
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.components();
    Some(parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}
