//! What the tests share: files read as the page would, by ranges, and where the real ones are.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use std::path::{Path, PathBuf};

use replayscope_files::{Entry, Kind, Parser, Step, Storage, StoredChunk, Structure};
use replayscope_json::Json;
use serde_json::{Value, json};

/// What reading a file came to, and what it took.
pub struct Outcome {
    /// The answer, or what is wrong.
    pub result: Result<Value, String>,
    /// Steps that needed something.
    pub needs: usize,
    /// Bytes that were asked for.
    pub bytes: u64,
}

/// Reads a file that is in memory.
pub fn read(kind: Kind, file: &[u8]) -> Outcome {
    let (mut reading, mut outcome) =
        (Parser::new(kind, file.len() as u64), Outcome { result: Err(String::new()), needs: 0, bytes: 0 });
    let mut asked: Vec<(u64, u64)> = Vec::new();
    loop {
        match reading.step() {
            Step::Needs(ranges) => {
                assert!(ranges.iter().len() > 0);
                outcome.needs += 1;
                for range in ranges {
                    assert!(range.start < range.end && range.end <= file.len() as u64, "{range:?}");
                    outcome.bytes += range.end - range.start;
                    asked.push((range.start, range.end));
                    reading.supply(range.start, file[range.start as usize..range.end as usize].to_vec());
                }
            }
            Step::Done(found) => {
                outcome.result = Ok(as_json(found));
                return outcome;
            }
            Step::Failed(reason) => {
                outcome.result = Err(reason);
                return outcome;
            }
        }
    }
}

/// As the expectations are written.
fn as_json(found: Structure) -> Value {
    let (nodes, storage, skipped) = match found {
        Structure::Nodes { nodes, storage, skipped } => (nodes, storage, skipped),
        Structure::Entries { entries, skipped } => {
            let entry = |entry: Entry| {
                let Entry { name, place, deflated, size } = entry;
                json!([name, place.start, place.end, if deflated { 8 } else { 0 }, size])
            };
            return json!({ "entries": entries.into_iter().map(entry).collect::<Vec<_>>(), "skipped": skipped });
        }
    };
    let file = |(path, node): (String, Json)| {
        let key = if path.is_empty() { "zarr.json".to_owned() } else { format!("{path}/zarr.json") };
        (key, Value::String(whole(serde_json::to_value(&node).unwrap()).to_string()))
    };
    let grids: Vec<(String, u64)> = nodes.iter().map(|(path, node)| (path.clone(), grid(node))).collect();
    let array = |(path, place): (String, Storage)| match place {
        Storage::Contiguous { start, bytes } => json!({ "path": path, "start": start, "bytes": bytes }),
        Storage::Chunked(chunks) => {
            let count = grids.iter().find(|(other, _)| *other == path).unwrap().1;
            // Written out for each of the grid.
            let mut all = vec![[-1, 0]; count as usize];
            for StoredChunk { number, start, bytes } in chunks {
                all[number as usize] = [start as i64, bytes as i64];
            }
            json!({ "path": path, "chunks": all.as_flattened() })
        }
        Storage::Inline(values) => {
            json!({ "path": path, "values": values.into_iter().map(number).collect::<Vec<_>>() })
        }
    };
    json!({
        "files": Value::Object(nodes.into_iter().map(file).collect()),
        "arrays": storage.into_iter().map(array).collect::<Vec<_>>(),
        "skipped": skipped,
    })
}

/// Chunks of an array's grid.
fn grid(node: &Json) -> u64 {
    let list = |value: Option<&Json>| -> Vec<u64> {
        value.and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_u64).collect()
    };
    let chunk = list(node.get("chunk_grid").and_then(|grid| grid.get("configuration")?.get("chunk_shape")));
    list(node.get("shape")).iter().zip(chunk).map(|(length, chunk)| length.div_ceil(chunk)).product()
}

/// Whole numbers without a point.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(found) => number(found.as_f64().unwrap()),
        Value::Array(list) => list.into_iter().map(whole).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, whole(value))).collect(),
        value => value,
    }
}

fn number(number: f64) -> Value {
    match number {
        _ if number.is_nan() => "NaN".into(),
        _ if number.is_infinite() => (if number > 0.0 { "Infinity" } else { "-Infinity" }).into(),
        _ if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        _ => number.into(),
    }
}

/// `tests/fixtures/…` of the repository.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(path)
}

/// A path in the folder of real data that lies beside the repository, or at `REPLAYSCOPE_TEST_DATA`. Where it is
/// missing, `None` and a line that says so; a failure with `REPLAYSCOPE_REQUIRE_DATA=1`.
pub fn test_data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("REPLAYSCOPE_TEST_DATA").map_or_else(|| "../shared".into(), PathBuf::from);
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder).join(path);
    if found.exists() {
        return Some(found);
    }
    let optional = std::env::var_os("REPLAYSCOPE_REQUIRE_DATA").is_none_or(|value| value != "1");
    assert!(optional, "{} is missing, and REPLAYSCOPE_REQUIRE_DATA=1", found.display());
    println!("not run, for want of {} (set REPLAYSCOPE_TEST_DATA)", found.display());
    None
}
