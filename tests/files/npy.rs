//! `.npy` and raw files that numpy wrote.

use std::fs::{self, File};

use replayscope_session::{Opening, TimeAxis};

use crate::common::fixture;
use crate::shelf::{Shelf, all, bits, frame};

const NAMES: [&str; 10] = ["f2", "f4", "f8", "f4_big", "f8_big", "i1", "i2_big", "u1", "i8", "bool"];

fn at(rate: f64) -> Opening {
    Opening { rate: Some(rate), ..Opening::default() }
}

#[test]
fn every_type_is_what_numpy_reads() {
    let shelf = Shelf::new(fixture("npy"));
    for name in NAMES {
        let session = shelf.open_as(&format!("{name}.npy"), at(250.0)).unwrap();
        let expected = bits(&fs::read(fixture(&format!("npy/{name}.f32"))).unwrap());
        assert_eq!(all(&session.fields[0].array), expected, "{name}");
        assert_eq!(session.fields[0].name, name);
        assert_eq!(session.time, TimeAxis::Regular { start: 0.0, rate: 250.0, frames: 40 });
    }
    let expected = bits(&fs::read(fixture("npy/f4.f32")).unwrap());
    for name in ["version1", "version2", "version3", "memmap"] {
        let session = shelf.open_as(&format!("{name}.npy"), at(1.0)).unwrap();
        assert_eq!(all(&session.fields[0].array), expected, "{name}");
    }
}

#[test]
fn bins_without_an_environment_are_a_row_and_it_says_so() {
    let session = Shelf::new(fixture("npy")).open_as("f4.npy", at(250.0)).unwrap();
    assert_eq!(session.environment.bins(), 7);
    assert_eq!(session.environment.bin_at(3.0, 0.0), Some(3));
    assert!(session.notes.iter().any(|note| note.contains("in a row")), "{:?}", session.notes);
}

#[test]
fn without_a_rate_it_asks_for_one() {
    let error = Shelf::new(fixture("npy")).open("f4.npy").unwrap_err();
    assert_eq!(error.code(), "no-time");
}

#[test]
fn a_raw_file_opens_with_type_and_shape_from_a_document() {
    let document = |shape: &str, dtype: &str| {
        format!(
            "{{\"version\": 1, \"time\": {{\"start\": 0, \"rate\": 500}}, \"fields\": [{{\"name\": \"p\", \
             \"array\": \"raw.dat\", \"dtype\": \"{dtype}\", \"shape\": {shape}}}]}}"
        )
    };
    let shelf = |text: String| Shelf::new(fixture("npy")).with("session.json", text);
    let expected = bits(&fs::read(fixture("npy/f4.f32")).unwrap());
    for dtype in ["float32", "<f4"] {
        let session = shelf(document("[40, 7]", dtype)).open("session.json").unwrap();
        assert_eq!(all(&session.fields[0].array), expected);
    }
    let refused = shelf(document("[41, 7]", "float32")).refused("session.json");
    assert!(refused.contains("1148 bytes and it holds 1120") && refused.contains("array.shape"), "{refused}");
    let refused = shelf(document("[40, 7]", "complex64")).refused("session.json");
    assert!(refused.contains("complex64"), "{refused}");
    let refused = shelf(document("[18446744073709551615, 7]", "float32")).refused("session.json");
    assert!(refused.contains("64 bits"), "{refused}");
}

#[test]
fn what_is_no_array_of_frames_is_refused_with_what_mends_it() {
    let shelf = Shelf::new(fixture("npy"));
    for (name, words) in [
        ("fortran.npy", ["Fortran order", "np.ascontiguousarray"]),
        ("complex.npy", ["<c8", "astype"]),
        ("regular.npy", ["[40]", "(time, bin)"]),
    ] {
        let refused = shelf.open_as(name, at(1.0)).unwrap_err().to_string();
        assert!(words.iter().all(|word| refused.contains(word)), "{refused}");
    }
    let whole = fs::read(fixture("npy/f4.npy")).unwrap();
    for (bytes, words) in [
        (&whole[..whole.len() - 1], ["1120 bytes and it holds 1119", "Copy it again"]),
        (&whole[..60], ["within its header", "60 bytes"]),
        (b"<!doctype html><title>Log in</title>", ["web page", "login"]),
        (b"", ["empty", "np.save"]),
        (b"\x89HDF\r\n\x1a\n", ["HDF5", ".npy"]),
    ] {
        let shelf = Shelf::new(fixture("npy")).with("bad.npy", bytes);
        let refused = shelf.open_as("bad.npy", at(1.0)).unwrap_err().to_string();
        assert!(words.iter().all(|word| refused.contains(word)), "{refused}");
    }
}

#[test]
fn a_gigabyte_opens_from_a_few_kilobytes_and_a_seek_is_one_range() {
    let folder = std::env::temp_dir().join(format!("replayscope-sparse-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let header = fs::read(fixture("npy/f4.npy")).unwrap();
    let text = String::from_utf8_lossy(&header[10..128]).replace("(40, 7)", "(500000, 500)");
    let mut bytes = header[..10].to_vec();
    bytes.extend(&text.as_bytes()[..118]);
    fs::write(folder.join("big.npy"), &bytes).unwrap();
    File::options().write(true).open(folder.join("big.npy")).unwrap().set_len(128 + 1_000_000_000).unwrap();

    let shelf = Shelf::new(&folder);
    let session = shelf.open_as("big.npy", at(500.0)).unwrap();
    assert!(shelf.bytes() <= 4096, "{:?}", shelf.log.borrow());
    let before = shelf.log.borrow().len();
    assert!(frame(&session.fields[0].array, 444_444).iter().all(|bits| *bits == 0));
    let seek = shelf.log.borrow()[before..].to_vec();
    assert!(matches!(&seek[..], [(_, bytes)] if *bytes <= 1 << 20), "{seek:?}");
    fs::remove_dir_all(folder).unwrap();
}
