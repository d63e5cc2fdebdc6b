//! The same arrays through zarrs, another Rust reader: the same elements, whatever our own expectations say.

use std::sync::Arc;

use futures_executor::block_on;
use replayscope::array::{Array, DataType};
use zarrs::array::{Array as Oracle, ArrayBytes};
use zarrs::filesystem::FilesystemStore;

use crate::common::fixture;
use crate::fixtures::open;

#[test]
fn zarrs_reads_the_same() {
    let (source, group) = open("codecs.zarr");
    let store = Arc::new(FilesystemStore::new(fixture("zarr/codecs.zarr")).unwrap());
    for (name, metadata) in group.arrays {
        // zarrs knows nothing of CF packing, and refuses checksums below a compressor only by never writing them.
        if !metadata.attributes.is_empty() {
            continue;
        }
        let array = Array::new(source.clone(), &name, metadata).unwrap();
        let oracle = Oracle::open(store.clone(), &format!("/{name}")).unwrap();
        let bytes: ArrayBytes = oracle.retrieve_array_subset(&oracle.subset_all()).unwrap();
        let expected = bytes.into_fixed().unwrap();
        let dtype = array.metadata().dtype().unwrap();
        let mut raw = Vec::new();
        for chunk in 0..array.chunks() {
            let encoded = block_on(array.fetch(chunk)).unwrap();
            match dtype {
                DataType::Float32 => array.decode(&encoded).unwrap().values.iter().for_each(|value| raw.extend(value.to_le_bytes())),
                _ => array.decode_f64(&encoded).unwrap().iter().for_each(|value| raw.extend(back(*value, dtype))),
            }
        }
        assert_eq!(raw, *expected, "{name}");
    }
}

/// The stored element of a value; exact for everything in the fixtures, because float64 holds it.
fn back(value: f64, dtype: DataType) -> Vec<u8> {
    match dtype {
        DataType::Float16 => half::f16::from_f64(value).to_le_bytes().to_vec(),
        DataType::Float32 => (value as f32).to_le_bytes().to_vec(),
        DataType::Float64 => value.to_le_bytes().to_vec(),
        DataType::UInt64 => (value as u64).to_le_bytes().to_vec(),
        _ => (value as i64).to_le_bytes()[..dtype.size()].to_vec(),
    }
}
