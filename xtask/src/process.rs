//! Commands: run in the repository's root with the pinned toolchain, timed, and never silently failing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{chosen, repo};

/// A command that starts in the repository's root, with whatever toolchain is the user's.
pub fn plain(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root());
    // Cargo hands these to xtask. A cargo below it must not see them: crates that look at them would build again, and
    // the user's own toolchain would stay in force.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        if of_package || ["CARGO", "RUSTC", "RUSTDOC"].contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command
}

/// A command that starts in the repository's root, with the pinned toolchain once `toolchain::install` found it.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = plain(program);
    // Programs are looked for where they were built, whatever else a user's configuration of cargo says.
    command.env("CARGO_TARGET_DIR", repo::cargo_target()).env_remove("CARGO_BUILD_TARGET");
    if let Some(toolchain) = chosen::toolchain() {
        toolchain.apply(&mut command);
    }
    command
}

/// Takes away the flags that a user's environment has for native code: for wasm they are wrong, and they would replace those
/// of .cargo/config.toml, by which the wasm can be cut in two.
pub fn without_flags(command: &mut Command) -> &mut Command {
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS")
}

/// The pinned toolchain's cargo.
pub fn cargo() -> Command {
    match chosen::toolchain() {
        Some(toolchain) => command(toolchain.bin.join("cargo")),
        None => command("cargo"),
    }
}

/// Runs with the terminal's own output.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// What a command printed, standard output and errors together, about in the order they came.
pub struct Heard {
    /// Whether it ended with success.
    pub success: bool,
    /// Everything it printed.
    pub text: String,
}

/// Runs, showing what it prints while keeping it.
pub fn listen(command: &mut Command) -> Result<Heard> {
    let line = describe(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let (sender, lines) = channel();
    let mut text = String::new();
    thread::scope(|scope| {
        let errors_sender = sender.clone();
        scope.spawn(move || send_lines(errors, &errors_sender));
        scope.spawn(move || send_lines(output, &sender));
        for line in lines {
            print!("{line}");
            text.push_str(&line);
        }
    });
    std::io::stdout().flush()?;
    Ok(Heard { success: child.wait()?.success(), text })
}

/// Each line of a stream, until it ends. A stream that cannot be read further ends there: the exit status tells the rest.
fn send_lines(stream: Option<impl Read>, lines: &Sender<String>) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        let _ = lines.send(String::from_utf8_lossy(&bytes).into_owned());
        bytes.clear();
    }
}

/// Runs with its output in a file; a failure shows the end of it.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let line = describe(command);
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        let mut text = Vec::new();
        File::open(log)?.read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let end = lines[lines.len().saturating_sub(30)..].join("\n");
        bail!("`{line}` failed ({status}); the end of {}:\n{end}", log.display());
    }
    Ok(())
}

/// What a command prints on standard output when it succeeds, trimmed.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `4.2 s`, `3 min 05 s`.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
