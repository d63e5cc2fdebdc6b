//! `NumPy`'s `.npy`, versions 1 to 3, as a Zarr array at the root: a chunk is a number of whole frames.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header is a Python dict
//! literal with exactly three keys. The crates that read it parse any Python literal by recursion (one through a
//! parser generator and a C file) and multiply shapes unchecked; these three keys need neither.

use std::rc::Rc;

use replayscope_json::Json;
use replayscope_zarr::array::{DataType, numpy_type};
use replayscope_zarr::source::ByteSource;

use crate::error::{Error, FileError};
use crate::fetch::read;
use crate::kind::looks_like;
use crate::node;
use crate::virtual_store::{ChunkIndex, VirtualStore};

/// Longest header read; `NumPy`'s own limit is 10,000 characters.
const MAX_HEADER: usize = 10_000;
/// As much is read at first: `NumPy` pads a header to a multiple of 64 bytes, and most have 128.
const FIRST: u64 = 4096;
/// Most axes: lists of an environment are nested as deep as there are. `NumPy`'s own limit was 32 for long.
const MAX_AXES: usize = 32;
const WHAT: &str = "a .npy file";
const AGAIN: &str = "Copy it again, or write it again with `np.save(\"posterior.npy\", posterior)`";

/// What a `.npy` file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    /// `NumPy` type string such as `<f4`.
    pub descr: String,
    /// Column-major: the first index varies fastest.
    pub fortran_order: bool,
    /// Length of each axis.
    pub shape: Vec<u64>,
    /// Where the data begin, in bytes from the start of the file.
    pub data_start: u64,
}

impl NpyHeader {
    /// Reads the header from the first bytes of a file, of which 10,012 are always enough. The error says what is wrong.
    pub fn read(file: &[u8]) -> Result<Self, String> {
        if file.get(..6) != Some(b"\x93NUMPY") {
            return Err(format!("{}, where \\x93NUMPY was to be", looks_like(file)));
        }
        let bytes = |at: usize, count: usize| {
            let bytes = file.get(at..at + count);
            bytes.ok_or_else(|| format!("it ends within its header, after {} bytes", file.len()))
        };
        let (prefix, length) = match bytes(6, 2)?[0] {
            1 => (10, bytes(8, 2).map(|b| usize::from(b[0]) | usize::from(b[1]) << 8)?),
            2 | 3 => (12, bytes(8, 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)?),
            other => return Err(format!("its format version is {other}, and 1 to 3 are known")),
        };
        if length > MAX_HEADER {
            return Err(format!("its header claims {length} bytes, and NumPy writes at most {MAX_HEADER}"));
        }
        let text = bytes(prefix, length)?;
        let text = std::str::from_utf8(text).map_err(|_| "its header is not text".to_owned())?;
        Ok(Self {
            descr: quoted(value_of(text, "descr")?).ok_or("its type is a record, not a single number")?,
            fortran_order: match value_of(text, "fortran_order")? {
                rest if rest.starts_with("True") => true,
                rest if rest.starts_with("False") => false,
                _ => return Err("fortran_order is neither True nor False".to_owned()),
            },
            shape: tuple(value_of(text, "shape")?)?,
            data_start: (prefix + length) as u64,
        })
    }

    /// Number of values, where it fits.
    pub fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, &length| product.checked_mul(length))
    }
}

/// Reads the header, and checks that the file is as long as it says. One round trip.
pub(crate) async fn open(folder: &Rc<dyn ByteSource>, name: &str) -> Result<VirtualStore, Error> {
    let location = folder.location(name);
    let fail =
        |reason: String, how| Error::from(FileError { what: WHAT, reason, how, location: location.clone() });
    let size = folder.size(name).await?;
    let mut head = read(folder, name, 0..size.min(FIRST)).await?;
    if head.len() as u64 == FIRST && NpyHeader::read(&head).is_err() {
        head = read(folder, name, 0..size.min(MAX_HEADER as u64 + 12)).await?;
    }
    let header = NpyHeader::read(&head).map_err(|reason| fail(reason, AGAIN))?;
    let NpyHeader { descr, shape, data_start, .. } = &header;
    if header.fortran_order && shape.len() > 1 {
        let reason = "its array is in Fortran order, so a frame is not one stretch of bytes".to_owned();
        return Err(fail(
            reason,
            "Write it once in C order: python -c \"import numpy as np; \
             np.save('posterior_c.npy', np.ascontiguousarray(np.load('posterior.npy', mmap_mode='r')))\"",
        ));
    }
    let (dtype, big_endian) = numpy_type(descr).ok_or_else(|| {
        let reason = format!("its values are of type {descr}, and floats and integers are read");
        fail(reason, "Convert them: `np.save(\"posterior.npy\", posterior.astype(\"float32\"))`")
    })?;
    let bytes = header.count().and_then(|count| count.checked_mul(element(dtype)));
    let there = size.saturating_sub(*data_start);
    match bytes {
        Some(bytes) if bytes <= there => {}
        _ => {
            let claimed =
                bytes.map_or_else(|| "more than fit in 64 bits".to_owned(), |bytes| bytes.to_string());
            let reason = format!("its shape {shape:?} of {descr} takes {claimed} bytes and it holds {there}");
            return Err(fail(reason, AGAIN));
        }
    }
    let (node, chunks) = contiguous(dtype, big_endian, shape, *data_start);
    Ok(VirtualStore::new(folder.clone(), name, vec![(String::new(), node, chunks)]))
}

/// An array that is stored in one range of the file from byte `start` on: its node, and where its chunks are.
pub(crate) fn contiguous(
    dtype: &'static str,
    big_endian: bool,
    shape: &[u64],
    start: u64,
) -> (Json, ChunkIndex) {
    // An empty array may claim any other lengths.
    let product =
        |lengths: &[u64]| lengths.iter().fold(element(dtype), |product, n| product.saturating_mul(*n));
    let (row, bytes) =
        (product(shape.get(1..).unwrap_or_default()), if shape.contains(&0) { 0 } else { product(shape) });
    // A long column is read in smaller pieces: a search for a time reads some of them one after the other.
    let target = if shape.len() == 1 && bytes > 1 << 20 { 256 << 10 } else { 1 << 20 };
    let rows = (target / row.max(1)).clamp(1, shape.first().copied().unwrap_or(1).max(1));
    let chunk: Vec<u64> = std::iter::once(rows).chain(shape.iter().skip(1).map(|n| (*n).max(1))).collect();
    let node = node::array(dtype, big_endian, shape, &chunk, Vec::new());
    (node, ChunkIndex::Contiguous { start, bytes, chunk: rows.saturating_mul(row) })
}

fn element(dtype: &str) -> u64 {
    DataType::from_name(dtype).map_or(1, DataType::size) as u64
}

/// What follows `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Result<&'a str, String> {
    ['\'', '"']
        .iter()
        .find_map(|quote| text.split_once(&format!("{quote}{key}{quote}")))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
        .map(str::trim_start)
        .ok_or_else(|| format!("its header has no `{key}`"))
}

fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside.to_owned())
}

fn tuple(text: &str) -> Result<Vec<u64>, String> {
    let inside =
        text.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or("its shape is no tuple")?.0;
    let axes = inside.split(',').count();
    if axes > MAX_AXES + 1 {
        return Err(format!("its shape has {axes} axes, above {MAX_AXES}"));
    }
    inside
        .split(',')
        .map(|part| part.trim().trim_end_matches('L'))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| format!("its shape holds `{part}`, which is no length")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, dict: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        if version == 1 {
            bytes.extend((dict.len() as u16).to_le_bytes());
        } else {
            bytes.extend((dict.len() as u32).to_le_bytes());
        }
        bytes.extend(dict.as_bytes());
        bytes
    }

    #[test]
    fn reads_what_numpy_writes() {
        for version in 1..=3 {
            let dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (8000, 397), }          \n";
            let header = NpyHeader::read(&file(version, dict)).unwrap();
            assert_eq!(header.shape, [8000, 397]);
            assert_eq!(header.count(), Some(8000 * 397));
            assert!(!header.fortran_order);
            assert_eq!(numpy_type(&header.descr), Some(("float32", false)));
            assert_eq!(header.data_start, dict.len() as u64 + if version == 1 { 10 } else { 12 });
        }
        let odd = "{\"shape\": (3L,), \"fortran_order\": True, \"descr\": \">f8\"}";
        let header = NpyHeader::read(&file(1, odd)).unwrap();
        assert_eq!((header.shape, header.fortran_order), (vec![3], true));
    }

    #[test]
    fn bad_input_is_an_error() {
        let error = |bytes: &[u8]| NpyHeader::read(bytes).unwrap_err();
        assert!(error(b"PK\x03\x04 and so on").contains("zip archive"));
        assert!(error(b"<!doctype html>").contains("web page"));
        assert!(error(b"\x93NUMPY\x09\x00").contains("version is 9"));
        assert!(error(b"\x93NUMPY\x01\x00\x80").contains("9 bytes"));
        assert!(error(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("4294967295"));
        assert!(error(&file(1, "{'descr': '<f4'}")).contains("fortran_order"));
        let record = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}";
        assert!(error(&file(1, record)).contains("record"));
        let negative = "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}";
        assert!(error(&file(1, negative)).contains("`-1`"));
        let huge = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({0}, {0})}}", u64::MAX);
        assert_eq!(NpyHeader::read(&file(1, &huge)).unwrap().count(), None);
    }
}
