//! Chromium and its driver: the system's own, installed by the system's package manager where that is possible.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::need::{Install, Need, State};
use crate::{process, progress, repo};

const BY_HAND: &str = "The tests need Chromium and its driver. Install them by hand:\n  \
    Debian:  sudo apt-get install chromium chromium-driver\n  \
    Fedora:  sudo dnf install chromium chromedriver\n  \
    Arch:    sudo pacman -S chromium\n  \
    macOS:   brew install --cask chromium chromedriver\n\
    or name ones you have: CHROME=/path/to/chrome CHROMEDRIVER=/path/to/chromedriver cargo xtask test";

/// What the plan says of it.
pub fn item() -> Need {
    let state = match (Browser::find(), installer()) {
        (Some(browser), _) => State::Present(browser.chrome.display().to_string()),
        (None, Ok(_)) => {
            State::Install(Install { from: "apt-get".to_owned(), download_mb: 110, seconds: 30 })
        }
        (None, Err(error)) => State::Missing(format!("{error:#}")),
    };
    Need { what: "Chromium and its driver".to_owned(), state }
}

/// A browser to test in.
pub struct Browser {
    /// The browser.
    pub chrome: PathBuf,
    /// Its `chromedriver`.
    pub driver: PathBuf,
}

impl Browser {
    /// Finds both (`CHROME` and `CHROMEDRIVER` go first, then PATH), installing them where they are missing.
    pub fn install() -> Result<Browser> {
        let browser = if let Some(browser) = Browser::find() {
            browser
        } else {
            install_package()?;
            Browser::find()
                .context("Chromium was installed, but `chromium` and `chromedriver` are not in PATH")?
        };
        browser.check()?;
        Ok(browser)
    }

    fn find() -> Option<Browser> {
        let chrome =
            named("CHROME", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
        Some(Browser { chrome, driver: named("CHROMEDRIVER", &["chromedriver"])? })
    }

    /// A driver of another major version fails with a timeout that says nothing; this says it first.
    fn check(&self) -> Result<()> {
        let major = |program: &Path| {
            let version = process::ask(process::command(program).arg("--version"))
                .with_context(|| format!("`{} --version` failed", program.display()))?;
            let number =
                version.split_whitespace().find_map(|word| word.split('.').next()?.parse::<u32>().ok());
            number.with_context(|| format!("`{} --version` said {version:?}", program.display()))
        };
        let (chrome, driver) = (major(&self.chrome)?, major(&self.driver)?);
        if chrome != driver {
            bail!(
                "{} is version {chrome} and {} is version {driver}; they must be one. \
                 Install matching packages, or name others in CHROME and CHROMEDRIVER.",
                self.chrome.display(),
                self.driver.display()
            );
        }
        Ok(())
    }
}

fn named(variable: &str, programs: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates =
        programs.iter().flat_map(|program| folders.iter().map(move |folder| folder.join(program)));
    candidates.into_iter().find(|path| path.is_file())
}

/// The command that runs `apt-get` as root; an error where there is none.
fn installer() -> Result<Vec<&'static str>> {
    // Ubuntu's `chromium` package is a snap, without a driver in PATH.
    let debian = std::fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| matches!(line, "ID=debian" | "ID=\"debian\"")));
    if !debian {
        bail!("{BY_HAND}");
    }
    if process::ask(process::command("id").arg("-u")).is_some_and(|id| id == "0") {
        return Ok(vec!["env"]);
    }
    if process::ask(process::command("sudo").args(["-n", "true"])).is_none() {
        bail!("Not root, and sudo wants a password.\n{BY_HAND}");
    }
    Ok(vec!["sudo", "-n", "env"])
}

fn install_package() -> Result<()> {
    let installer = installer()?;
    let apt = |words: &[&str], log: &str| {
        let log = repo::scratch("log")?.join(log);
        let mut command = process::command(installer[0]);
        command.args(&installer[1..]);
        command.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get").args(words);
        process::run_logged(&mut command, &log)
    };
    progress::step("Chromium and its driver, by apt-get", || {
        apt(&["update"], "apt-update.log")?;
        // Without a font every screenshot's text is empty boxes.
        let packages = ["chromium", "chromium-driver", "fonts-dejavu-core"];
        apt(&[&["install", "-y", "--no-install-recommends"][..], &packages].concat(), "apt-install.log")
    })
    .context(BY_HAND)
}
