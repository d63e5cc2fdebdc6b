//! Measures what the bars in docs/benchmarks.md are about, and writes that report.
//!
//! Each part leaves its figures in `target/bench/results/`; the report is made of all that are there, so that one part
//! can be measured again by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use xtask::browser::Browser;
use xtask::{node, process, progress, repo, site};

use crate::machine;
use crate::report::{self, Measured, Section};

/// Size of the array that `pack` is measured on, where nothing else is said.
const PACK_GB: f64 = 2.0;

/// What can be said on the command line.
#[derive(Debug, PartialEq)]
pub struct Options {
    only: Vec<&'static str>,
    pack_gb: f64,
    list: bool,
}

impl Options {
    /// `[--pack-gb N] [--list] [PART…]`.
    pub fn parse(words: &[String]) -> Result<Options> {
        let mut options = Options { only: Vec::new(), pack_gb: PACK_GB, list: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--list" => options.list = true,
                "--pack-gb" => {
                    let size = words.next().and_then(|size| size.parse::<f64>().ok());
                    options.pack_gb = size
                        .filter(|size| (0.1..=1000.0).contains(size))
                        .context("--pack-gb needs a number of 10⁹ bytes, as in --pack-gb 10")?;
                }
                name => {
                    let part = PARTS.iter().find(|part| part.name == name);
                    options.only.push(part.map(|part| part.name).with_context(|| {
                        let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
                        format!("there is no part {name:?}; the parts are {}", names.join(", "))
                    })?);
                }
            }
        }
        Ok(options)
    }
}

struct Part {
    name: &'static str,
    what: &'static str,
    run: fn(&Bench, &str, &Path) -> Result<()>,
}

/// In the order of the report.
const PARTS: &[Part] = &[
    Part { name: "open", what: "open → first exact frame", run: page },
    Part { name: "seek", what: "random seeks, cold and in memory", run: page },
    Part { name: "serve", what: "real sessions from `replayscope serve`", run: page },
    Part { name: "scrub", what: "previews at 100 ms latency", run: page },
    Part { name: "play", what: "a minute of playback", run: page },
    Part { name: "memory", what: "1,000 random places", run: page },
    Part { name: "bins", what: "a presented frame against the number of bins", run: page },
    Part { name: "render", what: "drawing, natively", run: native },
    Part { name: "decode", what: "decoding of each codec chain, natively and in the browser", run: decode },
    Part { name: "reads", what: "frame by frame, in chunks, or all at once", run: page },
    Part { name: "range", what: "a colour range of a large .npy, natively", run: native },
    Part { name: "colors", what: "a colour range in the browser, while it plays", run: page },
    Part { name: "pack", what: "`replayscope pack` against its codec alone", run: native },
];

/// What the parts share.
pub struct Bench {
    browser: Browser,
    program: PathBuf,
    pack_gb: f64,
}

/// Measures, and writes the report.
pub fn bench(options: &Options) -> Result<ExitCode> {
    if options.list {
        for part in PARTS {
            println!("{:8} {}", part.name, part.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let bench = Bench { pack_gb: options.pack_gb, ..Bench::prepare()? };
    let results = folder("results")?;
    let wanted = |part: &&Part| options.only.is_empty() || options.only.contains(&part.name);
    let mut failed = Vec::new();
    for part in PARTS.iter().filter(wanted) {
        println!("\n── {}: {}", part.name, part.what);
        // One that cannot run here (no adapter, no disk) does not keep the others from it.
        if let Err(error) = bench.measure(part, &results, options) {
            println!("{}: {error:#}", part.name);
            failed.push(part.name);
        }
    }
    let measured: Vec<Measured> = PARTS
        .iter()
        .filter_map(|part| Measured::read(&results.join(format!("{}.json", part.name))))
        .collect();
    let path = repo::root().join("docs/benchmarks.md");
    fs::write(&path, report::render(&machine::describe(&bench.browser)?, &measured))?;
    let bars: Vec<_> = measured.iter().flat_map(|part| &part.section.bars).collect();
    let met = bars.iter().filter(|bar| bar.met == Some(true)).count();
    println!("\n{}: {met} of {} bars met", path.display(), bars.len());
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

impl Bench {
    /// Installs and builds what is measured, and what it is measured with.
    pub fn prepare() -> Result<Bench> {
        node::install()?;
        let browser = Browser::install()?;
        site::make()?;
        // As people run it: a release build, which carries the viewer.
        let build = ["build", "--quiet", "--release", "--locked", "--package", "replayscope-cli"];
        progress::step("command line, release", || process::run(process::cargo().args(build)))?;
        let name = format!("replayscope{}", std::env::consts::EXE_SUFFIX);
        Ok(Bench { browser, program: repo::cargo_target().join("release").join(name), pack_gb: PACK_GB })
    }

    fn measure(&self, part: &Part, results: &Path, options: &Options) -> Result<()> {
        let raw = results.join(format!("{}.section.json", part.name));
        let load = machine::load();
        let start = Instant::now();
        (part.run)(self, part.name, &raw)?;
        let text = fs::read_to_string(&raw).with_context(|| format!("{} measured nothing", part.name))?;
        fs::remove_file(&raw)?;
        let section: Section = serde_json::from_str(&text)?;
        let mut command = format!("cargo xtask bench {}", part.name);
        #[allow(clippy::float_cmp, reason = "said, or not said")]
        if part.name == "pack" && options.pack_gb != PACK_GB {
            command = format!("{command} --pack-gb {}", options.pack_gb);
        }
        for bar in &section.bars {
            println!("{:7} {}: {} ({})", bar.verdict(), bar.figure, bar.measured, bar.must);
        }
        let measured = Measured {
            command,
            date: machine::today(),
            revision: machine::revision(),
            seconds: start.elapsed().as_secs_f64(),
            load,
            section,
        };
        fs::write(results.join(format!("{}.json", part.name)), serde_json::to_string_pretty(&measured)?)?;
        println!("{}: {}", part.name, process::seconds(start.elapsed()));
        Ok(())
    }

    /// What every bench is told.
    pub fn command(&self, mut command: Command) -> Result<Command> {
        command
            .env("CHROME", &self.browser.chrome)
            .env("REPLAYSCOPE_BIN", &self.program)
            .env("REPLAYSCOPE_BENCH", folder("")?)
            .env("REPLAYSCOPE_PACK_GB", self.pack_gb.to_string());
        Ok(command)
    }
}

/// A folder for figures and inputs, ignored by git.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = repo::root().join("target").join("bench").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// In the browser: `benches/NAME.js`.
fn page(bench: &Bench, name: &str, out: &Path) -> Result<()> {
    let mut node = bench.command(process::command("node"))?;
    process::run(node.arg("benches/main.js").arg(name).arg(out))
}

/// Natively: `benches/native/NAME.rs`.
fn native(bench: &Bench, name: &str, out: &Path) -> Result<()> {
    let mut cargo = bench.command(process::cargo())?;
    let words = ["bench", "--quiet", "--locked", "--package", "replayscope-bench", "--bench", name, "--"];
    process::run(cargo.args(words).arg("--out").arg(out))
}

/// Natively, which leaves a session of each codec chain behind; then the same ones in the browser.
fn decode(bench: &Bench, name: &str, out: &Path) -> Result<()> {
    native(bench, name, out)?;
    let native: Section = serde_json::from_str(&fs::read_to_string(out)?)?;
    page(bench, name, out)?;
    let page: Section = serde_json::from_str(&fs::read_to_string(out)?)?;
    if native.title.is_empty() {
        bail!("the native bench gave no title");
    }
    fs::write(out, serde_json::to_string(&native.and(page))?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options> {
        Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn parts_and_sizes_are_read_and_others_refused() {
        let all = Options { only: vec![], pack_gb: PACK_GB, list: false };
        assert_eq!(parse(&[]).unwrap(), all);
        let some = Options { only: vec!["pack", "play"], pack_gb: 10.0, list: false };
        assert_eq!(parse(&["pack", "--pack-gb", "10", "play"]).unwrap(), some);
        assert!(parse(&["--pack-gb"]).is_err());
        assert!(parse(&["--pack-gb", "-1"]).is_err());
        assert!(parse(&["paly"]).unwrap_err().to_string().contains("play"));
    }
}
