//! Node, and npm's packages (a slider, the bundler, wasm-opt, the type checker, the browser driver), as package-lock.json names them.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::need::{Install, Need, State};
use crate::{process, progress, repo, stamp};

/// The first whose test runner takes `--test-concurrency`.
const OLDEST: [u32; 2] = [20, 10];
const GET: &str = "install Node.js 20.10 or newer, with npm, from https://nodejs.org";

/// `npm ci` empties the folder it fills: two at once would break each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What the plan says of Node.
pub fn item() -> Need {
    let state = match version() {
        Ok(version) => State::Present(version),
        Err(error) => State::Missing(format!("{GET} ({error})")),
    };
    Need { what: "Node.js and npm".to_owned(), state }
}

/// What the plan says of npm's packages.
pub fn packages_item() -> Result<Need> {
    let state = if is_up_to_date()? {
        State::Present("node_modules/".to_owned())
    } else {
        State::Install(Install { from: "npm".to_owned(), download_mb: 70, seconds: 10 })
    };
    Ok(Need { what: "npm packages".to_owned(), state })
}

/// `npm ci`, when package-lock.json is not what `node_modules` was made from.
pub fn install() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if is_up_to_date()? {
        return Ok(());
    }
    let log = repo::scratch("log")?.join("npm-ci.log");
    progress::step("npm packages", || {
        process::run_logged(process::command("npm").args(["ci", "--no-audit", "--no-fund"]), &log)
    })?;
    stamp::set(&stamped(), &wanted()?)
}

/// Where a shell finds the packages' programs.
pub fn programs() -> PathBuf {
    repo::root().join("node_modules").join(".bin")
}

/// A package's program.
pub fn program(name: &str) -> Command {
    let name = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    process::command(programs().join(name))
}

fn version() -> Result<String> {
    let Some(version) = process::ask(process::command("node").arg("--version")) else {
        bail!("node is not there");
    };
    if !is_new_enough(&version) {
        bail!("node is {version}");
    }
    if process::ask(process::command("npm").arg("--version")).is_none() {
        bail!("npm is not there");
    }
    Ok(version)
}

fn is_new_enough(version: &str) -> bool {
    let numbers = version.trim_start_matches('v').split('.').map(|number| number.parse::<u32>().ok());
    numbers.take(OLDEST.len()).collect::<Option<Vec<_>>>().is_some_and(|found| found[..] >= OLDEST[..])
}

fn is_up_to_date() -> Result<bool> {
    Ok(stamp::holds(&stamped(), &wanted()?))
}

fn wanted() -> Result<String> {
    let version = process::ask(process::command("node").arg("--version")).unwrap_or_default();
    stamp::fingerprint(&["package.json", "package-lock.json"], &[version])
}

/// Inside `node_modules`, so that it goes when they go.
fn stamped() -> PathBuf {
    repo::root().join("node_modules").join(".replayscope-stamp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, enough) in [
            ("v20.10.0", true),
            ("v20.9.0", false),
            ("v20.19.4", true),
            ("v18.20.0", false),
            ("v100.0.1", true),
        ] {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
        assert!(!is_new_enough("") && !is_new_enough("nonsense"));
    }
}
