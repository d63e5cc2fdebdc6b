//! Zips that zarr-python and Python's `zipfile` wrote: what the parser finds in them leads to the bytes that `zipfile` reads.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::io::Read;

use common::{fixture, read};
use replayscope_files::Kind;
use serde_json::{Value, json};

/// An entry's bytes, from its local header on.
fn content(file: &[u8], entry: &Value) -> Vec<u8> {
    let number = |at: usize| entry[at].as_u64().unwrap() as usize;
    let local = &file[number(1)..number(2)];
    let length = |at: usize| usize::from(u16::from_le_bytes([local[at], local[at + 1]]));
    let data = &local[30 + length(26) + length(28)..];
    let mut bytes = Vec::new();
    match number(3) {
        0 => bytes.extend_from_slice(&data[..number(4)]),
        _ => drop(flate2::read::DeflateDecoder::new(data).read_to_end(&mut bytes).unwrap()),
    }
    assert_eq!(bytes.len(), number(4));
    bytes
}

#[test]
fn every_fixture_is_told_as_it_is() {
    for name in ["v2", "v3", "folder", "zip64"] {
        let file = fs::read(fixture(&format!("zip/{name}.zip"))).unwrap();
        let expected: Value =
            serde_json::from_slice(&fs::read(fixture(&format!("zip/{name}.json"))).unwrap()).unwrap();
        let outcome = read(Kind::Zip, &file).result.unwrap_or_else(|reason| panic!("{name}: {reason}"));
        let found: serde_json::Map<String, Value> = outcome["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let hex = content(&file, entry)
                    .iter()
                    .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
                (entry[0].as_str().unwrap().to_owned(), json!(hex))
            })
            .collect();
        assert_eq!(Value::Object(found), expected, "{name}");
        assert_eq!(outcome["skipped"], json!([]), "{name}");
    }
}

#[test]
fn other_compressions_are_skipped_with_a_reason() {
    let outcome = read(Kind::Zip, &fs::read(fixture("zip/bzip2.zip")).unwrap()).result.unwrap();
    assert_eq!(outcome["entries"].as_array().unwrap().len(), 1);
    assert_eq!(outcome["skipped"], json!([["posterior/zarr.json", "it is compressed by method 12"]]));
}

#[test]
fn only_the_end_of_a_large_zip_is_read() {
    // A prefix as of a large first entry: offsets are from where the zip begins, which the reader finds out.
    let zip = fs::read(fixture("zip/v3.zip")).unwrap();
    let mut file = vec![0; 3 << 20];
    file.extend_from_slice(&zip);
    let outcome = read(Kind::Zip, &file);
    assert!(
        outcome.needs <= 2 && outcome.bytes <= 160 << 10,
        "{} needs, {} bytes",
        outcome.needs,
        outcome.bytes
    );
    let outcome = outcome.result.unwrap();
    let starts = outcome["entries"].as_array().unwrap().iter().map(|entry| entry[1].as_u64().unwrap());
    assert_eq!(starts.min(), Some(3 << 20));
}

#[test]
fn what_is_no_whole_zip_is_said() {
    let mut file = fs::read(fixture("zip/v3.zip")).unwrap();
    let flag = file.windows(4).position(|window| window == b"PK\x01\x02").unwrap() + 8;
    file[flag] |= 1;
    assert_eq!(read(Kind::Zip, &file).result.unwrap_err(), "it is encrypted");
    file.truncate(1000);
    let reason = read(Kind::Zip, &file).result.unwrap_err();
    assert_eq!(reason, "it has no zip directory at its end (it may be cut off at 1000 bytes)");
    assert!(read(Kind::Zip, b"").result.is_err());
}
