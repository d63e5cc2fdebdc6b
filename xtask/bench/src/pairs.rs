//! `cargo xtask bench pairs`: figures of this checkout and of another one, measured by turns in one run by
//! `benches/pairs.js`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use xtask::{node, process, progress, repo};

use crate::bench::Bench;

/// What can be said on the command line.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// The other checkout; `None` if names of figures are all that is asked for.
    against: Option<PathBuf>,
    /// What `benches/pairs.js` is told besides.
    words: Vec<String>,
}

impl Options {
    /// `--against FOLDER [--pairs N] [--list] [FIGURE…]`.
    pub fn parse(words: &[String]) -> Result<Options> {
        let mut options = Options { against: None, words: Vec::new() };
        let mut list = false;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--against" => {
                    let folder = words.next().context("--against needs a folder: another checkout")?;
                    options.against = Some(std::path::absolute(folder)?);
                }
                "--pairs" => {
                    let pairs = words.next().filter(|word| word.parse::<u32>().is_ok_and(|pairs| pairs > 0));
                    let pairs = pairs.context("--pairs needs a whole number, as in --pairs 30")?;
                    options.words.extend(["--pairs".to_owned(), pairs.clone()]);
                }
                other => {
                    list |= other == "--list";
                    options.words.push(other.to_owned());
                }
            }
        }
        if options.against.is_none() && !list {
            bail!(
                "cargo xtask bench pairs --against FOLDER [--pairs N] [--list] [FIGURE…]: against which checkout?"
            );
        }
        Ok(options)
    }
}

/// Builds this checkout, and measures both; success only if every figure was measured and none is worse.
pub fn pairs(options: &Options) -> Result<ExitCode> {
    let Some(against) = &options.against else {
        node::install()?;
        process::run(process::command("node").arg("benches/pairs.js").args(&options.words))?;
        return Ok(ExitCode::SUCCESS);
    };
    check(against)?;
    let bench = Bench::prepare()?;
    let programs = ["bench", "--no-run", "--quiet", "--locked", "--package", "replayscope-bench"];
    progress::step("bench programs", || process::run(process::cargo().args(programs)))?;
    let mut node = bench.command(process::command("node"))?;
    node.env("REPLAYSCOPE_PROGRAMS", repo::cargo_target().join("release/deps"));
    node.arg("benches/pairs.js").arg("--against").arg(against).args(&options.words);
    let status = node.status().context("cannot start node")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Before minutes of building: whether the other checkout is built.
fn check(against: &Path) -> Result<()> {
    let name = format!("target/release/replayscope{}", std::env::consts::EXE_SUFFIX);
    for file in ["dist/index.html", &name] {
        if !against.join(file).is_file() {
            bail!("{} has no {file}; build that checkout first", against.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options> {
        Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn another_checkout_is_needed_and_the_rest_handed_on() {
        let options = parse(&["--pairs", "40", "--against", "/before", "open", "seek.plain"]).unwrap();
        assert_eq!(options.against.as_deref(), Some(Path::new("/before")));
        assert_eq!(options.words, ["--pairs", "40", "open", "seek.plain"]);
        assert!(parse(&["open"]).is_err() && parse(&["--against"]).is_err());
        assert!(parse(&["--against", "/before", "--pairs", "0"]).is_err());
        assert_eq!(parse(&["--list"]).unwrap().against, None);
    }
}
