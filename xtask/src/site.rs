//! The static site: the viewer in wasm, the shell around it and a small demo session, in `dist/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::lean::lean;
use crate::tools::Tools;
use crate::{demo, process, repo, shell, size, split, stamp, wasm};

/// Everything the site is made from.
const SOURCES: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "cli/src",
    "decode/src",
    "formats/src",
    "index.html",
    "json/src",
    "package-lock.json",
    "rust-toolchain.toml",
    "src",
    "www",
    "xtask/src",
];
const DEMO_LIMIT: u64 = 4 << 20;

/// Builds `dist/`, unless the one there was made from the same sources; prints what it weighs, and fails if that is
/// too much. The site is there even then: it works, it may only not be published.
pub fn build(tools: &Tools) -> Result<()> {
    size::gate(size::report(&make(tools)?)?)
}

/// Brings `dist/` up to date. Returns it.
pub fn make(tools: &Tools) -> Result<PathBuf> {
    let dist = repo::root().join("dist");
    let stamped = repo::scratch("stamp")?.join("site");
    if stamp::holds(&stamped, &fingerprint()?) {
        eprintln!("dist/ is up to date");
        return Ok(dist);
    }
    let staging = repo::scratch("site")?;
    process::timed("viewer", || viewer(tools, &staging))?;
    add_demo(&staging)?;
    put_in_place(&staging, &dist)?;
    // Taken after the build: it names the dist/ that was made, too.
    stamp::set(&stamped, &fingerprint()?)?;
    Ok(dist)
}

/// What `dist/` was made from, and what it holds, so that a file changed or deleted there is noticed.
fn fingerprint() -> Result<String> {
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    stamp::fingerprint(&[SOURCES, &["dist"]].concat(), &[flags])
}

fn viewer(tools: &Tools, into: &Path) -> Result<()> {
    // trunk runs offline, so that it uses the pinned tools and never fetches others; crates come first, with those
    // of the standard library.
    let fetch = ["fetch", "--quiet", "--locked", "--target", "wasm32-unknown-unknown"];
    process::run(lean(process::cargo().args(fetch)))?;
    let built = repo::scratch("trunk")?;
    let mut trunk = tools.command("trunk");
    trunk.args(["build", "--release", "--offline", "--locked", "--skip-version-check"]);
    trunk.args(["--features", "split", "--dist"]).arg(&built);
    lean(&mut trunk);
    // trunk reads NO_COLOR as true or false, where the world's convention is any value.
    trunk.env_remove("NO_COLOR");
    process::run(&mut trunk)?;

    fs::remove_dir_all(into)?;
    fs::create_dir_all(into)?;
    let linked = repo::cargo_target().join("wasm32-unknown-unknown/web/replayscope.wasm");
    let (page, later) = split::cut(&linked)?;
    // What trunk made of the whole is made again of the page's part, whose table of functions the other one uses.
    let mut bindgen = tools.command("wasm-bindgen");
    bindgen
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir"])
        .arg(&built)
        .arg(page);
    process::run(&mut bindgen)?;
    wasm::shrink(tools, &built, into)?;
    wasm::optimise(tools, &later, &into.join(split::LATER), &[])?;
    shell::bundle(tools, &built, into)
}

fn add_demo(site: &Path) -> Result<()> {
    let demo = demo::SITE.make()?.join("demo.zarr");
    let bytes = demo::bytes(&demo)?;
    println!("demo session: {bytes} bytes; {DEMO_LIMIT} allowed");
    if bytes > DEMO_LIMIT {
        bail!(
            "the demo session is {bytes} bytes, and {DEMO_LIMIT} are allowed: shorten it in xtask/src/demo.rs"
        );
    }
    copy(&demo, &site.join("demo.zarr"))
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
