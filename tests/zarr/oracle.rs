//! The same arrays through zarrs, another Rust reader: the same elements, whatever our own expectations say.

use std::sync::Arc;

use futures_executor::block_on;
use replayscope_zarr::array::{Array, DataType};
use zarrs::array::{Array as Oracle, ArrayBytes};
use zarrs::filesystem::FilesystemStore;

use crate::common::fixture;
use crate::fixtures::{assert_same, open};

#[test]
fn zarrs_reads_the_same() {
    let (source, group) = open("codecs.zarr");
    let store = Arc::new(FilesystemStore::new(fixture("zarr/codecs.zarr")).unwrap());
    for (name, metadata) in group.arrays {
        // zarrs knows nothing of CF packing.
        if metadata.attributes.as_object().is_some_and(|attributes| !attributes.is_empty()) {
            continue;
        }
        let array = Array::new(source.clone(), &name, metadata).unwrap();
        let oracle = Oracle::open(store.clone(), &format!("/{name}")).unwrap();
        let bytes: ArrayBytes = oracle.retrieve_array_subset(&oracle.subset_all()).unwrap();
        let expected = bytes.into_fixed().unwrap();
        let dtype = array.metadata().dtype().unwrap();
        let expected: Vec<u64> =
            expected.chunks_exact(dtype.size()).map(|element| bits(element, dtype)).collect();
        let mut found = Vec::new();
        for chunk in 0..array.chunks() {
            let encoded = block_on(array.fetch(chunk)).unwrap();
            match dtype {
                DataType::Float32 => {
                    let values = array.decode(&encoded).unwrap().values;
                    found.extend(values.iter().map(|value| u64::from(value.to_bits())));
                }
                _ => found.extend(array.decode_f64(&encoded).unwrap().iter().map(|value| value.to_bits())),
            }
        }
        assert_same(&found, &expected, &name);
    }
}

/// A stored element as `decode_f64` is to give it, in bits; float32 as it is.
fn bits(element: &[u8], dtype: DataType) -> u64 {
    let mut bytes = [0; 8];
    bytes[..element.len()].copy_from_slice(element);
    let unsigned = u64::from_le_bytes(bytes);
    // The sign reaches through all eight bytes.
    let unused = 64 - 8 * element.len();
    let signed = (unsigned << unused).cast_signed() >> unused;
    match dtype {
        DataType::Float16 => half::f16::from_bits(unsigned as u16).to_f64().to_bits(),
        DataType::Float32 | DataType::Float64 => unsigned,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => (signed as f64).to_bits(),
        _ => (unsigned as f64).to_bits(),
    }
}
