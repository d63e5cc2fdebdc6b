//! `cargo xtask test structure`: the rules of docs/architecture.md that can be read off the files, in a second.
//!
//! [`crates`] compares the dependencies between the workspace's crates, which [`workspace`] knows, with the table of the
//! document. [`modules`] parses a crate into modules, [`resolve`] finds the module that defines what a path names, and
//! [`rings`] finds modules that use each other. [`length`] limits the lines of a file, [`paths`] looks for every file that the
//! documentation names.

mod crates;
mod length;
mod modules;
mod paths;
mod resolve;
mod rings;
mod workspace;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use xtask::{process, repo};

use crate::crates::ARCHITECTURE;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    match run() {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            eprintln!("{}\n", problems.join("\n\n"));
            eprintln!("error: {} of the rules of structure in {ARCHITECTURE} are broken", problems.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Every breach of a rule, as text for a person: what, where, and what to do.
fn run() -> Result<Vec<String>> {
    let root = repo::root();
    let workspace = Workspace::load(&root)?;
    let files = tracked()?;
    let read = |path: &Path| fs::read_to_string(root.join(path)).ok();
    let text = read(Path::new(ARCHITECTURE)).with_context(|| format!("cannot read {ARCHITECTURE}"))?;

    let mut problems = crates::problems(&crates::Table::parse(&text)?, &workspace);
    problems.extend(rings::problems(&workspace, &read)?);
    problems.extend(length::problems(&files, &read));
    problems.extend(paths::problems(&files, &read));
    Ok(problems)
}

/// The files of the checkout, from its root and with `/`: what git tracks and what will be added, without what is ignored.
fn tracked() -> Result<Vec<String>> {
    let git = ["-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"];
    let list = process::ask(process::plain("git").args(git))
        .context("`git ls-files` failed: which files belong to the project is asked of git")?;
    let files = list.split_terminator('\0').filter(|path| repo::root().join(path).is_file());
    Ok(files.map(str::to_owned).collect())
}
