//! Broken files: whatever is in them, reading ends, and without a panic.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;

use common::{fixture, read, test_data};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use replayscope_files::Kind;

fn files(folder: &str, extensions: &[&str]) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(fixture(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries
        .filter(|path| {
            path.extension().is_some_and(|extension| extensions.iter().any(|other| extension == *other))
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A byte, a run of `0xff`, a copy of another place, or the end.
fn damage(file: &mut Vec<u8>, kind: u8, at: usize, from: usize, value: u8) {
    if file.is_empty() {
        return;
    }
    let (at, from) = (at % file.len(), from % file.len());
    match kind {
        0..4 => file[at] = value,
        4 => file[at] ^= 1 << (value & 7),
        5 => file.iter_mut().skip(at).take(usize::from(value) % 9).for_each(|byte| *byte = 0xff),
        6 => {
            let length = (usize::from(value) % 65).min(file.len() - at).min(file.len() - from);
            file.copy_within(from..from + length, at);
        }
        _ => file.truncate(at),
    }
}

fn damages() -> impl Strategy<Value = Vec<(u8, usize, usize, u8)>> {
    // Mostly where structure is, at the start.
    let place = prop_oneof![0..4096_usize, any::<usize>()];
    prop::collection::vec((0..8_u8, place.clone(), place, any::<u8>()), 1..8)
}

/// The parts of a real file in which its structure is.
#[test]
fn a_broken_result_ends() {
    let Some(path) = test_data("sessions/sargolini/results.nc") else { return };
    let whole = fs::read(path).unwrap();
    let structure =
        |at: usize| if at.is_multiple_of(2) { at / 2 % 6655 } else { whole.len() - 1 - at / 2 % 223_000 };
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let damages = prop::collection::vec((0..8_u8, any::<usize>(), any::<usize>(), any::<u8>()), 1..20);
    let ends = runner.run(&damages, |damages| {
        let mut file = whole.clone();
        for (kind, at, from, value) in damages {
            damage(&mut file, kind, structure(at), structure(from), value);
        }
        let _ = read(Kind::Hdf5, &file).result;
        Ok(())
    });
    ends.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_hdf5_ends(which in any::<usize>(), damages in damages()) {
        let files = files("hdf5", &["nc", "h5"]);
        let mut file = files[which % files.len()].clone();
        for (kind, at, from, value) in damages {
            damage(&mut file, kind, at, from, value);
        }
        let outcome = read(Kind::Hdf5, &file);
        prop_assert!(outcome.bytes <= 2 * file.len() as u64 + (64 << 10));
    }

    #[test]
    fn broken_zips_end(which in any::<usize>(), damages in damages()) {
        let files = files("zip", &["zip"]);
        let mut file = files[which % files.len()].clone();
        for (kind, at, from, value) in damages {
            damage(&mut file, kind, at, from, value);
        }
        let _ = read(Kind::Zip, &file).result;
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(Kind::Hdf5, &bytes).result;
        let _ = read(Kind::Zip, &bytes).result;
    }
}
