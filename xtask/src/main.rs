//! The command line of [`xtask`].

use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask::{bench, doctor, repo, serve, site, test};

const USAGE: &str = "\
cargo xtask serve [--open] [--port N]   build the viewer and a demo session, serve both on 127.0.0.1
cargo xtask test [STEP…]                every test, or the named steps (--keep-going: past a failing step; --list: their names)
cargo xtask build                       the static site in dist/, and its size
cargo xtask bench [PART…]               every figure of docs/benchmarks.md, or the named parts (--pack-gb N; --list: their names)
cargo xtask bench pairs --against FOLDER [FIGURE…]  the same figures by turns with another, built checkout (--pairs N; --list: their names)
cargo xtask doctor                      what these commands need: what is there, what they will install, from where, how large

The pinned Rust toolchain is installed by rustup, other tools under ~/.cache/replayscope (REPLAYSCOPE_CACHE=… puts them
elsewhere), both on first use. `--plan` after serve, test, build or bench prints what that command would install, and stops.
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
    // Debug builds of the command line read the viewer from dist/ at run time, but only if the folder was there when
    // they were compiled, which is before the site is built: the command line makes the site's demo.
    std::fs::create_dir_all(repo::root().join("dist"))?;
    match command.as_str() {
        "serve" => serve::serve(&serve::Options::parse(rest)?),
        "test" => test::test(&test::Options::parse(rest)?),
        "bench" => bench::bench(rest),
        "build" => site::build(&site::Options::parse(rest)?),
        "doctor" if rest.is_empty() => doctor::doctor(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("`cargo xtask {}` is not a command.\n\n{USAGE}", arguments.join(" ")),
    }
}
