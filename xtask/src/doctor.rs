//! `cargo xtask doctor`: the plan of all commands.

use std::process::ExitCode;

use anyhow::Result;

use crate::plan::{self, Command};

/// Prints what is there and what will be installed; an error where a person has to install something first.
pub fn doctor() -> Result<ExitCode> {
    plan::print(Command::Test)?;
    println!(
        "\n`cargo xtask serve` needs the first four; `cargo xtask test` needs all. Each is installed on first use."
    );
    Ok(ExitCode::SUCCESS)
}
