//! npm's packages (a slider, the bundler, wasm-opt, the type checker, the browser driver), as package-lock.json names them.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::{process, repo, stamp};

const OLDEST: u32 = 20;

/// `npm ci` empties the folder it fills: two at once would break each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// `npm ci`, when package-lock.json is not what `node_modules` was made from.
pub fn install() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let version = process::ask(process::command("node").arg("--version"))
        .context("node is not there; install Node.js 20 or newer (https://nodejs.org)")?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST) {
        bail!("node is {version}, and {OLDEST} or newer is needed (https://nodejs.org)");
    }

    let modules = repo::root().join("node_modules");
    let wanted = stamp::fingerprint(&["package.json", "package-lock.json"], &[version])?;
    // Inside node_modules, so that it goes when they go.
    let stamped = modules.join(".replayscope-stamp");
    if stamp::holds(&stamped, &wanted) {
        return Ok(());
    }
    let log = repo::scratch("log")?.join("npm-ci.log");
    process::timed("npm ci", || {
        process::run_logged(process::command("npm").args(["ci", "--no-audit", "--no-fund"]), &log)
    })?;
    stamp::set(&stamped, &wanted)
}
