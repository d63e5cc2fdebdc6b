//! What a new user meets: a copy of the checkout, rustup with one older stable and no right to install by itself, no
//! tools. The commands run as far as their plan, which says which toolchain they chose and what they would install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::need::{Install, Need, State};
use crate::tally::Tally;
use crate::{chosen, process, progress, repo, toolchain};

/// The oldest stable that may be a user's default; xtask's `rust-version`.
const OLDEST: &str = "1.85.1";
/// A name that nobody asked for: xtask has to find the pinned toolchain by its version.
fn link() -> String {
    format!("of-another-name-{}", std::process::id())
}

/// What the plan of the tests says of that stable.
pub fn item() -> Result<Need> {
    let what = format!("Rust {OLDEST}, for the test of an old default");
    let folder = rustup_home()?.join("toolchains");
    let installed = std::fs::read_dir(&folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(OLDEST))
    });
    let state = if installed {
        State::Present(folder.display().to_string())
    } else {
        let from = format!("rustup, into {}", folder.display());
        State::Install(Install { from, download_mb: 110, seconds: 10 })
    };
    Ok(Need { what, state })
}

fn rustup_home() -> Result<PathBuf> {
    Ok(repo::cache()?.join(format!("rustup-{OLDEST}")))
}

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
    let Some(pinned) = chosen::toolchain().and_then(|chosen| chosen.bin.parent()) else {
        bail!("no toolchain was chosen");
    };
    let link = link();
    bare.rustup(&["toolchain", "link", &link, &pinned.display().to_string()])?;
    let plan = bare.xtask(&["serve", "--plan"]).succeeds();
    bare.rustup(&["toolchain", "uninstall", &link])?;
    let chosen = format!("present  rustup's toolchain {link}, whose rustc is {}", toolchain::VERSION);
    plan?.says(&[("Rust ", chosen.as_str())])
}

fn would_install_the_pinned_toolchain(bare: &Bare) -> Result<()> {
    let plan = bare.xtask(&["serve", "--plan"]).succeeds()?;
    let pinned = format!("Rust {}", toolchain::VERSION);
    let install = format!("install  by rustup, beside your default ({OLDEST}");
    plan.says(&[
        (pinned.as_str(), install.as_str()),
        ("npm packages", "install  by npm; about "),
        ("C compiler", "present"),
    ])
}

fn would_install_every_tool(bare: &Bare) -> Result<()> {
    let plan = bare.xtask(&["doctor"]).succeeds()?;
    let install = "install  by cargo install; about ";
    plan.says(&[
        ("trunk ", install),
        ("wasm-pack ", install),
        ("wasm-bindgen-cli ", install),
        ("Chromium ", ""),
    ])
}

fn names_a_missing_compiler(bare: &Bare) -> Result<()> {
    // cargo links xtask with `cc`, whatever CC says; so the plan is what notices.
    let plan = bare.xtask(&["doctor"]).env("CC", "there-is-no-such-compiler").fails()?;
    plan.says(&[("C compiler", "MISSING  sudo apt-get install build-essential")])
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
    plan.says(&[("Node.js", "MISSING  install Node.js 20"), ("Node.js", "node is v18.20.0")])
}

/// The bare machine.
struct Bare {
    folder: PathBuf,
    rustup_home: PathBuf,
}

impl Drop for Bare {
    fn drop(&mut self) {
        // What is left in a folder for temporary files is not worth an error.
        let _ = fs::remove_dir_all(Self::checkout());
    }
}

impl Bare {
    fn prepare() -> Result<Bare> {
        let folder = repo::scratch("bare")?;
        let cache = folder.join("cache");
        if cache.exists() {
            fs::remove_dir_all(&cache)?;
        }
        let bare = Bare { rustup_home: rustup_home()?, folder };
        if bare.rustup(&["which", "rustc", "--toolchain", OLDEST]).is_err() {
            let install = ["toolchain", "install", OLDEST, "--profile", "minimal", "--no-self-update"];
            progress::step(&format!("Rust {OLDEST}, a user's default"), || bare.rustup(&install))?;
        }
        bare.rustup(&["default", OLDEST])?;
        copy_checkout(&Self::checkout())?;
        Ok(bare)
    }

    /// Not below this checkout, whose .cargo/config.toml cargo would read as well; with a space, as many folders have one.
    fn checkout() -> PathBuf {
        std::env::temp_dir().join(format!("replayscope bare {}", std::process::id()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::plain(program);
        command.env("RUSTUP_HOME", &self.rustup_home).env("RUSTUP_AUTO_INSTALL", "0");
        for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
            command.env_remove(name);
        }
        command
    }

    fn rustup(&self, words: &[&str]) -> Result<()> {
        Said::of(self.command("rustup").args(words))?.succeeded().map(drop)
    }

    fn xtask(&self, words: &[&str]) -> Run {
        let mut cargo = self.command("cargo");
        cargo.current_dir(Self::checkout()).arg("xtask").args(words);
        // Compiled again for each run of the tests only if it changed.
        cargo.env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo.env("REPLAYSCOPE_CACHE", self.folder.join("cache"));
        // As many CI services have it: xtask has no warning on the oldest stable either.
        process::without_flags(&mut cargo).env("RUSTFLAGS", "-Dwarnings");
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

    /// For each beginning of a line, what that line says after it.
    fn says(&self, expected: &[(&str, &str)]) -> Result<()> {
        for (start, rest) in expected {
            let said = |line: &str| line.strip_prefix(start).is_some_and(|line| line.contains(rest));
            if !self.text.lines().any(said) {
                bail!("`{}` has no line {start:?} with {rest:?}, but:\n{}", self.line, self.text);
            }
        }
        Ok(())
    }
}

/// The checkout as git sees it, with what is not committed yet and without what is ignored.
fn copy_checkout(into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    let list = process::ask(process::plain("git").args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-coz",
        "--exclude-standard",
    ]))
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
