//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository's root: the folder of Cargo.lock. Asked of cargo at run time, so that a moved checkout with an old
/// `target/` stays right.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map_or_else(|| package.clone(), Path::to_path_buf)
}

/// A folder of the repository's own `target/`, for stamps, logs and staging: on the same disk as `dist/`, so that a
/// rename is enough to put a build in place, and ignored by git.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = root().join("target").join("xtask").join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Where cargo puts its builds.
pub fn cargo_target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}

/// Where pinned tools are kept, shared by all checkouts: `REPLAYSCOPE_CACHE`, else `$XDG_CACHE_HOME/replayscope`,
/// else `~/.cache/replayscope`.
pub fn cache() -> Result<PathBuf> {
    let folder = match std::env::var_os("REPLAYSCOPE_CACHE") {
        Some(folder) => std::path::absolute(folder)?,
        None => std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .or_else(|| home().map(|home| home.join(".cache")))
            .context("no home folder to keep tools in; set REPLAYSCOPE_CACHE=/some/folder")?
            .join("replayscope"),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The user's home folder. (`std::env::home_dir` is deprecated in Rust 1.85.)
fn home() -> Option<PathBuf> {
    let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    std::env::var_os(variable).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The shared real sessions the tests read: `REPLAYSCOPE_TEST_DATA`, else `../shared`. `None` where there are none.
pub fn test_data() -> Option<PathBuf> {
    let folder = std::env::var_os("REPLAYSCOPE_TEST_DATA").unwrap_or_else(|| "../shared".into());
    let folder = root().join(folder);
    folder.join("sessions").is_dir().then(|| folder.canonicalize().unwrap_or(folder))
}
