//! What a command needs: what of it is there, what will be installed, from where, how large and about how long it takes.

use std::fmt::Write;

use anyhow::{Result, bail};

use crate::need::{Install, Need, State};
use crate::tools::{TRUNK, WASM_BINDGEN, WASM_PACK};
use crate::{bare, browser, node, process, repo, toolchain};

/// The stamp that a whole run of the tests leaves, so that what it compiles is there.
pub const TESTED: &str = "tested";

/// A command of xtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `cargo xtask serve`, and `build`: the site.
    Site,
    /// `cargo xtask bench`: the site, and a browser.
    Bench,
    /// `cargo xtask test`: everything.
    Test,
}

/// Everything that a command needs.
#[derive(Debug)]
pub struct Plan {
    items: Vec<Need>,
    build_seconds: u32,
}

impl Plan {
    /// Looks for everything that a command needs; installs nothing.
    pub fn of(command: Command) -> Result<Plan> {
        let mut items = vec![toolchain::item()?, compiler(), node::item()];
        items.push(node::packages_item()?);
        if command != Command::Site {
            items.push(browser::item());
        }
        if command == Command::Test {
            items.push(bare::item()?);
            for tool in [&WASM_BINDGEN, &WASM_PACK, &TRUNK] {
                items.push(tool.item()?);
            }
        }
        // The first build of a checkout; later ones compile what changed.
        let (built, build_seconds) = match command {
            Command::Site => ("site", 300),
            Command::Bench => ("site", 600),
            Command::Test => (TESTED, 1_200),
        };
        let first = !repo::scratch("stamp")?.join(built).is_file();
        Ok(Plan { items, build_seconds: if first { build_seconds } else { 0 } })
    }

    /// Everything, a line each.
    pub fn text(&self) -> String {
        let width = self.items.iter().map(|item| item.what.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for Need { what, state } in &self.items {
            let state = match state {
                State::Present(which) => format!("present  {which}"),
                State::Install(Install { from, download_mb, seconds }) => format!(
                    "install  by {from}; about {download_mb} MB to download, {} on 2 cores",
                    about(*seconds)
                ),
                State::Missing(line) => format!("MISSING  {line}"),
            };
            let _ = writeln!(text, "{what:width$}  {state}");
        }
        text
    }

    /// What will take time before the command does its work; empty where nothing will.
    pub fn announcement(&self) -> String {
        let installs = self.items.iter().filter_map(|item| match &item.state {
            State::Install(install) => Some((&item.what, install)),
            _ => None,
        });
        let (mut seconds, mut text) = (self.build_seconds, String::new());
        for (what, Install { from, download_mb, seconds: takes }) in installs {
            seconds += takes;
            let _ = writeln!(text, "  install {what} by {from} (about {download_mb} MB, {})", about(*takes));
        }
        if self.build_seconds > 0 {
            let _ =
                writeln!(text, "  compile this checkout for the first time ({})", about(self.build_seconds));
        }
        if text.is_empty() {
            return text;
        }
        format!("First, about {} on 2 cores:\n{text}", about(seconds).trim_start_matches("about "))
    }

    /// An error that names everything the project cannot install, with the line to type.
    pub fn check(&self) -> Result<()> {
        let mut missing = String::new();
        for Need { what, state } in &self.items {
            if let State::Missing(line) = state {
                let _ = write!(missing, "\n  {what}: {line}");
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        bail!("this project cannot install everything it needs here. Missing:{missing}")
    }
}

/// Says what is to be installed and about how long it takes; then installs the toolchain, which everything else needs.
pub fn begin(command: Command) -> Result<()> {
    let plan = Plan::of(command)?;
    plan.check()?;
    eprint!("{}", plan.announcement());
    toolchain::install()
}

/// What `--plan` prints.
pub fn print(command: Command) -> Result<()> {
    let plan = Plan::of(command)?;
    print!("{}", plan.text());
    plan.check()
}

/// The C compiler that C libraries are compiled with: `CC`, which may have arguments, else `cc`, which rustc links with.
fn compiler() -> Need {
    let line =
        std::env::var("CC").ok().filter(|line| !line.trim().is_empty()).unwrap_or_else(|| "cc".to_owned());
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default();
    let version = process::ask(process::plain(program).args(words).arg("--version"));
    let version = version.and_then(|text| text.lines().next().map(str::to_owned));
    let state = match version {
        Some(version) => State::Present(version),
        // Visual Studio's linker is found by rustc itself.
        None if cfg!(windows) => State::Present("rustc finds Visual Studio's by itself".to_owned()),
        None => State::Missing(
            "sudo apt-get install build-essential   (Fedora: sudo dnf install gcc; macOS: xcode-select --install)".to_owned(),
        ),
    };
    Need { what: "C compiler".to_owned(), state }
}

/// `about 40 s`, `about 3 min`.
fn about(seconds: u32) -> String {
    if seconds < 90 { format!("about {seconds} s") } else { format!("about {} min", (seconds + 30) / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(state: State) -> Plan {
        Plan { items: vec![Need { what: "thing 1".to_owned(), state }], build_seconds: 0 }
    }

    #[test]
    fn what_will_be_installed_is_announced_with_source_size_and_time() {
        let install = Install { from: "cargo".to_owned(), download_mb: 12, seconds: 200 };
        let plan = plan(State::Install(install));
        assert_eq!(
            plan.text(),
            "thing 1  install  by cargo; about 12 MB to download, about 3 min on 2 cores\n"
        );
        assert_eq!(
            plan.announcement(),
            "First, about 3 min on 2 cores:\n  install thing 1 by cargo (about 12 MB, about 3 min)\n"
        );
        plan.check().unwrap();
    }

    #[test]
    fn what_is_there_is_not_announced() {
        let plan = plan(State::Present("here".to_owned()));
        assert_eq!(plan.text(), "thing 1  present  here\n");
        assert_eq!(plan.announcement(), "");
        plan.check().unwrap();
    }

    #[test]
    fn what_cannot_be_installed_is_an_error_with_the_line_to_type() {
        let plan = plan(State::Missing("sudo apt-get install thing".to_owned()));
        assert!(plan.text().contains("MISSING"));
        let message = plan.check().unwrap_err().to_string();
        assert!(message.contains("thing 1: sudo apt-get install thing"), "{message}");
    }
}
