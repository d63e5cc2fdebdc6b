//! What is at work, and for how long: a line while steps run, and one for each that ended.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process;

/// How often a log gets a line.
const LOG_EVERY: Duration = Duration::from_secs(15);
/// How often a terminal's last line is written again.
const TERMINAL_EVERY: Duration = Duration::from_secs(1);

/// Steps at work, with when they began.
static ACTIVE: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());
static TICKER: Once = Once::new();
/// What a terminal has on its last line, if that is ours.
const CLEAR: &str = "\r\x1b[K";

/// Does a step; says while it works how long it has, and at its end how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    active(|steps| {
        steps.push((name.to_owned(), start));
        say(&format!("{name} …"));
    });
    TICKER.call_once(|| drop(thread::spawn(tick)));
    let done = work();
    active(|steps| {
        steps.retain(|step| *step != (name.to_owned(), start));
        let verdict = if done.is_ok() { "" } else { "failed after " };
        say(&format!("{name}: {verdict}{}", process::seconds(start.elapsed())));
    });
    done
}

fn active(work: impl FnOnce(&mut Vec<(String, Instant)>)) {
    // The lock also keeps two lines from being written at once.
    work(&mut ACTIVE.lock().unwrap_or_else(PoisonError::into_inner));
}

fn say(line: &str) {
    let clear = if std::io::stderr().is_terminal() { CLEAR } else { "" };
    eprintln!("{clear}{line}");
}

fn tick() {
    let terminal = std::io::stderr().is_terminal();
    loop {
        thread::sleep(if terminal { TERMINAL_EVERY } else { LOG_EVERY });
        active(|steps| {
            if steps.is_empty() {
                return;
            }
            let line = at_work(steps, Instant::now());
            if terminal {
                eprint!("{CLEAR}{line}");
                let _ = std::io::stderr().flush();
            } else {
                eprintln!("{line}");
            }
        });
    }
}

/// `  … viewer 42 s, command line 1 min 03 s`.
fn at_work(steps: &[(String, Instant)], now: Instant) -> String {
    let step = |(name, start): &(String, Instant)| {
        let whole = Duration::from_secs(now.duration_since(*start).as_secs());
        format!("{name} {}", process::seconds(whole).replace(".0", ""))
    };
    format!("  … {}", steps.iter().map(step).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_at_work_is_named_with_its_time() {
        let start = Instant::now();
        let now = start + Duration::from_secs(63);
        let steps = [("viewer".to_owned(), start), ("npm ci".to_owned(), start + Duration::from_secs(21))];
        assert_eq!(at_work(&steps, now), "  … viewer 1 min 03 s, npm ci 42 s");
    }

    #[test]
    fn a_failed_step_hands_on_its_error() {
        let error = step::<()>("a test", || anyhow::bail!("no")).unwrap_err();
        assert_eq!(error.to_string(), "no");
        assert_eq!(step("a test", || Ok(3)).unwrap(), 3);
    }
}
