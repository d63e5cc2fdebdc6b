//! `cargo xtask test`: every check and every test, cheap ones first, with a count that can be believed.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::browser::Browser;
use crate::tally::{self, Tally};
use crate::tools::Tools;
use crate::{bare, demo, node, plan, process, repo, site, toolchain};

/// What can be said on the command line.
#[derive(Default)]
pub struct Options {
    only: Vec<&'static Step>,
    keep_going: bool,
    list: bool,
    plan: bool,
}

impl Options {
    /// `[--keep-going] [--list] [--plan] [STEP…]`.
    pub fn parse(words: &[String]) -> Result<Options> {
        let mut options = Options::default();
        for word in words {
            match word.as_str() {
                "--keep-going" => options.keep_going = true,
                "--list" => options.list = true,
                "--plan" => options.plan = true,
                name => {
                    let step = STEPS.iter().find(|step| step.name == name);
                    options.only.push(step.with_context(|| {
                        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                        format!("there is no step {name:?}; the steps are {}", names.join(", "))
                    })?);
                }
            }
        }
        Ok(options)
    }
}

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Bench) -> Result<Tally>,
}

/// In the order they run: what fails fastest comes first, what needs the browser last.
const STEPS: &[Step] = &[
    Step { name: "format", what: "rustfmt", run: format },
    Step {
        name: "structure",
        what: "crates, modules, lengths and paths, as docs/architecture.md rules",
        run: structure,
    },
    Step { name: "lint", what: "rustdoc and clippy, native", run: lint },
    Step { name: "lint-wasm", what: "rustdoc and clippy, wasm", run: lint_wasm },
    Step { name: "types", what: "tsc on www/ and the tests", run: types },
    Step { name: "native", what: "native tests", run: native },
    Step { name: "shell", what: "tests of www/ without wasm", run: shell },
    Step { name: "browser", what: "wasm-pack tests in Chromium", run: browser },
    Step { name: "build", what: "the site and its size", run: build },
    Step { name: "end-to-end", what: "the built site in Chromium", run: end_to_end },
    Step { name: "trunk", what: "`trunk build` makes the same site", run: trunk },
    Step {
        name: "bare",
        what: "the commands' plan with an older stable and no tools",
        run: |_| bare::check(),
    },
];

/// Steps that need the browser or a tool from crates.io.
const TOOL_STEPS: [&str; 3] = ["browser", "end-to-end", "trunk"];

/// Runs the steps; success only if all of them ran and none failed.
pub fn test(options: &Options) -> Result<ExitCode> {
    if options.list {
        for step in STEPS {
            println!("{:12} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if options.plan {
        plan::print(plan::Command::Test)?;
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let data = find_data()?;
    let steps: Vec<&Step> =
        if options.only.is_empty() { STEPS.iter().collect() } else { options.only.clone() };
    let needs_tools = steps.iter().any(|step| TOOL_STEPS.contains(&step.name));
    plan::begin(if needs_tools { plan::Command::Test } else { plan::Command::Site })?;
    let bench = Bench { data, tools: OnceLock::new(), browser: OnceLock::new() };
    let mut outcomes = Vec::new();
    thread::scope(|scope| {
        for step in &steps {
            // While the native tests compile and run, what the steps after them need downloads and builds.
            if step.name == "native" && steps.iter().any(|later| later.name == "browser") {
                scope.spawn(|| (bench.browser().is_ok(), bench.tools().is_ok()));
            }
            println!("\n── {}: {}", step.name, step.what);
            let outcome = Outcome::of(step, &bench);
            let failed = outcome.failed();
            outcomes.push(outcome);
            if failed && !options.keep_going {
                break;
            }
        }
    });
    let code = summary(&steps, &outcomes, start.elapsed());
    if options.only.is_empty() && code == ExitCode::SUCCESS {
        std::fs::write(repo::scratch("stamp")?.join(plan::TESTED), "")?;
    }
    Ok(code)
}

/// Real sessions are part of the tests: a line says that they are missing, or an error where they are required.
fn find_data() -> Result<Option<PathBuf>> {
    let data = repo::test_data();
    if data.is_none() {
        let missing = "REPLAYSCOPE_TEST_DATA (default ../shared) has no sessions/";
        if std::env::var_os("REPLAYSCOPE_REQUIRE_DATA").is_some_and(|value| value == "1") {
            bail!("{missing}, and with REPLAYSCOPE_REQUIRE_DATA=1 it must");
        }
        println!("{missing}: the tests on whole real sessions are not run, those on the cuts in tests/ are");
    }
    Ok(data)
}

/// What the steps share; installed once, by whoever asks first.
struct Bench {
    data: Option<PathBuf>,
    tools: OnceLock<Result<Tools>>,
    browser: OnceLock<Result<Browser>>,
}

impl Bench {
    fn tools(&self) -> Result<&Tools> {
        self.tools.get_or_init(Tools::install).as_ref().map_err(|error| anyhow!("{error:#}"))
    }

    fn browser(&self) -> Result<&Browser> {
        self.browser.get_or_init(Browser::install).as_ref().map_err(|error| anyhow!("{error:#}"))
    }

    fn with_data<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(data) = &self.data {
            command.env("REPLAYSCOPE_TEST_DATA", data);
        }
        command
    }
}

struct Outcome {
    name: &'static str,
    tally: Tally,
    problem: Option<String>,
    took: Duration,
}

impl Outcome {
    fn of(step: &Step, bench: &Bench) -> Outcome {
        let start = Instant::now();
        let (tally, problem) = match (step.run)(bench) {
            Ok(tally) if tally.skipped > 0 => {
                (tally, Some(format!("{} tests were skipped; none may be", tally.skipped)))
            }
            Ok(tally) => (tally, None),
            Err(error) => (Tally::default(), Some(format!("{error:#}"))),
        };
        if let Some(problem) = &problem {
            println!("{}: {problem}", step.name);
        }
        Outcome { name: step.name, tally, problem, took: start.elapsed() }
    }

    fn failed(&self) -> bool {
        self.tally.failed > 0 || self.problem.is_some()
    }
}

fn summary(steps: &[&Step], outcomes: &[Outcome], took: Duration) -> ExitCode {
    let mut sum = Tally::default();
    println!("\n── summary, {}", process::seconds(took));
    for outcome in outcomes {
        let Outcome { name, tally, took, .. } = outcome;
        let verdict = if outcome.failed() { "FAILED" } else { "ok" };
        let counts = if *tally == Tally::default() {
            String::new()
        } else {
            format!("{} passed, {} failed", tally.passed, tally.failed)
        };
        println!("{name:12} {verdict:7} {:>12}  {counts}", process::seconds(*took));
        sum += *tally;
        // A check, or a runner that broke before it could count, is one failure.
        if outcome.failed() && tally.failed == 0 {
            sum.failed += 1;
        }
    }
    for step in &steps[outcomes.len()..] {
        println!("{:12} not run", step.name);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn format(_: &Bench) -> Result<Tally> {
    check(process::cargo().args(["fmt", "--all", "--check"]))
}

fn structure(_: &Bench) -> Result<Tally> {
    check(process::cargo().args(["run", "--quiet", "--locked", "--package", "xtask-structure"]))
}

fn lint(_: &Bench) -> Result<Tally> {
    document(&mut process::cargo(), &["--workspace"])?;
    let words = ["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "-Dwarnings"];
    check(process::cargo().args(words))
}

fn lint_wasm(_: &Bench) -> Result<Tally> {
    let words =
        ["--package", "replayscope", "--package", "replayscope-render", "--target", toolchain::TARGET];
    document(process::without_flags(&mut process::cargo()), &words)?;
    let clippy = ["clippy", "--quiet", "--all-targets", "--locked"];
    check(process::without_flags(process::cargo().args(clippy).args(words).args(["--", "-Dwarnings"])))
}

/// Makes the documentation, of private items too: a link in it to what is not there is an error.
fn document(cargo: &mut Command, packages: &[&str]) -> Result<()> {
    cargo.args(["doc", "--quiet", "--no-deps", "--document-private-items", "--locked"]).args(packages);
    process::run(cargo.env("RUSTDOCFLAGS", "-Dwarnings"))
}

fn types(_: &Bench) -> Result<Tally> {
    node::install()?;
    check(process::command("node").args(["node_modules/typescript/bin/tsc", "--noEmit"]))
}

fn native(bench: &Bench) -> Result<Tally> {
    let mut cargo = process::cargo();
    // The benches draw natively: with them among what is built, every test would be built with wgpu's Vulkan.
    let words = ["test", "--workspace", "--exclude", "replayscope-bench", "--locked", "--no-fail-fast"];
    cargo.args(words);
    count(bench.with_data(&mut cargo), tally::libtest)
}

fn shell(_: &Bench) -> Result<Tally> {
    node::install()?;
    let files = test_files("tests/shell")?;
    if files.is_empty() {
        return Ok(Tally::default());
    }
    count(&mut node_test(&files), tally::node)
}

fn browser(bench: &Bench) -> Result<Tally> {
    let browser = bench.browser()?;
    let mut pack = bench.tools()?.command("wasm-pack");
    pack.args(["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"])
        .arg(&browser.driver);
    // Each package's tests run in its own folder, and the browser's flags are in the first one's.
    pack.args([".", "--package", "replayscope", "--package", "replayscope-render"])
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", repo::root().join("webdriver.json"));
    process::without_flags(&mut pack).env("CHROME", &browser.chrome);
    count(bench.with_data(&mut pack), tally::libtest)
}

fn build(_: &Bench) -> Result<Tally> {
    let declarations = || std::fs::read(repo::root().join(site::DECLARATIONS)).ok();
    let before = declarations();
    site::weigh(&site::make()?)?;
    if declarations() != before {
        bail!(
            "{} was not what src/web/ declares, so `types` checked www/ against something else. The build wrote it \
             anew: run `cargo xtask test types` and commit it",
            site::DECLARATIONS
        );
    }
    Ok(Tally::default())
}

/// Byte for byte: whoever types `trunk build` publishes what was tested.
fn trunk(bench: &Bench) -> Result<Tally> {
    let ours = site::make()?;
    let theirs = repo::scratch("trunk")?;
    let mut trunk = bench.tools()?.command("trunk");
    // Offline, it uses the pinned tools and never fetches others.
    trunk
        .args(["build", "--release", "--offline", "--locked", "--skip-version-check", "--dist"])
        .arg(&theirs);
    // trunk reads NO_COLOR as true or false, where the convention is any value.
    trunk.env_remove("NO_COLOR");
    process::run_logged(process::without_flags(&mut trunk), &repo::scratch("log")?.join("trunk.log"))?;
    // What trunk locks the folder with stays there.
    let _ = std::fs::remove_file(theirs.join(".trunk-lock"));
    let differences = site::differences(&ours, &theirs)?;
    if !differences.is_empty() {
        bail!("`trunk build` makes another site than `cargo xtask build`: {}", differences.join(", "));
    }
    Ok(Tally { passed: 1, ..Tally::default() })
}

fn end_to_end(bench: &Bench) -> Result<Tally> {
    let browser = bench.browser()?;
    let mut node = node_test(&test_files("tests/e2e")?);
    node.env("CHROME", &browser.chrome).env("REPLAYSCOPE_BIN", demo::command_line()?);
    count(bench.with_data(&mut node), tally::node)
}

/// Node's runner. One file at a time: two browsers that draw in software on two cores only slow each other down.
fn node_test(files: &[PathBuf]) -> Command {
    let mut node = process::command("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(files);
    node
}

fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = repo::root().join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}

/// A check passes or fails; it counts no tests.
fn check(command: &mut Command) -> Result<Tally> {
    process::run(command).map(|()| Tally::default())
}

/// A runner's own counts. One that failed without a failed test, or passed without any test, broke.
fn count(command: &mut Command, tally: fn(&str) -> Tally) -> Result<Tally> {
    let heard = process::listen(command)?;
    let mut tally = tally(&heard.text);
    if !heard.success && tally.failed == 0 {
        tally.failed = 1;
    }
    if heard.success && tally.passed == 0 {
        bail!("the runner ended well but counted no test: is a test file missing?");
    }
    Ok(tally)
}
