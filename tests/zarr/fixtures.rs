//! Every array zarr-python and xarray wrote reads as the values they were given, bit for bit.

use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_json::Json;
use replayscope_zarr::array::{Array, ArrayMetadata, Encoded, Group, open_array, open_group};
use replayscope_zarr::source::{ByteSource, MemorySource};

use crate::common::{DiskSource, fixture};

/// Array → name of its expected values, of `zarr` (format 3) or `zarr2`.
fn manifest(format: &str) -> BTreeMap<String, String> {
    serde_json::from_slice(&fs::read(fixture(&format!("{format}/manifest.json"))).unwrap()).unwrap()
}

pub fn open(name: &str) -> (Rc<dyn ByteSource>, Group) {
    open_of("zarr", name)
}

fn open_of(format: &str, name: &str) -> (Rc<dyn ByteSource>, Group) {
    let source = DiskSource::new(fixture(format).join(name));
    let group = block_on(open_group(&source, "")).unwrap();
    (source, group)
}

fn expected_f32(format: &str, name: &str) -> Vec<u32> {
    let bytes = fs::read(fixture(&format!("{format}/expected/{name}.f32"))).unwrap();
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn expected_f64(format: &str, name: &str) -> Vec<u64> {
    let bytes = fs::read(fixture(&format!("{format}/expected/{name}.f64"))).unwrap();
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

/// Reads a whole array chunk by chunk; checks that the chunks' frames follow each other. Bits of the values, and
/// whether each chunk is stored.
fn read(array: &Array) -> (Vec<u32>, Vec<u64>, Vec<bool>) {
    let (mut single, mut double, mut stored, mut next) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for chunk in 0..array.chunks() {
        let encoded = block_on(array.fetch(chunk)).unwrap();
        let decoded = array.decode(&encoded).unwrap();
        assert_eq!(decoded.frames.start, next);
        assert_eq!(decoded.frames, array.frames_of(chunk));
        assert_eq!(array.chunk_of(next), chunk);
        next = decoded.frames.end;
        single.extend(decoded.values.iter().map(f32::to_bits));
        double.extend(array.decode_f64(&encoded).unwrap().iter().map(|value| value.to_bits()));
        stored.push(decoded.stored);
        // As a worker is handed it: an array made from the same node, and bytes with their places.
        let metadata = ArrayMetadata::from_json(&array.metadata().node, "elsewhere").unwrap();
        let elsewhere = Array::new(Rc::new(MemorySource::default()), "elsewhere", metadata).unwrap();
        let handed = Encoded::from_ranges(encoded.chunk(), encoded.reads().to_vec(), encoded.ranges());
        assert_eq!(elsewhere.unpack(&handed), array.unpack(&encoded));
    }
    assert_eq!(next, array.frames());
    (single, double, stored)
}

/// NaNs that were converted keep no promise but to be NaN.
fn numbers(bits: &[u64]) -> Vec<u64> {
    let canonical = |bits: &u64| if f64::from_bits(*bits).is_nan() { f64::NAN.to_bits() } else { *bits };
    bits.iter().map(canonical).collect()
}

/// Says where two lists differ first, and not all that is in them.
pub fn assert_same<T: PartialEq + std::fmt::LowerHex>(found: &[T], expected: &[T], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: length");
    if let Some(at) = (0..found.len()).find(|&at| found[at] != expected[at]) {
        panic!("{what}: element {at} is {:x}, not {:x}", found[at], expected[at]);
    }
}

fn assert_reads(name: &str, array: &Array, expected: &str) -> Vec<bool> {
    assert_reads_of("zarr", name, array, expected)
}

fn assert_reads_of(format: &str, name: &str, array: &Array, expected: &str) -> Vec<bool> {
    let (single, double, stored) = read(array);
    assert_same(&single, &expected_f32(format, expected), &format!("{name} as float32"));
    assert_same(&numbers(&double), &numbers(&expected_f64(format, expected)), &format!("{name} as float64"));
    stored
}

#[test]
fn every_way_of_storing_an_array() {
    let (source, group) = open("codecs.zarr");
    assert!(group.consolidated && group.unreadable.is_empty());
    let manifest = manifest("zarr");
    assert_eq!(
        group.arrays.len(),
        group.arrays.iter().filter(|(name, _)| manifest.contains_key(name)).count()
    );
    assert!(group.arrays.len() > 60);
    for (name, metadata) in group.arrays {
        let array = Array::new(source.clone(), &name, metadata).unwrap();
        let stored = assert_reads(&name, &array, &manifest[&name]);
        let expected = match name.as_str() {
            "holes" | "cut_holes" => vec![true, false, true],
            "absent" => vec![false; 3],
            "shard_holes_start" | "shard_holes_end" => vec![true, false, true, false, false, false],
            _ => vec![true; stored.len()],
        };
        assert_eq!(stored, expected, "{name}");
    }
}

#[test]
fn without_consolidated_metadata() {
    let (source, group) = open("plain.zarr");
    assert!(!group.consolidated && group.arrays.is_empty());
    assert_eq!(group.attributes.get("units").unwrap().as_str(), Some("cm"));
    for name in ["posterior", "inner/posterior"] {
        let array = block_on(open_array(&source, name)).unwrap();
        assert_eq!(array.metadata().dimension(0), "time");
        assert_reads(name, &array, "posterior");
    }
    // A group within a group is a root of its own.
    let inner = block_on(open_group(&source, "inner")).unwrap();
    assert!(!inner.consolidated);
}

#[test]
fn what_xarray_writes() {
    let (source, group) = open("xarray.zarr");
    // A bare NaN among the attributes is no JSON, yet it is what Python writes.
    assert_eq!(group.attributes.get("threshold").unwrap().as_str(), Some("NaN"));
    assert_eq!(group.attributes.get("replayscope").unwrap().get("version").unwrap().as_u64(), Some(1));
    for name in ["posterior", "masked", "packed", "time", "bin_center_x", "bin"] {
        let array = Array::new(source.clone(), name, group.array(name).unwrap().clone()).unwrap();
        assert_reads(name, &array, &format!("xarray_{name}"));
    }
    let posterior =
        Array::new(source.clone(), "posterior", group.array("posterior").unwrap().clone()).unwrap();
    assert_eq!((posterior.frames(), posterior.width(), posterior.chunk_frames()), (23, 37, 10));
    assert_eq!((posterior.metadata().dimension(0), posterior.metadata().dimension(1)), ("time", "bin"));
    // Text, truth and single numbers beside the data do not close the session; each says what it is.
    for (name, word) in [("label", "fixed_length_utf32"), ("moving", "bool"), ("state", "without dimensions")]
    {
        let error =
            Array::new(source.clone(), name, group.array(name).unwrap().clone()).err().unwrap().to_string();
        assert!(error.contains(word), "{name}: {error}");
    }
}

#[test]
fn codecs_are_described_for_people() {
    let (_, group) = open("codecs.zarr");
    let described = |name: &str| group.array(name).unwrap().describe_codecs();
    assert_eq!(described("zstd_crc32c"), "bytes, zstd, crc32c");
    assert_eq!(described("transposed_big_zstd"), "transpose, bytes(big), zstd");
    assert_eq!(described("blosc_lz4_shuffle"), "bytes, blosc(lz4, shuffle)");
    assert_eq!(described("shards_start"), "sharding_indexed(4×37: bytes, zstd; index at start)");
}

#[test]
fn format_2_in_every_way_of_storing() {
    let (source, group) = open_of("zarr2", "codecs.zarr");
    assert!(group.consolidated && group.unreadable.is_empty());
    assert_eq!(group.attributes.get("purpose").and_then(Json::as_str), Some("one array for each way"));
    let manifest = manifest("zarr2");
    let names: Vec<&String> = group.arrays.iter().map(|(name, _)| name).collect();
    assert_eq!(names, manifest.keys().collect::<Vec<_>>());
    for (name, metadata) in group.arrays {
        assert_eq!([metadata.dimension(0), metadata.dimension(1)], ["time", "bin"]);
        let array = Array::new(source.clone(), &name, metadata).unwrap();
        let stored = assert_reads_of("zarr2", &name, &array, &manifest[&name]);
        assert_eq!(
            stored,
            if name == "holes" { vec![true, false, true] } else { vec![true; stored.len()] },
            "{name}"
        );
    }
}

#[test]
fn format_2_without_consolidated_metadata_and_as_xarray_writes_it() {
    let (source, group) = open_of("zarr2", "plain.zarr");
    assert!(!group.consolidated);
    assert_eq!(group.attributes.get("units").and_then(Json::as_str), Some("cm"));
    let array = block_on(open_array(&source, "posterior")).unwrap();
    assert_reads_of("zarr2", "plain", &array, "posterior");

    let (source, group) = open_of("zarr2", "xarray.zarr");
    assert!(group.consolidated);
    let array = Array::new(source.clone(), "posterior", group.array("posterior").unwrap().clone()).unwrap();
    assert_reads_of("zarr2", "xarray", &array, "posterior");
    // Texts are no numbers: that array is reported, and the others open.
    let label =
        Array::new(source.clone(), "label", group.array("label").unwrap().clone()).err().unwrap().to_string();
    assert!(label.contains("Data type `fixed_length_utf32`"), "{label}");
    let session =
        block_on(replayscope_session::open(source, replayscope_session::Opening::default())).unwrap();
    assert_eq!((session.fields.len(), session.time.frames(), session.environment.bins()), (1, 23, 37));
}

/// NaN where xarray masks: by `fill_value` alone in format 2, by the decoded values of a filter, before CF's scale.
#[test]
fn format_2_reads_fill_values_as_xarray_does() {
    let (source, group) = open_of("zarr2", "filled.zarr");
    let expected = std::fs::read(fixture("zarr2/filled.json")).unwrap();
    let expected: BTreeMap<String, Vec<Vec<Option<f32>>>> = serde_json::from_slice(&expected).unwrap();
    let names: Vec<&String> = group.arrays.iter().map(|(name, _)| name).collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>());
    for (name, metadata) in &group.arrays {
        let array = Array::new(source.clone(), name, metadata.clone()).unwrap();
        let mut read = Vec::new();
        for chunk in 0..array.chunks() {
            let decoded = array.decode(&block_on(array.fetch(chunk)).unwrap()).unwrap();
            assert_eq!(decoded.stored, chunk != 1, "{name}");
            read.extend((0..decoded.values.rows()).map(|row| {
                let values = decoded.values.row(row).into_iter();
                values.map(|value| (!value.is_nan()).then_some(value)).collect::<Vec<_>>()
            }));
        }
        assert_eq!(read, expected[name], "{name}");
    }
}
