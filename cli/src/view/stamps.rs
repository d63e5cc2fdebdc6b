//! Whether a `.npy` holds time stamps.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::npy::NpyHeader;
use crate::source::regular;

/// Values that are read at a time.
const BATCH: u64 = 1 << 16;

/// Whether the values of a 1-D array are finite and increase.
pub fn increase(path: &Path, header: &NpyHeader) -> io::Result<bool> {
    let (order, kind) = header.descr.split_at_checked(1).unwrap_or_default();
    let (Some(read), &[count]) = (reader(kind), header.shape.as_slice()) else { return Ok(false) };
    let size = kind[1..].parse().unwrap_or(1_usize);
    let mut file = BufReader::new(regular::open(path)?);
    file.seek(SeekFrom::Start(header.data_start))?;
    let (mut last, mut left) = (f64::NEG_INFINITY, count);
    let mut bytes = Vec::new();
    while left > 0 {
        let now = left.min(BATCH);
        bytes.resize(now as usize * size, 0);
        file.read_exact(&mut bytes)?;
        for value in bytes.chunks_exact_mut(size) {
            if order == ">" {
                value.reverse();
            }
            let value = read(value);
            // NaN and infinity are no times.
            if !value.is_finite() || value <= last {
                return Ok(false);
            }
            last = value;
        }
        left -= now;
    }
    Ok(count > 0)
}

/// A function that reads a number of a little-endian type such as `f8`.
fn reader(kind: &str) -> Option<fn(&[u8]) -> f64> {
    /// The first `N` bytes.
    fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
        bytes.first_chunk().copied().unwrap_or([0; N])
    }
    Some(match kind {
        "f4" => |bytes| f64::from(f32::from_le_bytes(first(bytes))),
        "f8" => |bytes| f64::from_le_bytes(first(bytes)),
        "i4" => |bytes| f64::from(i32::from_le_bytes(first(bytes))),
        "u4" => |bytes| f64::from(u32::from_le_bytes(first(bytes))),
        "i8" => |bytes| i64::from_le_bytes(first(bytes)) as f64,
        "u8" => |bytes| u64::from_le_bytes(first(bytes)) as f64,
        _ => return None,
    })
}
