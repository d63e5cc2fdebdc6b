//! Shared parts of the native benches: their reports, and a session to measure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

/// A figure that has a bar to meet; as in `benches/section.js`.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// Name of the figure.
    pub figure: String,
    /// The required value.
    #[serde(rename = "bar")]
    pub must: String,
    /// The measured value.
    pub measured: String,
    /// Whether the measured value meets the requirement.
    pub met: bool,
}

/// Figures without a bar.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Caption of the table.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// The figures.
    pub rows: Vec<Vec<String>>,
}

/// The report of a bench.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    /// Heading of the section.
    pub title: &'static str,
    /// Paragraphs before the tables.
    pub how: Vec<String>,
    /// Figures with a requirement.
    pub bars: Vec<Bar>,
    /// Figures without one.
    pub tables: Vec<Table>,
    /// Paragraphs after them.
    pub notes: Vec<String>,
}

impl Section {
    /// To the file after `--out`, or, started by hand, to the terminal.
    pub fn write(&self) -> Result<()> {
        let mut words = std::env::args().skip_while(|word| word != "--out");
        let Some(path) = words.nth(1) else {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        };
        std::fs::write(&path, serde_json::to_string(self)?).with_context(|| format!("cannot write {path}"))
    }
}

/// Milliseconds that something takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64() * 1e3)
}

/// Median, and the middle half of the measurements: `12.0 ms (11.2–13.9)`.
pub fn spread(values: &[f64]) -> String {
    format!(
        "{} ms ({}–{})",
        digits(quantile(values, 0.5)),
        digits(quantile(values, 0.25)),
        digits(quantile(values, 0.75))
    )
}

/// The value that `share` of them are below.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// Three digits.
pub fn digits(value: f64) -> String {
    let places = if value.abs() >= 100.0 { 0 } else { 1 + usize::from(value.abs() < 10.0) };
    format!("{value:.places$}")
}

/// Where inputs are kept: `target/bench`.
pub fn folder() -> PathBuf {
    std::env::var_os("REPLAYSCOPE_BENCH")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench"), PathBuf::from)
}

/// Repetitions of a bench: `usual`, or `REPLAYSCOPE_BENCH_REPEATS`, for `cargo xtask bench pairs`.
pub fn repeats(usual: usize) -> usize {
    let said = std::env::var("REPLAYSCOPE_BENCH_REPEATS").ok().and_then(|said| said.parse().ok());
    said.filter(|&repeats| repeats > 0).unwrap_or(usual)
}

/// Path of the command line, which the caller has built.
pub fn program() -> PathBuf {
    std::env::var_os("REPLAYSCOPE_BIN").map_or_else(|| "replayscope".into(), PathBuf::from)
}

/// A demo of 100,000 frames of some 500 bins, made once and kept.
pub fn demo() -> Result<PathBuf> {
    let sessions = folder().join("sessions");
    let session = sessions.join("packed-100000.zarr");
    if !session.join("zarr.json").is_file() {
        std::fs::create_dir_all(&sessions)?;
        let words = ["--seconds", "200", "--rate", "500", "--bins", "23x23", "--seed", "0", "--force"];
        let status = Command::new(program()).arg("demo").arg(&session).args(words).status();
        let status =
            status.context("cannot start `replayscope demo`; name the command line in REPLAYSCOPE_BIN")?;
        ensure!(status.success(), "`replayscope demo` failed");
    }
    Ok(session)
}
