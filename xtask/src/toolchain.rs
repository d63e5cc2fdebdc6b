//! The pinned Rust toolchain: found among those that rustup has, or installed by it.
//!
//! There is no rust-toolchain.toml: where rustup may not install by itself (`RUSTUP_AUTO_INSTALL=0`), that file stops
//! every cargo before this one can help.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::chosen::{self, Toolchain};
use crate::need::{Install, Need, State};
use crate::{process, progress, repo};

/// The stable that the project is compiled, linted and tested with.
pub const VERSION: &str = "1.99.1";
/// What the page is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";
const COMPONENTS: [&str; 2] = ["rustfmt", "clippy"];
/// Programs that a toolchain with these components has.
const PROGRAMS: [&str; 5] = ["cargo", "rustc", "rustdoc", "cargo-clippy", "rustfmt"];
const RUSTUP: &str = "install rustup from https://rustup.rs, then run the same command again";

/// Installs the pinned toolchain, its components and the wasm target where one of them is missing. From then on every
/// [`process::command`] runs with it.
pub fn install() -> Result<()> {
    if chosen::toolchain().is_some() {
        return Ok(());
    }
    let found = if let Some(found) = find()? {
        found
    } else {
        let log = repo::scratch("log")?.join("rustup.log");
        progress::step(&format!("Rust {VERSION}"), || process::run_logged(&mut install_command(), &log))?;
        find()?.with_context(|| {
            format!("rustup installed Rust {VERSION}, but not all of it is there; see {}", log.display())
        })?
    };
    chosen::choose(found);
    Ok(())
}

fn install_command() -> Command {
    let mut command = rustup();
    // Without --no-self-update, a rustup that a system's package manager installed ends with an error.
    command.args(["toolchain", "install", VERSION, "--profile", "minimal", "--no-self-update"]);
    command.args(["--component", &COMPONENTS.join(","), "--target", TARGET]);
    command
}

/// What the plan says of it.
pub fn item() -> Result<Need> {
    let what = format!("Rust {VERSION}, rustfmt, clippy, {TARGET}");
    let state = if process::ask(rustup().arg("--version")).is_none() {
        State::Missing(RUSTUP.to_owned())
    } else if let Some(found) = find()? {
        State::Present(format!("rustup's toolchain {}, whose rustc is {VERSION}", found.name))
    } else {
        let default = process::ask(rustup().args(["show", "active-toolchain"]));
        let default = default.as_deref().and_then(|text| text.split_whitespace().next()).unwrap_or("none");
        State::Install(Install {
            from: format!("rustup, beside your default ({default}), which stays as it is"),
            download_mb: 145,
            seconds: 25,
        })
    };
    Ok(Need { what, state })
}

/// A complete toolchain of the pinned version: the one of that name, else any other, as `stable` may be.
fn find() -> Result<Option<Toolchain>> {
    let Some(list) = process::ask(rustup().args(["toolchain", "list"])) else {
        anyhow::bail!("rustup is not there, or `rustup toolchain list` fails: {RUSTUP}");
    };
    for name in in_order(&list) {
        let Some(rustc) = process::ask(rustup().args(["which", "rustc", "--toolchain", name])) else {
            continue;
        };
        let Some(bin) = Path::new(&rustc).parent() else { continue };
        if is_complete(bin) && is_pinned(&rustc) {
            return Ok(Some(Toolchain { name: name.to_owned(), bin: bin.to_owned() }));
        }
    }
    Ok(None)
}

/// The names in rustup's list, the pinned version's own first.
fn in_order(list: &str) -> Vec<&str> {
    let mut names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_by_key(|name| !name.starts_with(VERSION));
    names
}

fn is_complete(bin: &Path) -> bool {
    let program = |name: &&str| bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file();
    let target = bin.join("../lib/rustlib").join(TARGET).join("lib");
    PROGRAMS.iter().all(program) && target.is_dir()
}

fn is_pinned(rustc: &str) -> bool {
    // `rustc 1.99.1 (58cf8f9c3 2026-10-13)`
    process::ask(Command::new(rustc).arg("--version"))
        .is_some_and(|text| text.split_whitespace().nth(1) == Some(VERSION))
}

/// rustup, asked of all toolchains and not of the one that runs xtask.
fn rustup() -> Command {
    let mut command = process::plain("rustup");
    command.env_remove("RUSTUP_TOOLCHAIN");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_name_goes_first_and_every_other_stays() {
        let pinned = format!("{VERSION}-x86_64-unknown-linux-gnu");
        let list = format!("stable-x86_64-unknown-linux-gnu (active, default)\n{pinned}\nmine\n");
        assert_eq!(in_order(&list), [pinned.as_str(), "stable-x86_64-unknown-linux-gnu", "mine"]);
        assert_eq!(in_order(""), [""; 0]);
    }

    #[test]
    fn a_toolchain_without_the_target_is_not_complete() {
        let folder = repo::scratch("toolchain-test").unwrap();
        let bin = folder.join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        for name in PROGRAMS {
            std::fs::write(bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)), "").unwrap();
        }
        assert!(!is_complete(&bin));
        std::fs::create_dir_all(folder.join("lib/rustlib").join(TARGET).join("lib")).unwrap();
        assert!(is_complete(&bin));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
