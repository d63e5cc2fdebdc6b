//! `cargo xtask bench`: prepares what the crate `xtask-bench` measures with, and runs it.

use std::process::ExitCode;

use anyhow::Result;

use crate::{plan, process};

/// Passes what was typed on; `--plan` prints what would be installed.
pub fn bench(words: &[String]) -> Result<ExitCode> {
    let has = |option: &str| words.iter().any(|word| word == option);
    if has("--plan") {
        plan::print(plan::Command::Bench)?;
        return Ok(ExitCode::SUCCESS);
    }
    // A list of names needs no browser.
    plan::begin(if has("--list") { plan::Command::Site } else { plan::Command::Bench })?;
    let run = ["run", "--quiet", "--locked", "--package", "xtask-bench", "--"];
    let status = process::cargo().args(run).args(words).status()?;
    // What went wrong was said there.
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
