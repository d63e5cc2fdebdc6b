//! The static site in `dist/`: the viewer in wasm, the shell around it and a small demo session.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

use crate::{demo, node, plan, process, progress, repo, stamp, toolchain};

/// What the wasm's exports are to TypeScript: written with the site, and kept, for type checkers that build nothing.
pub const DECLARATIONS: &str = "www/types/replayscope.d.ts";

/// Everything the site is made from.
const SOURCES: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "cli/Cargo.toml",
    "cli/build.rs",
    "cli/src",
    "crates",
    "index.html",
    "package-lock.json",
    "src",
    "www",
    "xtask/site/Cargo.toml",
    "xtask/site/src",
    "xtask/src",
];
const DEMO_LIMIT: u64 = 4 << 20;
/// Where a hook of trunk's has to leave the site.
const OF_TRUNK: &str = "TRUNK_STAGING_DIR";

/// What can be said after `cargo xtask build`.
#[derive(Debug, PartialEq)]
pub struct Options {
    plan: bool,
}

impl Options {
    /// `[--plan]`.
    pub fn parse(words: &[String]) -> Result<Options> {
        match words {
            [] => Ok(Options { plan: false }),
            [word] if word == "--plan" => Ok(Options { plan: true }),
            _ => bail!("`cargo xtask build` knows --plan, not {}", words.join(" ")),
        }
    }
}

/// `cargo xtask build`: the site, its weight, and an error if that is too much. The site is there even then: it works, it
/// may only not be published. As a hook of trunk (Trunk.toml), it puts the same site into trunk's folder.
pub fn build(options: &Options) -> Result<ExitCode> {
    if options.plan {
        plan::print(plan::Command::Site)?;
        return Ok(ExitCode::SUCCESS);
    }
    plan::begin(plan::Command::Site)?;
    if let Some(staging) = std::env::var_os(OF_TRUNK) {
        let staging = PathBuf::from(staging);
        return assemble(&staging.join("index.html"), &staging).map(|()| ExitCode::SUCCESS);
    }
    weigh(&make()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what a site weighs; an error if that is too much.
pub fn weigh(site: &Path) -> Result<()> {
    process::run(builder(&demo::programs()?.site_builder).arg("weigh").arg(site))
}

/// Brings `dist/` up to date. Returns it.
pub fn make() -> Result<PathBuf> {
    let dist = repo::root().join("dist");
    let stamped = repo::scratch("stamp")?.join("site");
    if stamp::holds(&stamped, &fingerprint()?) {
        eprintln!("dist/ is up to date");
        return Ok(dist);
    }
    let staging = repo::scratch("site")?;
    assemble(&repo::root().join("index.html"), &staging)?;
    put_in_place(&staging, &dist)?;
    // Taken after the build: it names the dist/ that was made, too.
    stamp::set(&stamped, &fingerprint()?)?;
    Ok(dist)
}

/// What `dist/` was made from, and what it holds, so that a file changed or deleted there is noticed.
fn fingerprint() -> Result<String> {
    stamp::fingerprint(&[SOURCES, &["dist"]].concat(), &[toolchain::VERSION.to_owned()])
}

/// Makes the site of `page`, an index.html, in a folder, in place of what is there.
fn assemble(page: &Path, into: &Path) -> Result<()> {
    // The viewer is linked on one core for most of its time: what else is needed is compiled beside it.
    let (linked, rest) = thread::scope(|scope| {
        let viewer = scope.spawn(|| progress::step("viewer", viewer));
        let rest = || -> Result<(PathBuf, PathBuf)> {
            node::install()?;
            let programs = demo::programs()?;
            Ok((demo::SITE.make()?.join("demo.zarr"), programs.site_builder))
        };
        let rest = rest();
        let linked =
            viewer.join().unwrap_or_else(|_| Err(anyhow!("the thread that builds the viewer panicked")));
        (linked, rest)
    });
    let (linked, (demo, program)) = (linked?, rest?);
    let bytes = demo::bytes(&demo)?;
    if bytes > DEMO_LIMIT {
        bail!(
            "the demo session is {bytes} bytes, and {DEMO_LIMIT} are allowed: shorten it in xtask/src/demo.rs"
        );
    }
    progress::step("site", || process::run(builder(&program).arg("make").arg(linked).arg(page).arg(into)))?;
    copy(&demo, &into.join("demo.zarr"))
}

/// The site builder, which looks for its inputs in this checkout and not in the one that it was compiled in.
fn builder(program: &Path) -> Command {
    let mut command = process::command(program);
    command.env("CARGO_MANIFEST_DIR", repo::root().join("xtask"));
    command
}

/// Compiles the viewer, as trunk does. Returns the linked wasm.
fn viewer() -> Result<PathBuf> {
    let mut cargo = process::cargo();
    cargo.args([
        "build",
        "--locked",
        "--profile",
        "web",
        "--target",
        toolchain::TARGET,
        "--features",
        "split",
    ]);
    process::run_logged(process::without_flags(&mut cargo), &repo::scratch("log")?.join("viewer.log"))?;
    Ok(repo::cargo_target().join(toolchain::TARGET).join("web/replayscope.wasm"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}

/// Names of files that only one of two sites has, or that differ.
pub fn differences(one: &Path, other: &Path) -> Result<Vec<String>> {
    let (one, other) = (contents(one, one)?, contents(other, other)?);
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    Ok(names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect())
}

/// The files in a folder, by their paths within `root`.
fn contents(folder: &Path, root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut contents(&path, root)?);
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            found.insert(name, fs::read(&path)?);
        }
    }
    Ok(found)
}

/// Two renames, so that whoever serves `dist/` meanwhile sees the old site or the new one, not a half of each.
fn put_in_place(staging: &Path, dist: &Path) -> Result<()> {
    let old = repo::scratch("site-old")?;
    fs::remove_dir_all(&old)?;
    if dist.exists() {
        fs::rename(dist, &old).context("cannot move the old dist/ away")?;
    }
    fs::rename(staging, dist).context("cannot put dist/ in place")?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_differ_by_a_byte_or_a_file() {
        let folder = repo::scratch("site-test").unwrap();
        let (one, other) = (folder.join("one"), folder.join("other"));
        for site in [&one, &other] {
            fs::create_dir_all(site.join("www")).unwrap();
            fs::write(site.join("www/main.js"), "same").unwrap();
        }
        assert_eq!(differences(&one, &other).unwrap(), [""; 0]);
        fs::write(one.join("index.html"), "only here").unwrap();
        fs::write(other.join("www/main.js"), "else").unwrap();
        let main = Path::new("www").join("main.js").display().to_string();
        assert_eq!(differences(&one, &other).unwrap(), ["index.html".to_owned(), main]);
        fs::remove_dir_all(folder).unwrap();
    }
}
