//! Demo sessions, written by the command line this repository builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::{process, progress, repo, stamp};

/// A demo's parameters for `replayscope demo`.
pub struct Demo {
    /// The folder it is kept in, under `target/xtask/`.
    pub name: &'static str,
    /// Passed on as they are.
    pub arguments: &'static [&'static str],
}

/// Inside the hosted page: 11 seconds of 24 × 24 bins as float16 in 4 MiB. (Of 40 × 40 bins as float32, 2 seconds would fit.)
pub const SITE: Demo = Demo {
    name: "demo-site",
    arguments: &["--seconds", "11", "--rate", "500", "--bins", "24x24", "--seed", "0", "--precision", "f16"],
};
/// For `cargo xtask serve`: a minute.
pub const SERVE: Demo =
    Demo { name: "demo", arguments: &["--seconds", "60", "--rate", "500", "--bins", "40x40", "--seed", "0"] };

impl Demo {
    /// Writes the session, unless the one there was made by the same code from the same parameters.
    /// Returns the folder that holds `demo.zarr`.
    pub fn make(&self) -> Result<PathBuf> {
        let made_from = ["cli/Cargo.toml", "cli/src", "crates", "src", "Cargo.lock"];
        let wanted = stamp::fingerprint(
            &made_from,
            &self.arguments.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )?;
        let folder = repo::scratch(self.name)?;
        let stamped = repo::scratch("stamp")?.join(self.name);
        let session = folder.join("demo.zarr");
        if session.join("zarr.json").is_file() && stamp::holds(&stamped, &wanted) {
            return Ok(folder);
        }
        let program = command_line()?;
        progress::step("demo session", || {
            if session.exists() {
                fs::remove_dir_all(&session)?;
            }
            process::run(process::command(&program).arg("demo").arg(&session).args(self.arguments))
        })?;
        if !session.join("zarr.json").is_file() {
            bail!("`replayscope demo` ended well but wrote no {}", session.join("zarr.json").display());
        }
        stamp::set(&stamped, &wanted)?;
        Ok(folder)
    }
}

/// Builds the `replayscope` binary. In the dev profile, which the native tests share.
pub fn command_line() -> Result<PathBuf> {
    Ok(programs()?.command_line)
}

/// This repository's own programs, in the dev profile.
#[derive(Clone)]
pub struct Programs {
    /// `replayscope`.
    pub command_line: PathBuf,
    /// `xtask-site`, which makes a site of a linked wasm: a crate of its own, as its libraries need the pinned toolchain.
    pub site_builder: PathBuf,
}

/// Builds both at once, so that one's last crates are compiled beside the other's; once in a run of xtask.
pub fn programs() -> Result<Programs> {
    static BUILT: Mutex<Option<Programs>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.is_none() {
        *built = Some(progress::step("command line and site builder", build)?);
    }
    built.clone().context("the programs were built just now")
}

fn build() -> Result<Programs> {
    let log = repo::scratch("log")?.join("programs.log");
    let packages = ["--package", "replayscope-cli", "--package", "xtask-site"];
    process::run_logged(process::cargo().args(["build", "--locked"]).args(packages), &log)?;
    let program = |name: &str| {
        let program =
            repo::cargo_target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let found = program.is_file().then(|| program.clone());
        found.with_context(|| format!("cargo built no {}", program.display()))
    };
    Ok(Programs { command_line: program("replayscope")?, site_builder: program("xtask-site")? })
}

/// Bytes in a folder.
pub fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum += if kind.is_dir() { bytes(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(sum)
}
