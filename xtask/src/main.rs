//! `cargo xtask serve | test | build | bench`: from a fresh checkout to a page, with nothing installed by hand.
//!
//! In reading order: [`repo`] knows the folders, [`process`] runs commands, [`tools`], [`node`] and [`browser`]
//! install what those commands need, [`site`] makes `dist/` with [`lean`], [`wasm`] and [`shell`], [`serve`],
//! [`test`] and [`bench`] are what people type; [`report`] and [`machine`] write what the last one found.

mod bench;
mod browser;
mod demo;
mod lean;
mod machine;
mod node;
mod process;
mod repo;
mod report;
mod serve;
mod shell;
mod site;
mod size;
mod split;
mod stamp;
mod tally;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask serve [--open] [--port N]   build the viewer and a demo session, serve both on 127.0.0.1
cargo xtask test [STEP…]                every test, or the named steps (--keep-going: past a failing step; --list: their names)
cargo xtask build                       the static site in dist/, and its size
cargo xtask bench [PART…]               every figure of docs/benchmarks.md, or the named parts (--pack-gb N; --list: their names)

Tools are installed on first use under ~/.cache/replayscope (REPLAYSCOPE_CACHE=… puts them elsewhere).
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    // The command line's debug builds look for the viewer in dist/ as it is when they run, but only if there was such a
    // folder when they were compiled, which is before the site is built: its demo is made by them.
    std::fs::create_dir_all(repo::root().join("dist"))?;
    match command.as_str() {
        "serve" => serve::serve(&serve::Options::parse(rest)?),
        "test" => test::test(&test::Options::parse(rest)?),
        "bench" => bench::bench(&bench::Options::parse(rest)?),
        "build" if rest.is_empty() => site::build(&tools::Tools::install()?).map(|()| ExitCode::SUCCESS),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("`cargo xtask {}` is not a command.\n\n{USAGE}", arguments.join(" ")),
    }
}
