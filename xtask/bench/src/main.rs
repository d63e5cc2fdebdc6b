//! What `cargo xtask bench` runs: [`mod@bench`] measures, [`machine`] says on what, [`report`] writes docs/benchmarks.md;
//! [`pairs`] compares this checkout with another one.

mod bench;
mod machine;
mod pairs;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use xtask::toolchain;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    run(&words).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(words: &[String]) -> Result<ExitCode> {
    toolchain::install()?;
    match words {
        [first, rest @ ..] if first == "pairs" => pairs::pairs(&pairs::Options::parse(rest)?),
        _ => bench::bench(&bench::Options::parse(words)?),
    }
}
