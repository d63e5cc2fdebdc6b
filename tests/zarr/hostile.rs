//! Bytes that are not valid: every answer is a value or an error, never a panic, never memory without end.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

use futures_executor::block_on;
use proptest::prelude::*;
use replayscope_zarr::Error;
use replayscope_zarr::array::{ArrayError, Decoded, open_array, open_group};
use replayscope_zarr::source::{ByteSource, MemorySource};

use crate::common::{files, fixture};

type Objects = BTreeMap<String, Vec<u8>>;

/// The arrays of `codecs.zarr`, each with its objects.
fn arrays() -> &'static BTreeMap<String, Objects> {
    static ARRAYS: OnceLock<BTreeMap<String, Objects>> = OnceLock::new();
    ARRAYS.get_or_init(|| {
        let mut arrays: BTreeMap<String, Objects> = BTreeMap::new();
        for (path, bytes) in files(&fixture("zarr/codecs.zarr")) {
            if let Some((array, key)) = path.split_once('/') {
                arrays.entry(array.to_owned()).or_default().insert(key.to_owned(), bytes);
            }
        }
        arrays
    })
}

/// Reads a few chunks of an array, whatever its objects hold. Metadata may claim any number of chunks.
fn read(objects: Objects) -> Result<Vec<Decoded>, Error> {
    let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new(objects));
    let array = block_on(open_array(&source, ""))?;
    let chunks = array.chunks().min(6);
    (0..chunks).map(|chunk| array.decode(&block_on(array.fetch(chunk))?)).collect()
}

/// Damage to an object of any length: positions are taken modulo it.
#[derive(Debug, Clone)]
enum Damage {
    Set(usize, u8),
    Flip(usize, u8),
    Cut(usize),
    Repeat(usize, usize),
    Insert(usize, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        // Headers are at the start, where damage says most.
        4 => (0_usize..24, any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        4 => (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => any::<usize>().prop_map(Damage::Cut),
        1 => (any::<usize>(), 1..300_usize).prop_map(|(at, len)| Damage::Repeat(at, len)),
        1 => (any::<usize>(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len().max(1);
        let at = |at: usize| at % len;
        match self {
            _ if bytes.is_empty() => {}
            Self::Set(place, byte) => bytes[at(*place)] = *byte,
            Self::Flip(place, bit) => bytes[at(*place)] ^= 1 << bit,
            Self::Cut(place) => bytes.truncate(at(*place)),
            Self::Repeat(place, len) => {
                let start = at(*place);
                let part = bytes[start..(start + len).min(bytes.len())].to_vec();
                bytes.splice(start..start, part);
            }
            Self::Insert(place, inserted) => {
                let start = at(*place);
                bytes.splice(start..start, inserted.iter().copied());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_chunks(array: prop::sample::Index, object: prop::sample::Index, damages in prop::collection::vec(damage(), 1..4)) {
        let (name, whole) = array.get(&arrays().iter().collect::<Vec<_>>()).to_owned();
        let mut objects = whole.clone();
        let mut chunks: Vec<_> = objects.iter_mut().filter(|(key, _)| !key.ends_with("zarr.json")).collect();
        if !chunks.is_empty() {
            let chosen = object.index(chunks.len());
            for damage in &damages {
                damage.apply(chunks[chosen].1);
            }
        }
        let (expected, found) = (read(whole.clone()), read(objects));
        // What a checksum covers is right or an error.
        if let ("crc32c" | "zstd_crc32c", Ok(expected), Ok(found)) = (name.as_str(), expected, found) {
            let bits = |chunks: &[Decoded]| -> Vec<u32> {
                chunks.iter().flat_map(|chunk| chunk.values.iter().map(f32::to_bits)).collect()
            };
            prop_assert_eq!(bits(&expected), bits(&found));
        }
    }

    #[test]
    fn damaged_metadata(array: prop::sample::Index, damages in prop::collection::vec(damage(), 1..4)) {
        let mut objects = array.get(&arrays().values().collect::<Vec<_>>()).to_owned().clone();
        for damage in &damages {
            damage.apply(objects.get_mut("zarr.json").unwrap());
        }
        let _ = read(objects);
    }

    #[test]
    fn noise_for_metadata(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new([("zarr.json".to_owned(), bytes)]));
        prop_assert!(block_on(open_group(&source, "")).is_err());
    }

    #[test]
    fn noise_for_chunks(array: prop::sample::Index, mut bytes in prop::collection::vec(any::<u8>(), 0..400), keep in 0..40_usize) {
        let mut objects = array.get(&arrays().values().collect::<Vec<_>>()).to_owned().clone();
        for (key, object) in &mut objects {
            if !key.ends_with("zarr.json") {
                // A true beginning, so that the noise gets past the header.
                let keep = keep.min(object.len()).min(bytes.len());
                bytes[..keep].copy_from_slice(&object[..keep]);
                object.clone_from(&bytes);
            }
        }
        let _ = read(objects);
    }
}

#[test]
fn headers_that_ask_for_much() {
    // Blosc: two gigabytes from sixteen bytes, blocks of one byte, of none.
    let blosc = |len: u32, block: u32| {
        let mut bytes = vec![2, 1, 0x21, 4];
        for word in [len, block, 16] {
            bytes.extend(word.to_le_bytes());
        }
        bytes
    };
    // Zstandard: a window of 3.75 terabytes; a frame that says it holds 2^62 bytes.
    let window = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 1, 0, 0];
    let mut content = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
    content.extend((1_u64 << 62).to_le_bytes());
    content.extend([1, 0, 0]);
    for (name, bytes) in [
        ("blosc_lz4_shuffle", blosc(u32::MAX, u32::MAX)),
        ("blosc_lz4_shuffle", blosc(2368, 1)),
        ("blosc_lz4_shuffle", blosc(2368, 0)),
        ("zstd", window),
        ("zstd", content),
    ] {
        let mut objects = arrays()[name].clone();
        objects.insert("c/0/0".to_owned(), bytes);
        let error = read(objects).unwrap_err();
        assert!(matches!(error, Error::Array(ArrayError::Corrupt { chunk: 0, .. })), "{name}");
    }
}
