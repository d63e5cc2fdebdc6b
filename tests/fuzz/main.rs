//! Whatever bytes a server or a disk gives, opening them ends, and in an error at worst.
//!
//! Each target takes a file that other software wrote and damages it: bytes changed, cut out, put in twice, the end cut off.
//! bolero chooses the damage, for a second a target here; `REPLAYSCOPE_FUZZ_SECONDS=600 cargo test --release --test fuzz` goes on for longer.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

#[path = "../common/mod.rs"]
mod common;

use std::fs;
use std::panic::RefUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use bolero::TypeGenerator;
use futures_executor::block_on;
use replayscope_files::NpyHeader;
use replayscope_files::{Kind, Parser, Step};
use replayscope_json::Json;
use replayscope_session::{Opening, SessionDocument, open, open_in};
use replayscope_viewer::view::from_fragment;
use replayscope_zarr::array::{open_array, open_group};
use replayscope_zarr::source::MemorySource;

use common::{files, fixture};

/// One change of a file; places are taken modulo its length.
#[derive(Debug, Clone, TypeGenerator)]
enum Damage {
    /// Another byte.
    Set(u32, u8),
    /// A number where one may be: little-endian, of 4 bytes.
    Number(u32, u32),
    /// So many bytes less.
    Cut(u32, u8),
    /// So many bytes twice.
    Repeat(u32, u8),
    /// The end is missing.
    End(u32),
}

fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages.iter().take(8) {
        let length = bytes.len().max(1);
        let at = |place: &u32| *place as usize % length;
        let end = |place: &u32, count: &u8| (at(place) + usize::from(*count)).min(bytes.len());
        match damage {
            Damage::Set(place, value) => {
                if let Some(byte) = bytes.get_mut(at(place)) {
                    *byte = *value;
                }
            }
            Damage::Number(place, value) => {
                let to = end(place, &4);
                let range = at(place).min(to)..to;
                let count = range.len();
                bytes[range].copy_from_slice(&value.to_le_bytes()[..count]);
            }
            Damage::Cut(place, count) => {
                let to = end(place, count);
                bytes.drain(at(place).min(to)..to);
            }
            Damage::Repeat(place, count) => {
                let to = end(place, count);
                let again = bytes[at(place).min(to)..to].to_vec();
                bytes.splice(to..to, again);
            }
            Damage::End(place) => bytes.truncate(at(place)),
        }
    }
    bytes
}

/// Damages one of `corpus` at a time.
fn fuzz(corpus: &[Vec<u8>], target: impl Fn(Vec<u8>) + RefUnwindSafe) {
    assert!(!corpus.is_empty(), "a corpus to begin with");
    for whole in corpus {
        target(whole.clone());
    }
    let seconds = std::env::var("REPLAYSCOPE_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    bolero::check!()
        .with_type::<(u8, Vec<Damage>)>()
        .with_test_time(Duration::from_secs(seconds.unwrap_or(1)))
        .for_each(|(which, damages)| target(damaged(&corpus[usize::from(*which) % corpus.len()], damages)));
}

/// Fixtures of a folder by the end of their names.
fn corpus(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let named = files(&fixture(folder)).into_iter().filter(|(name, _)| name.ends_with(ending));
    named.map(|(_, bytes)| bytes).collect()
}

/// One file in a folder of its own.
fn alone(name: &str, bytes: Vec<u8>) -> Rc<MemorySource> {
    Rc::new(MemorySource::new([(name.to_owned(), bytes)]))
}

#[test]
fn npy_headers() {
    fuzz(&corpus("npy", ".npy"), |bytes| {
        let _ = NpyHeader::read(&bytes);
        let opening = Opening { rate: Some(500.0), ..Opening::default() };
        if let Ok(session) = block_on(open_in(alone("a.npy", bytes), "a.npy", opening)) {
            let array = &session.fields[0].array;
            let _ = block_on(array.fetch(0)).and_then(|encoded| array.decode(&encoded));
        }
    });
}

#[test]
fn zarr_metadata() {
    let documents = corpus("zarr", "zarr.json").into_iter().chain(corpus("zarr2", ".zarray"));
    fuzz(&documents.collect::<Vec<_>>(), |bytes| {
        for name in ["zarr.json", ".zarray", ".zmetadata"] {
            let source: Rc<dyn replayscope_zarr::source::ByteSource> = alone(name, bytes.clone());
            let _ = block_on(open_group(&source, ""));
            let _ = block_on(open_array(&source, ""));
        }
        let _ = block_on(open(alone("zarr.json", bytes), Opening::default()));
    });
}

#[test]
fn shards_and_their_indexes() {
    let home = fixture("sargolini/sharded.zarr");
    let whole = files(&home);
    let is_chunk = |name: &str| name.starts_with("posterior/c/");
    let shards: Vec<Vec<u8>> =
        whole.iter().filter(|(name, _)| is_chunk(name)).map(|(_, bytes)| bytes.clone()).collect();
    fuzz(&shards, |bytes| {
        let objects = whole.iter().map(|(name, stored)| {
            let stored = if is_chunk(name) { bytes.clone() } else { stored.clone() };
            (name.clone(), stored)
        });
        let source: Rc<dyn replayscope_zarr::source::ByteSource> = Rc::new(MemorySource::new(objects));
        let array = block_on(open_array(&source, "posterior")).unwrap();
        let _ = block_on(array.fetch(0)).and_then(|encoded| array.decode(&encoded));
    });
}

/// Feeds a parser until it knows.
fn find_out(kind: Kind, bytes: &[u8]) {
    let mut reading = Parser::new(kind, bytes.len() as u64);
    loop {
        match reading.step() {
            Step::Needs(needs) => {
                for range in needs {
                    reading.supply(range.start, bytes[range.start as usize..range.end as usize].to_vec());
                }
            }
            Step::Done(_) | Step::Failed(_) => return,
        }
    }
}

#[test]
fn zip_directories() {
    fuzz(&corpus("zip", ".zip"), |bytes| {
        find_out(Kind::Zip, &bytes);
        let opened = block_on(open_in(alone("a.zip", bytes), "a.zip", Opening::default()));
        if let Ok(session) = opened {
            let array = &session.fields[0].array;
            let _ = block_on(array.fetch(0)).and_then(|encoded| array.decode(&encoded));
        }
    });
}

#[test]
fn hdf5_files() {
    let all = corpus("hdf5", ".nc").into_iter().chain(corpus("hdf5", ".h5"));
    fuzz(&all.collect::<Vec<_>>(), |bytes| {
        find_out(Kind::Hdf5, &bytes);
        if let Ok(session) = block_on(open_in(alone("a.nc", bytes), "a.nc", Opening::default())) {
            let array = &session.fields[0].array;
            let _ = block_on(array.fetch(0)).and_then(|encoded| array.decode(&encoded));
        }
    });
}

#[test]
fn session_documents() {
    let raw =
        br#"{"version": 1, "fields": [{"name": "p", "array": "raw.dat", "dtype": "<f4", "shape": [40, 7]}],
        "time": {"start": 0, "rate": 500}, "overlays": [{"type": "position", "name": "r", "array": "a.npy",
        "time": {"array": "t.npy"}, "color": "\u0023ffffff", "size": 4, "trail_length": 2}]}"#;
    fuzz(&[raw.to_vec()], |bytes| {
        if let Ok(json) = Json::parse(&bytes) {
            let _ = SessionDocument::read(&json);
        }
        let values = fs::read(fixture("npy/raw.dat")).unwrap();
        let folder = [("session.json".to_owned(), bytes), ("raw.dat".to_owned(), values)];
        let _ = block_on(open_in(Rc::new(MemorySource::new(folder)), "session.json", Opening::default()));
    });
}

#[test]
fn links() {
    let link = b"t=12.5&v=1&c=50,0,2&s=0.25&lp=bounce&pj=mean&pc=frames&gp=skip&sel=12.5,13.25&l=posterior;c:magma;r:0,0.5;g:0.8";
    fuzz(&[link.to_vec()], |bytes| {
        let _ = from_fragment(&String::from_utf8_lossy(&bytes));
    });
}
