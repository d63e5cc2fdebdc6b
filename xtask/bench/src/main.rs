//! What `cargo xtask bench` runs: [`bench`] measures, [`machine`] says on what, [`report`] writes docs/benchmarks.md.

mod bench;
mod machine;
mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    bench::Options::parse(&words).and_then(|options| bench::bench(&options)).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
