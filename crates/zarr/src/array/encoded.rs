//! A chunk as it is stored.

use std::ops::Range;

/// The bytes of one chunk in time as they are stored.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub(super) chunk: u64,
    pub(super) reads: Vec<Vec<u8>>,
    /// In C order; which read a piece is in, and where. `None` is not stored.
    pub(super) pieces: Vec<Option<(usize, Range<usize>)>>,
}

impl Encoded {
    /// Which chunk along time.
    pub fn chunk(&self) -> u64 {
        self.chunk
    }

    /// Bytes that were read and are held.
    pub fn len(&self) -> usize {
        self.reads.iter().map(Vec::len).sum()
    }

    /// What was read.
    pub fn reads(&self) -> &[Vec<u8>] {
        &self.reads
    }

    /// Where each piece lies: which read, its start and its end in it; the read is −1 where a piece is not stored.
    pub fn places(&self) -> Vec<[i64; 3]> {
        let place = |piece: &Option<(usize, Range<usize>)>| {
            piece
                .as_ref()
                .map_or([-1, 0, 0], |(read, at)| [*read, at.start, at.end].map(|number| number as i64))
        };
        self.pieces.iter().map(place).collect()
    }

    /// Back from [`Encoded::reads`] and [`Encoded::places`].
    pub fn from_places(chunk: u64, reads: Vec<Vec<u8>>, places: Vec<[i64; 3]>) -> Self {
        let piece = |[read, start, end]: [i64; 3]| {
            (read >= 0).then_some((read as usize, start as usize..end as usize))
        };
        Self { chunk, reads, pieces: places.into_iter().map(piece).collect() }
    }

    /// Whether nothing was read, because nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every piece is stored; see [`Decoded::stored`](super::Decoded::stored).
    pub fn is_stored(&self) -> bool {
        self.pieces.iter().all(Option::is_some)
    }
}
