//! The pinned tools that the tests need from crates.io: built once, from source, into a folder shared by all checkouts.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::need::{Install, Need, State};
use crate::{chosen, node, process, progress, repo};

/// A program from crates.io.
pub struct Tool {
    name: &'static str,
    /// `None`: that of the crate `wasm-bindgen` in Cargo.lock, since the two must be one version.
    version: Option<&'static str>,
    program: &'static str,
    features: &'static [&'static str],
    download_mb: u32,
    seconds: u32,
}

/// Builds and serves the page as `cargo xtask` does; a test compares the two.
pub const TRUNK: Tool = Tool {
    name: "trunk",
    version: Some("0.22.1"),
    program: "trunk",
    features: &["--no-default-features", "--features", "rustls"],
    download_mb: 45,
    seconds: 215,
};
/// Runs browser tests for wasm-pack.
pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen-cli",
    version: None,
    program: "wasm-bindgen",
    features: &[],
    download_mb: 15,
    seconds: 65,
};
/// Runs browser tests.
pub const WASM_PACK: Tool = Tool {
    name: "wasm-pack",
    version: Some("0.15.1"),
    program: "wasm-pack",
    features: &[],
    download_mb: 20,
    seconds: 65,
};

/// What the tests run besides cargo and node.
pub struct Tools {
    path: OsString,
}

impl Tools {
    /// Installs what is missing: npm's packages, then the tools from crates.io.
    pub fn install() -> Result<Tools> {
        node::install()?;
        let mut folders = vec![node::programs()];
        for tool in [WASM_BINDGEN, WASM_PACK, TRUNK] {
            folders.push(tool.install()?.join("bin"));
        }
        let path = chosen::toolchain().map_or_else(OsString::new, chosen::Toolchain::path);
        folders.extend(std::env::split_paths(&path));
        Ok(Tools { path: std::env::join_paths(folders).context("a folder in PATH has a `:` in its name")? })
    }

    /// A command that finds the pinned tools first.
    pub fn command(&self, program: &str) -> Command {
        let mut command = process::command(program);
        command.env("PATH", &self.path);
        command
    }
}

impl Tool {
    /// What the plan says of it.
    pub fn item(&self) -> Result<Need> {
        let program = self.program_in(&self.folder()?);
        let state = if program.is_file() {
            State::Present(program.display().to_string())
        } else {
            let (download_mb, seconds) = (self.download_mb, self.seconds);
            State::Install(Install { from: "cargo install".to_owned(), download_mb, seconds })
        };
        Ok(Need { what: format!("{} {}", self.name, self.version()?), state })
    }

    fn version(&self) -> Result<String> {
        if let Some(version) = self.version {
            return Ok(version.to_owned());
        }
        let lock = fs::read_to_string(repo::root().join("Cargo.lock"))?;
        Ok(locked_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?.to_owned())
    }

    fn folder(&self) -> Result<PathBuf> {
        Ok(repo::cache()?.join(format!("{}-{}", self.name, self.version()?)))
    }

    /// The program, whose presence proves an install: `cargo install --root` by hand makes the folder first, and may be
    /// stopped.
    fn program_in(&self, folder: &Path) -> PathBuf {
        folder.join("bin").join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX))
    }

    fn install(&self) -> Result<PathBuf> {
        let folder = self.folder()?;
        if self.program_in(&folder).is_file() {
            return Ok(folder);
        }
        let title = format!("{} {}", self.name, self.version()?);
        // Two checkouts may install at once, each in a folder of its own; only a finished install gets the final name.
        remove_abandoned()?;
        let part = repo::cache()?.join(format!("{}.{}.part", title.replace(' ', "-"), std::process::id()));
        let log = |kind: &str| repo::cache().map(|cache| cache.join(format!("{}{kind}.log", self.name)));
        progress::step(&title, || {
            // --locked is what its authors tested; a registry mirror may lack one of those versions.
            self.build(&part, &log("-locked")?, true).or_else(|error| {
                eprintln!(
                    "{title}: its locked dependencies did not install, so current ones are tried ({})",
                    cause(&error)
                );
                self.build(&part, &log("")?, false)
            })
        })?;
        remove(&part.join("target"))?;
        if self.program_in(&folder).is_file() {
            remove(&part)?;
            return Ok(folder);
        }
        remove(&folder)?;
        fs::rename(&part, &folder).with_context(|| format!("cannot put {} in place", folder.display()))?;
        Ok(folder)
    }

    fn build(&self, into: &Path, log: &Path, locked: bool) -> Result<()> {
        let mut command = process::cargo();
        command
            .args(["install", self.name, "--version", &format!("={}", self.version()?), "--root"])
            .arg(into);
        command.args(self.features);
        if locked {
            command.arg("--locked");
        }
        process::without_flags(&mut command)
            .env("CARGO_TARGET_DIR", into.join("target"))
            // Measured: 17 CPU minutes for trunk as it comes, 5 so; the tools are not what takes the time later.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        process::run_logged(&mut command, log)
    }
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| line.strip_prefix("name = ").is_some_and(|found| found.trim_matches('"') == name))?;
    lines.next()?.strip_prefix("version = ").map(|version| version.trim_matches('"'))
}

/// Removes what installs left that were cut off: nothing is written there for a day.
fn remove_abandoned() -> Result<()> {
    const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let Ok(entries) = fs::read_dir(repo::cache()?) else { return Ok(()) };
    for entry in entries.flatten() {
        let changed = entry.metadata().and_then(|about| about.modified());
        let is_old = changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|since| since > A_DAY));
        if is_old && entry.path().extension().is_some_and(|extension| extension == "part") {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Cargo's own first word on what failed, from the end of its log.
fn cause(error: &anyhow::Error) -> String {
    let text = error.to_string();
    text.lines().find(|line| line.starts_with("error")).or(text.lines().next()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_crate_of_just_that_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.9\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.9"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }

    #[test]
    fn the_test_runner_has_the_version_of_the_crate() {
        let version = WASM_BINDGEN.version().unwrap();
        assert!(version.starts_with("0.2."), "{version}");
    }
}
