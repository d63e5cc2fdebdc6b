//! `cargo xtask bench`: prepares what the crate `xtask-bench` measures with, and runs it.

use std::process::ExitCode;

use anyhow::Result;

use crate::{plan, process};

/// Passes what was typed on; `--plan` prints what would be installed.
pub fn bench(words: &[String]) -> Result<ExitCode> {
    if words == ["--plan"] {
        plan::print(plan::Command::Bench)?;
        return Ok(ExitCode::SUCCESS);
    }
    plan::begin(plan::Command::Bench)?;
    let run = ["run", "--quiet", "--locked", "--package", "xtask-bench", "--"];
    let status = process::cargo().args(run).args(words).status()?;
    // What went wrong was said there.
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
