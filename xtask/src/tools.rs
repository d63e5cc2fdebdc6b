//! The pinned tools from crates.io: built once, from source, into a folder shared by all checkouts.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{node, process, repo};

struct Tool {
    name: &'static str,
    version: &'static str,
    program: &'static str,
    features: &'static [&'static str],
}

const TRUNK: Tool = Tool {
    name: "trunk",
    version: "0.22.1",
    program: "trunk",
    features: &["--no-default-features", "--features", "rustls"],
};
const WASM_BINDGEN: Tool =
    Tool { name: "wasm-bindgen-cli", version: "0.2.130", program: "wasm-bindgen", features: &[] };
const WASM_PACK: Tool = Tool { name: "wasm-pack", version: "0.15.1", program: "wasm-pack", features: &[] };

/// Everything pinned, installed and ready to run.
pub struct Tools {
    path: OsString,
}

impl Tools {
    /// Installs what is missing: npm's packages, then the tools from crates.io.
    pub fn install() -> Result<Tools> {
        check_bindgen(&fs::read_to_string(repo::root().join("Cargo.lock"))?)?;
        node::install()?;
        let mut folders = vec![repo::root().join("node_modules").join(".bin")];
        for tool in [TRUNK, WASM_BINDGEN, WASM_PACK] {
            folders.push(tool.install()?.join("bin"));
        }
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
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
    fn install(&self) -> Result<PathBuf> {
        let cache = repo::cache()?;
        let folder = cache.join(format!("{}-{}", self.name, self.version));
        // The program, not the folder: `cargo install --root` by hand makes the folder first, and may be stopped.
        let program = folder.join("bin").join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(folder);
        }
        // Two checkouts may start at once; the second waits here, and then finds it done.
        let lock = File::create(cache.join("lock"))?;
        lock.lock().context("cannot lock the tools' folder")?;
        if program.is_file() {
            return Ok(folder);
        }
        // Only a finished install gets the final name.
        let part = cache.join(format!("{}-{}.part", self.name, self.version));
        remove(&part)?;
        let log = |kind: &str| cache.join(format!("{}-{}{kind}.log", self.name, self.version));
        process::timed(&format!("installing {} {} (once)", self.name, self.version), || {
            // --locked is what its authors tested; a registry mirror may lack one of those versions.
            self.build(&part, &log("-locked"), true).or_else(|error| {
                eprintln!(
                    "  its locked dependencies did not install; trying current ones ({})",
                    cause(&error)
                );
                self.build(&part, &log(""), false)
            })
        })?;
        remove(&folder)?;
        fs::rename(&part, &folder).with_context(|| format!("cannot put {} in place", folder.display()))?;
        remove(&cache.join("build"))?;
        Ok(folder)
    }

    fn build(&self, into: &Path, log: &Path, locked: bool) -> Result<()> {
        let mut command = process::cargo();
        command.args(["install", self.name, "--version", &format!("={}", self.version), "--root"]).arg(into);
        command.args(self.features);
        if locked {
            command.arg("--locked");
        }
        command
            .env("CARGO_TARGET_DIR", repo::cache()?.join("build"))
            // Flags meant for the viewer do not belong in its tools.
            .env_remove("RUSTFLAGS")
            // Measured: 17 CPU minutes for trunk as it comes, 5 so; the tools are not what takes the time later.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        process::run_logged(&mut command, log)
    }
}

/// wasm-bindgen's command line refuses a wasm made by another version of its crate, late and in its own words.
fn check_bindgen(lock: &str) -> Result<()> {
    let locked = locked_version(lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    if locked != WASM_BINDGEN.version {
        bail!(
            "Cargo.lock has wasm-bindgen {locked}, but xtask/src/tools.rs pins wasm-bindgen-cli {}. \
             The two must be one version: change the pin (and `[tools]` in Trunk.toml), or run \
             `cargo update -p wasm-bindgen --precise {}`.",
            WASM_BINDGEN.version,
            WASM_BINDGEN.version
        );
    }
    Ok(())
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| line.strip_prefix("name = ").is_some_and(|found| found.trim_matches('"') == name))?;
    lines.next()?.strip_prefix("version = ").map(|version| version.trim_matches('"'))
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

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.9\"\n";

    #[test]
    fn the_locked_version_is_that_of_the_crate_of_just_that_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.9"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn another_wasm_bindgen_is_refused_with_both_versions() {
        let message = check_bindgen(LOCK).unwrap_err().to_string();
        assert!(message.contains("0.2.9") && message.contains(WASM_BINDGEN.version), "{message}");
    }

    #[test]
    fn trunk_toml_and_cargo_lock_agree_with_the_pins() {
        let read = |name| fs::read_to_string(repo::root().join(name)).unwrap();
        check_bindgen(&read("Cargo.lock")).unwrap();
        assert!(read("Trunk.toml").contains(&format!("wasm_bindgen = \"{}\"", WASM_BINDGEN.version)));
    }
}
