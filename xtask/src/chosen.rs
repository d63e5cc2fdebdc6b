//! The toolchain that every command runs with, once it is found.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// An installed toolchain of the pinned version that has all it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// What rustup calls it.
    pub name: String,
    /// The folder of its programs.
    pub bin: PathBuf,
}

static CHOSEN: OnceLock<Toolchain> = OnceLock::new();

/// The toolchain that commands run with; `None` before one is chosen.
pub fn toolchain() -> Option<&'static Toolchain> {
    CHOSEN.get()
}

/// Has every command run with a toolchain from now on; the first one stays.
pub fn choose(toolchain: Toolchain) {
    let _ = CHOSEN.set(toolchain);
}

impl Toolchain {
    /// Has `command`, and whatever it starts, run with this toolchain.
    pub fn apply(&self, command: &mut Command) {
        command.env("PATH", self.path()).env("RUSTUP_TOOLCHAIN", &self.name);
    }

    /// `PATH` with this toolchain's programs first: a program that looks for cargo there must not find another one.
    pub fn path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&path));
        // rustup's own proxies go by RUSTUP_TOOLCHAIN where a folder's name cannot stand in PATH.
        std::env::join_paths(folders).unwrap_or(path)
    }
}
