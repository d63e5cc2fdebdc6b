//! `replayscope range` of a large `.npy`, process and all, against reading the same bytes.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use replayscope_bench::{Bar, Section, digits, folder, program, quantile, timed};

const FRAMES: usize = 1_000_000;
const BINS: usize = 500;
const REPEATS: usize = 9;
/// Milliseconds.
const MOST: f64 = 500.0;

fn main() -> Result<()> {
    let path = folder().join("range.npy");
    write(&path)?;
    let mut times = Vec::new();
    let mut printed = String::new();
    for _ in 0..REPEATS {
        let (output, took) = timed(|| Command::new(program()).arg("range").arg(&path).output());
        let output =
            output.context("cannot start `replayscope range`; name the command line in REPLAYSCOPE_BIN")?;
        ensure!(output.status.success(), "`replayscope range` failed");
        printed = String::from_utf8(output.stdout)?;
        times.push(took);
    }
    let said = |key: &str| {
        printed.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).unwrap_or_default()
    };
    let bytes: u64 = said("bytes").parse().context("no bytes were reported")?;
    let mut bare = Vec::new();
    for repeat in 0..REPEATS as u64 {
        let (read, took) = timed(|| -> Result<usize> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(repeat * bytes))?;
            let mut all = Vec::new();
            Ok(file.take(bytes).read_to_end(&mut all)?)
        });
        read?;
        bare.push(took);
    }
    fs::remove_file(&path)?;
    let [took, bare] = [&times, &bare].map(|times| quantile(times, 0.5));
    let section = Section {
        title: "A colour range, natively",
        how: vec![format!(
            "`replayscope range` of {FRAMES} × {BINS} float32 in a .npy ({} GB, in the system's cache), median of {REPEATS}, with the start \
             of the process: {} frames of {} chunks, {} MB, by method {}.",
            digits((FRAMES * BINS * 4) as f64 / 1e9),
            said("frames"),
            said("chunks"),
            digits(bytes as f64 / 1e6),
            said("method"),
        )],
        bars: vec![Bar {
            figure: "a range of 1,000,000 frames × 500 bins from a local file".to_owned(),
            must: "< 0.5 s".to_owned(),
            measured: format!("{} ms; reading as many bytes alone {} ms", digits(took), digits(bare)),
            met: took < MOST,
        }],
        ..Section::default()
    };
    section.write()
}

/// Values in no order: what they are costs nothing more or less.
fn write(path: &std::path::Path) -> Result<()> {
    fs::create_dir_all(folder())?;
    let mut random = fastrand::Rng::with_seed(5);
    let block: Vec<u8> = (0..20_000 * BINS).flat_map(|_| random.f32().to_le_bytes()).collect();
    let mut file =
        BufWriter::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?);
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({FRAMES}, {BINS}), }}\n");
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    (0..FRAMES / 20_000).try_for_each(|_| file.write_all(&block))?;
    Ok(file.flush()?)
}
