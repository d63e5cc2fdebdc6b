//! Measures decoding a chunk of 1 MiB for each codec chain, by the viewer's own reader. Leaves a session of each chain
//! in `target/bench/chains/`, which `benches/decode.js` reads in the browser.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use futures_executor::block_on;
use replayscope_bench::{Section, Table, demo, digits, folder, quantile, repeats, spread, timed};
use replayscope_cli::source;
use replayscope_zarr::array::open_array;
use serde_json::{Value, json};
use zarrs::array::{Array as Writer, ArrayMetadata};
use zarrs::filesystem::FilesystemStore;

const CHUNKS: usize = 8;
const REPEATS: usize = 5;
/// Chunks of a session: more than the viewer prefetches, so that some are left to request.
const LINKED: usize = 96;

fn main() -> Result<()> {
    let (values, frames, bins) = demo_values()?;
    let repeats = repeats(REPEATS);
    let mut rows = Vec::new();
    for (name, codecs) in chains() {
        let session = folder().join("chains").join(name);
        write(&session, &values, frames, bins, &codecs).with_context(|| format!("cannot write {name}"))?;
        let source = source::open(&session.to_string_lossy(), &[])?;
        let array = block_on(open_array(&source, "posterior"))?;
        let (mut times, mut stored) = (Vec::new(), 0);
        for chunk in 0..CHUNKS as u64 {
            let encoded = block_on(array.fetch(chunk))?;
            stored += encoded.len();
            for _ in 0..repeats {
                let (decoded, took) = timed(|| array.decode(&encoded));
                times.push(took);
                let start = chunk as usize * frames * bins;
                let same =
                    decoded?.values.iter().zip(&values[start..]).all(|(a, b)| a.to_bits() == b.to_bits());
                ensure!(same, "{name} decodes to something else");
            }
        }
        let bytes = (frames * bins * 4) as f64;
        rows.push(vec![
            name.to_owned(),
            format!("{} %", digits(100.0 * stored as f64 / (CHUNKS as f64 * bytes))),
            spread(&times),
            format!("{} MB/s", digits(bytes / 1e3 / quantile(&times, 0.5))),
        ]);
    }
    let section = Section {
        title: "Decoding",
        how: vec![format!(
            "{CHUNKS} chunks of {frames} frames × {bins} float32 bins, a demo's own values, each {repeats} times: the viewer's reader, \
             compiled natively, on one core, from stored bytes to values. Written by zarrs."
        )],
        tables: vec![Table {
            caption: "A chunk of 1 MiB, natively".to_owned(),
            head: vec!["chain", "stored", "a chunk", "decoded"],
            rows,
        }],
        ..Section::default()
    };
    section.write()
}

/// The first chunks of a demo: values, frames a chunk, bins.
fn demo_values() -> Result<(Vec<f32>, usize, usize)> {
    let source = source::open(&demo()?.to_string_lossy(), &[])?;
    let array = block_on(open_array(&source, "posterior"))?;
    let mut values = Vec::new();
    for chunk in 0..CHUNKS as u64 {
        values.extend(array.decode(&block_on(array.fetch(chunk))?)?.values.iter());
    }
    Ok((values, array.chunk_frames() as usize, array.width()))
}

/// Codecs after `bytes`, or instead of it.
fn chains() -> Vec<(&'static str, Value)> {
    let bytes = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let crc = json!({"name": "crc32c"});
    let zstd = |level: u8| json!({"name": "zstd", "configuration": {"level": level, "checksum": false}});
    let gzip = json!({"name": "gzip", "configuration": {"level": 5}});
    let blosc = |cname: &str, shuffle: &str| {
        let configuration =
            json!({"cname": cname, "clevel": 5, "shuffle": shuffle, "typesize": 4, "blocksize": 0});
        json!({"name": "blosc", "configuration": configuration})
    };
    let transpose = json!({"name": "transpose", "configuration": {"order": [1, 0]}});
    vec![
        ("bytes", json!([bytes])),
        ("bytes-crc32c", json!([bytes, crc])),
        ("transpose", json!([transpose, bytes])),
        ("zstd", json!([bytes, zstd(3)])),
        ("gzip", json!([bytes, gzip])),
        ("blosc-lz4-shuffle", json!([bytes, blosc("lz4", "shuffle")])),
        ("blosc-lz4-bitshuffle", json!([bytes, blosc("lz4", "bitshuffle")])),
        ("blosc-zstd-shuffle", json!([bytes, blosc("zstd", "shuffle")])),
        ("blosc-zstd-shuffle-crc32c", json!([bytes, blosc("zstd", "shuffle"), crc])),
        ("blosc-zstd-bitshuffle", json!([bytes, blosc("zstd", "bitshuffle")])),
    ]
}

/// A session of some chunks.
fn write(session: &Path, values: &[f32], frames: usize, bins: usize, codecs: &Value) -> Result<()> {
    if session.exists() {
        std::fs::remove_dir_all(session)?;
    }
    std::fs::create_dir_all(session)?;
    let store = Arc::new(FilesystemStore::new(PathBuf::from(session))?);
    let array =
        |path: &str, shape: &[usize], chunk: &[usize], dtype: &str, codecs: &Value, names: &[&str]| {
            let metadata: ArrayMetadata = serde_json::from_value(json!({
                "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype, "fill_value": 0.0,
                "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
                "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
                "codecs": codecs, "dimension_names": names,
            }))?;
            let array = Writer::new_with_metadata(store.clone(), path, metadata)?;
            array.store_metadata()?;
            anyhow::Ok(array)
        };
    let posterior =
        array("/posterior", &[LINKED * frames, bins], &[frames, bins], "float32", codecs, &["time", "bin"])?;
    for (chunk, part) in values.chunks(frames * bins).enumerate() {
        posterior.store_chunk(&[chunk as u64, 0], part)?;
    }
    // The same files under more names.
    let file = |chunk: usize| session.join(format!("posterior/c/{chunk}/0"));
    for chunk in CHUNKS..LINKED {
        std::fs::create_dir_all(session.join(format!("posterior/c/{chunk}")))?;
        std::fs::hard_link(file(chunk % CHUNKS), file(chunk))?;
    }
    let plain = json!([{"name": "bytes", "configuration": {"endian": "little"}}]);
    // The last row of the grid is short: any bin count will do.
    let side = (bins as f64).sqrt().ceil() as usize;
    for (name, of) in [
        ("bin_center_x", (|bin, side| bin / side) as fn(usize, usize) -> usize),
        ("bin_center_y", |bin, side| bin % side),
    ] {
        let centers: Vec<f64> = (0..bins).map(|bin| of(bin, side) as f64 + 0.5).collect();
        array(&format!("/{name}"), &[bins], &[bins], "float64", &plain, &["bin"])?
            .store_chunk(&[0], &centers[..])?;
    }
    let document = json!({"version": 1, "time": {"start": 0, "rate": 500}, "fields": [{"name": "posterior", "array": "posterior"}]});
    let group = json!({"zarr_format": 3, "node_type": "group", "attributes": {"replayscope": document}});
    Ok(std::fs::write(session.join("zarr.json"), group.to_string())?)
}
