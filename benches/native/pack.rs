//! `replayscope pack` of a large `.npy`, against what its codec alone takes for the same values.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_executor::block_on;
use rayon::prelude::*;
use replayscope_bench::{Bar, Section, Table, demo, digits, folder, program, quantile};
use replayscope_cli::source;
use replayscope_zarr::array::open_array;
use serde_json::json;

const REPEATS: usize = 3;
const VALUE: usize = 4;
/// The zstd level of `pack`.
const LEVEL: i32 = 3;
const GIB: f64 = (1_u64 << 30) as f64;

fn main() -> Result<()> {
    let size = std::env::var("REPLAYSCOPE_PACK_GB").map_or(Ok(2.0), |size| size.parse::<f64>())? * 1e9;
    let home = folder().join("pack");
    // An earlier run that was stopped may have left files.
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home)?;
    let result = measure(&home, size);
    fs::remove_dir_all(&home)?;
    report(&result?).write()
}

struct Found {
    bytes: f64,
    stored: f64,
    frames: u64,
    bins: usize,
    /// Bytes a second.
    packed: Vec<f64>,
    codec: Vec<f64>,
    /// Bytes.
    memory: f64,
}

fn measure(home: &Path, size: f64) -> Result<Found> {
    let (tile, frames, bins) = tile()?;
    let times = (size / tile.len() as f64).ceil().max(1.0) as usize;
    let bytes = times * tile.len();
    write_npy(&home.join("posterior.npy"), &tile, times, frames, bins)?;
    write_environment(home, bins)?;
    let (mut packed, mut codec, mut memory, mut stored) = (Vec::new(), Vec::new(), 0.0_f64, 0.0);
    // A long run is its own repetition.
    let repeats = if size > 6e9 { 1 } else { REPEATS };
    for _ in 0..repeats {
        codec.push(codec_alone(&tile, bins)?);
        let session = home.join("session.zarr");
        let (took, peak) = pack(home, &session)?;
        packed.push(bytes as f64 / took);
        memory = memory.max(peak);
        stored = folder_bytes(&session)?;
        fs::remove_dir_all(&session)?;
        codec.push(codec_alone(&tile, bins)?);
    }
    Ok(Found { bytes: bytes as f64, stored, frames: (times * frames) as u64, bins, packed, codec, memory })
}

/// A demo's values as they lie in a `.npy`.
fn tile() -> Result<(Vec<u8>, usize, usize)> {
    let source = source::open(&demo()?.to_string_lossy(), &[])?;
    let array = block_on(open_array(&source, "posterior"))?;
    let mut bytes = Vec::new();
    for chunk in 0..array.chunks() {
        let decoded = array.decode(&block_on(array.fetch(chunk))?)?;
        bytes.extend(decoded.values.iter().flat_map(f32::to_le_bytes));
    }
    bytes.truncate(array.frames() as usize * array.width() * VALUE);
    Ok((bytes, array.frames() as usize, array.width()))
}

fn write_npy(path: &Path, tile: &[u8], times: usize, frames: usize, bins: usize) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&npy_header("<f4", &format!("({}, {bins})", times * frames)))?;
    for _ in 0..times {
        file.write_all(tile).context("no room for the .npy; ask for less with --pack-gb")?;
    }
    Ok(file.flush()?)
}

fn npy_header(descr: &str, shape: &str) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

/// neurospatial's files, as little as `pack` needs of them.
fn write_environment(home: &Path, bins: usize) -> Result<()> {
    let mut centers = npy_header("<f8", &format!("({bins}, 2)"));
    for bin in 0..bins {
        centers.extend([(bin / 32) as f64, (bin % 32) as f64].iter().flat_map(|place| place.to_le_bytes()));
    }
    let mut npz = zip::ZipWriter::new(File::create(home.join("env.npz"))?);
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    npz.start_file("bin_centers.npy", options)?;
    npz.write_all(&centers)?;
    npz.finish()?;
    let environment = json!({
        "schema_version": "Environment-v1", "name": "bench", "n_dims": 2, "n_bins": bins, "layout_type": "Graph", "units": "cm",
    });
    Ok(fs::write(home.join("env.json"), environment.to_string())?)
}

/// Seconds, and the most memory the process had.
fn pack(home: &Path, session: &Path) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut child = Command::new(program())
        .arg("pack")
        .arg(home.join("posterior.npy"))
        .arg(session)
        .arg("--environment")
        .arg(home.join("env.json"))
        .args(["--rate", "500"])
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start `replayscope pack`; name the command line in REPLAYSCOPE_BIN")?;
    let mut peak = f64::NAN;
    // The system keeps the highest mark; the last look before the end is at most so old.
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak_memory(child.id()).unwrap_or(f64::NAN).max(peak);
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = start.elapsed().as_secs_f64();
    ensure!(status.success(), "`replayscope pack` failed ({status})");
    Ok((took, peak))
}

fn peak_memory(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? * 1024.0)
}

/// Bytes a second of byte shuffle, zstd and crc32c on all cores, from memory and to nowhere.
fn codec_alone(tile: &[u8], bins: usize) -> Result<f64> {
    let frame = bins * VALUE;
    let chunk = ((1 << 20) / frame).max(1) * frame;
    let start = Instant::now();
    let packed: Result<Vec<usize>> = tile
        .par_chunks(chunk)
        .map(|values| {
            let packed = zstd::bulk::compress(&shuffle(values), LEVEL)?;
            Ok(packed.len() + crc32c::crc32c(&packed).to_le_bytes().len())
        })
        .collect();
    ensure!(packed?.iter().sum::<usize>() > 0);
    Ok(tile.len() as f64 / start.elapsed().as_secs_f64())
}

/// The values' first bytes, then their second ones, and so on.
fn shuffle(values: &[u8]) -> Vec<u8> {
    let count = values.len() / VALUE;
    let mut shuffled = vec![0; values.len()];
    let mut planes: Vec<&mut [u8]> = shuffled.chunks_mut(count.max(1)).collect();
    for (at, value) in values.as_chunks::<VALUE>().0.iter().enumerate() {
        for (plane, byte) in planes.iter_mut().zip(value) {
            plane[at] = *byte;
        }
    }
    shuffled
}

fn folder_bytes(folder: &Path) -> Result<f64> {
    let mut sum = 0.0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { folder_bytes(&entry.path())? } else { metadata.len() as f64 };
    }
    Ok(sum)
}

fn report(found: &Found) -> Section {
    let Found { bytes, stored, frames, bins, packed, codec, memory } = found;
    let [packed_speed, codec_speed] = [packed, codec].map(|speeds| quantile(speeds, 0.5));
    let share = 100.0 * packed_speed / codec_speed;
    let size = format!("{} GB", digits(bytes / 1e9));
    let speed = |values: &[f64]| {
        let all: Vec<String> = values.iter().map(|value| digits(value / 1e6)).collect();
        format!("{} MB/s (of {})", digits(quantile(values, 0.5) / 1e6), all.join(", "))
    };
    let cores = rayon::current_num_threads();
    Section {
        title: "Packing",
        how: vec![format!(
            "`replayscope pack` of a float32 `.npy` of {frames} frames × {bins} bins, {size}: a demo's values, again and again. The \
             input lies in the system's cache as far as that has room. Against it the codec alone, on all {cores} cores: byte \
             shuffle, zstd {LEVEL} and crc32c of the same values in chunks of 1 MiB, from memory and written nowhere, with the \
             same libraries and a shuffle of the bench's own."
        )],
        bars: vec![
            Bar {
                figure: format!("`pack` of {size} of `.npy`, {cores} cores: speed over the codec alone"),
                must: "≥ 60 %".to_owned(),
                measured: format!("{} %", digits(share)),
                met: share >= 60.0,
            },
            Bar {
                figure: format!("`pack` of {size}: memory"),
                must: "< 1 GiB".to_owned(),
                measured: format!("{} GiB at most", digits(memory / GIB)),
                met: *memory < GIB,
            },
        ],
        tables: vec![Table {
            caption: "Speed, of values as they are in the `.npy`".to_owned(),
            head: vec!["", "speed"],
            rows: vec![
                vec!["`replayscope pack`".to_owned(), speed(packed)],
                vec!["codec alone".to_owned(), speed(codec)],
                vec!["stored".to_owned(), format!("{} % of the values", digits(100.0 * stored / bytes))],
            ],
        }],
        notes: Vec::new(),
    }
}
