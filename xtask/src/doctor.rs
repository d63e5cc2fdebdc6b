//! `cargo xtask doctor`: the plan of all commands.

use std::process::ExitCode;

use anyhow::Result;

use crate::plan::{self, Command};

/// Prints what is there and what will be installed; an error where a person has to install something first.
pub fn doctor() -> Result<ExitCode> {
    println!(
        "`cargo xtask serve` and `build` need the first four of these, `bench` the first five, `test` all:\n"
    );
    plan::print(Command::Test)?;
    Ok(ExitCode::SUCCESS)
}
