//! What a new user meets: a copy of the checkout, rustup with one older stable and no right to install by itself, no
//! tools. The commands run as far as their plan, which says which toolchain they chose and what they would install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;
use crate::{process, progress, repo, toolchain};

/// The oldest stable that may be a user's default; xtask's `rust-version`.
const OLDEST: &str = "1.85.1";
/// A name that nobody asked for: xtask has to find the pinned toolchain by its version.
const LINK: &str = "of-another-name";

/// Counts a test for each thing that holds; the first that does not is an error.
pub fn check() -> Result<Tally> {
    let bare = Bare::prepare()?;
    let tests: [fn(&Bare) -> Result<()>; 5] = [
        chooses_the_pinned_toolchain_under_any_name,
        would_install_the_pinned_toolchain,
        would_install_every_tool,
        names_a_missing_compiler,
        names_an_old_node,
    ];
    for test in tests {
        test(&bare)?;
    }
    Ok(Tally { passed: tests.len(), ..Tally::default() })
}

fn chooses_the_pinned_toolchain_under_any_name(bare: &Bare) -> Result<()> {
    let Some(pinned) = toolchain::chosen().and_then(|chosen| chosen.bin.parent()) else {
        bail!("no toolchain was chosen");
    };
    bare.rustup(&["toolchain", "link", LINK, &pinned.display().to_string()])?;
    let plan = bare.xtask(&["serve", "--plan"]).succeeds();
    bare.rustup(&["toolchain", "uninstall", LINK])?;
    plan?.says(&[&format!("rustup's toolchain {LINK}, whose rustc is {}", toolchain::VERSION)])
}

fn would_install_the_pinned_toolchain(bare: &Bare) -> Result<()> {
    let plan = bare.xtask(&["serve", "--plan"]).succeeds()?;
    plan.says(&[
        &format!("Rust {}", toolchain::VERSION),
        &format!("install  by rustup, beside your default ({OLDEST}"),
        "npm packages",
        "MB to download",
    ])
}

fn would_install_every_tool(bare: &Bare) -> Result<()> {
    let plan = bare.xtask(&["doctor"]).succeeds()?;
    plan.says(&["trunk ", "wasm-pack ", "wasm-bindgen-cli ", "install  by cargo install", "Chromium"])
}

fn names_a_missing_compiler(bare: &Bare) -> Result<()> {
    // cargo links xtask with `cc`, whatever CC says; so the plan is what notices.
    let plan = bare.xtask(&["doctor"]).env("CC", "there-is-no-such-compiler").fails()?;
    plan.says(&["C compiler", "MISSING", "sudo apt-get install build-essential"])
}

fn names_an_old_node(bare: &Bare) -> Result<()> {
    let old = bare.folder.join("old-node");
    fs::create_dir_all(&old)?;
    let node = old.join("node");
    fs::write(&node, "#!/bin/sh\necho v18.20.0\n")?;
    #[cfg(unix)]
    fs::set_permissions(&node, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(old).chain(std::env::split_paths(&path)))?;
    let plan = bare.xtask(&["serve", "--plan"]).env("PATH", path).fails()?;
    plan.says(&["Node.js", "MISSING", "v18.20.0", "https://nodejs.org"])
}

/// The bare machine.
struct Bare {
    folder: PathBuf,
    rustup_home: PathBuf,
}

impl Bare {
    fn prepare() -> Result<Bare> {
        let folder = repo::scratch("bare")?;
        let cache = folder.join("cache");
        if cache.exists() {
            fs::remove_dir_all(&cache)?;
        }
        let bare = Bare { rustup_home: repo::cache()?.join(format!("rustup-{OLDEST}")), folder };
        if bare.rustup(&["which", "rustc", "--toolchain", OLDEST]).is_err() {
            let install = ["toolchain", "install", OLDEST, "--profile", "minimal", "--no-self-update"];
            progress::step(&format!("Rust {OLDEST}, a user's default"), || bare.rustup(&install))?;
        }
        bare.rustup(&["default", OLDEST])?;
        // One that an earlier run left.
        let _ = bare.rustup(&["toolchain", "uninstall", LINK]);
        copy_checkout(&bare.checkout())?;
        Ok(bare)
    }

    fn checkout(&self) -> PathBuf {
        self.folder.join("checkout")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::plain(program);
        command.env("RUSTUP_HOME", &self.rustup_home).env("RUSTUP_AUTO_INSTALL", "0");
        for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        command
    }

    fn rustup(&self, words: &[&str]) -> Result<()> {
        Said::of(self.command("rustup").args(words))?.succeeded().map(drop)
    }

    fn xtask(&self, words: &[&str]) -> Run {
        let mut cargo = self.command("cargo");
        cargo.current_dir(self.checkout()).arg("xtask").args(words);
        // Compiled again for each run of the tests only if it changed.
        cargo.env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo.env("REPLAYSCOPE_CACHE", self.folder.join("cache"));
        Run(cargo)
    }
}

struct Run(Command);

impl Run {
    fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Run {
        self.0.env(name, value);
        self
    }

    fn succeeds(mut self) -> Result<Said> {
        Said::of(&mut self.0)?.succeeded()
    }

    fn fails(mut self) -> Result<Said> {
        let said = Said::of(&mut self.0)?;
        if said.success {
            bail!("`{}` ended well; it should not have. It said:\n{}", said.line, said.text);
        }
        Ok(said)
    }
}

/// What a command said, on both streams.
struct Said {
    line: String,
    success: bool,
    text: String,
}

impl Said {
    fn of(command: &mut Command) -> Result<Said> {
        let line = format!("{command:?}");
        let output =
            command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{line}`"))?;
        let text = [output.stdout, output.stderr].concat();
        Ok(Said { line, success: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() })
    }

    fn succeeded(self) -> Result<Said> {
        if self.success {
            return Ok(self);
        }
        bail!("`{}` failed:\n{}", self.line, self.text)
    }

    fn says(&self, expected: &[&str]) -> Result<()> {
        match expected.iter().find(|part| !self.text.contains(**part)) {
            None => Ok(()),
            Some(part) => bail!("`{}` does not say {part:?}, but:\n{}", self.line, self.text),
        }
    }
}

/// The checkout as git sees it, with what is not committed yet and without what is ignored.
fn copy_checkout(into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    let list = process::ask(process::plain("git").args(["ls-files", "-coz", "--exclude-standard"]))
        .context("`git ls-files` failed: the test copies what git knows of the checkout")?;
    for name in list.split_terminator('\0') {
        let from = repo::root().join(name);
        // A file that was deleted, and not yet committed so.
        if !from.is_file() {
            continue;
        }
        let to = into.join(name);
        fs::create_dir_all(to.parent().unwrap_or(into))?;
        fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}
