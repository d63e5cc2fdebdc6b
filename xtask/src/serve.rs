//! `cargo xtask serve`: the viewer and a demo session, by `replayscope serve`.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::{demo, plan, process, site};

/// What can be said on the command line.
#[derive(Default, Debug, PartialEq)]
pub struct Options {
    open: bool,
    port: Option<u16>,
    plan: bool,
}

impl Options {
    /// `[--open] [--port N] [--plan]`.
    pub fn parse(words: &[String]) -> Result<Options> {
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--open" => options.open = true,
                "--plan" => options.plan = true,
                "--port" => {
                    let port = words.next().context("--port needs a number, as in --port 8080")?;
                    let number = port.parse();
                    options.port = Some(number.with_context(|| format!("--port {port} is not 0 to 65535"))?);
                }
                _ => bail!("`cargo xtask serve` knows --open, --port N and --plan, not {word}"),
            }
        }
        Ok(options)
    }
}

/// Builds what changed, then serves until stopped.
pub fn serve(options: &Options) -> Result<ExitCode> {
    if options.plan {
        plan::print(plan::Command::Site)?;
        return Ok(ExitCode::SUCCESS);
    }
    plan::begin(plan::Command::Site)?;
    site::make()?;
    // After the site: the command line carries dist/.
    let program = demo::command_line()?;
    let sessions = demo::SERVE.make()?;
    let mut command = process::command(program);
    command.arg("serve").arg(sessions);
    if let Some(port) = options.port {
        command.args(["--port", &port.to_string()]);
    }
    if options.open {
        command.arg("--open");
    }
    become_(command)
}

/// In place of this process where that exists, so that Ctrl-C and kill reach the server itself.
#[cfg(unix)]
fn become_(mut command: std::process::Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cannot start `replayscope serve`")
}

#[cfg(not(unix))]
fn become_(mut command: std::process::Command) -> Result<ExitCode> {
    process::run(&mut command).map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options> {
        Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_and_others_refused() {
        assert_eq!(parse(&[]).unwrap(), Options::default());
        assert_eq!(
            parse(&["--port", "8080", "--open"]).unwrap(),
            Options { open: true, port: Some(8080), plan: false }
        );
        assert!(parse(&["--plan"]).unwrap().plan);
        assert!(parse(&["--port"]).is_err());
        assert!(parse(&["--port", "70000"]).is_err());
        assert!(parse(&["--opne"]).is_err());
    }
}
