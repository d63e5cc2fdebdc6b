//! Commands: run in the repository's root, told to the user, timed, and never silently failing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::repo;

/// A command that starts in the repository's root, where `rust-toolchain.toml` pins the toolchain.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root());
    // Cargo hands these to xtask; a cargo below it must not see them, or crates that look at them build again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs xtask.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
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

/// What a command said, standard output and errors together, in the order they came.
pub struct Heard {
    /// Whether it ended with success.
    pub success: bool,
    /// Everything it printed.
    pub text: String,
}

/// Runs, showing what it prints while keeping it.
pub fn listen(command: &mut Command) -> Result<Heard> {
    let line = describe(command);
    let (reader, writer) = std::io::pipe()?;
    let errors = writer.try_clone()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(errors)
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    // The command holds copies of the pipe's writing end: reading would never end while they are open here.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut text = String::new();
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let line = String::from_utf8_lossy(&bytes);
        print!("{line}");
        text.push_str(&line);
        bytes.clear();
    }
    std::io::stdout().flush()?;
    Ok(Heard { success: child.wait()?.success(), text })
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

/// Does something that takes a while, and says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("{what} …");
    let start = Instant::now();
    let done = work()?;
    eprintln!("{what}: {}", seconds(start.elapsed()));
    Ok(done)
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
