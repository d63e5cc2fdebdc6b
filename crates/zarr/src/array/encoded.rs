//! A chunk as it is stored, and as it is decoded.

use std::ops::Range;

use replayscope_codecs::{Lost, Values};

/// The bytes of one chunk in time as they are stored.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub(super) chunk: u64,
    pub(super) reads: Vec<Vec<u8>>,
    /// The inner chunks in C order: which read holds each, and where in it. `None`: not stored.
    pub(super) inner: Vec<Option<(usize, Range<usize>)>>,
}

impl Encoded {
    /// The number of the chunk along time.
    pub fn chunk(&self) -> u64 {
        self.chunk
    }

    /// Bytes that were read, all together.
    pub fn len(&self) -> usize {
        self.reads.iter().map(Vec::len).sum()
    }

    /// The bytes of each read.
    pub fn reads(&self) -> &[Vec<u8>] {
        &self.reads
    }

    /// Where each inner chunk is: the number of its read, its start and its end in the read. The read is −1 where the inner chunk is
    /// not stored.
    pub fn ranges(&self) -> Vec<[i64; 3]> {
        let range = |inner: &Option<(usize, Range<usize>)>| {
            inner
                .as_ref()
                .map_or([-1, 0, 0], |(read, at)| [*read, at.start, at.end].map(|number| number as i64))
        };
        self.inner.iter().map(range).collect()
    }

    /// Back from [`Encoded::reads`] and [`Encoded::ranges`].
    pub fn from_ranges(chunk: u64, reads: Vec<Vec<u8>>, ranges: Vec<[i64; 3]>) -> Self {
        let inner = |[read, start, end]: [i64; 3]| {
            (read >= 0).then_some((read as usize, start as usize..end as usize))
        };
        Self { chunk, reads, inner: ranges.into_iter().map(inner).collect() }
    }

    /// Whether nothing was read, because nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every inner chunk is stored; see [`Decoded::stored`].
    pub fn is_stored(&self) -> bool {
        self.inner.iter().all(Option::is_some)
    }
}

/// What [`Array::unpack`](super::Array::unpack) made of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Unpacked {
    /// Little-endian elements, as [`Values`] keep them.
    pub elements: Vec<u8>,
    /// How many of the values float32 cannot hold.
    pub lost: Lost,
}

/// The values of one chunk in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Which frames.
    pub frames: Range<u64>,
    /// One row a frame, one column a bin.
    pub values: Values,
    /// How many of the stored values float32 cannot hold.
    pub lost: Lost,
    /// False where the chunk, or any inner chunk of it, is not stored: those values are the fill value, and no data.
    pub stored: bool,
    /// Bytes that were read for it.
    pub encoded_bytes: u64,
}
