//! How an array is cut up: which objects hold a chunk in time, and what they are called.
//!
//! A *piece* is the smallest unit that can be read: a chunk, or an inner chunk of a shard. All pieces with the same
//! index along time make one chunk in time; there is more than one where the bins are cut too.

use std::ops::Range;

use super::metadata::Extension;
use crate::json::Json;

/// Shape of the array and of its pieces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    /// Length of each dimension, time first; at least one dimension.
    pub shape: Vec<u64>,
    /// Shape of a piece; no zeros.
    pub piece: Vec<u64>,
}

impl Grid {
    /// Pieces along each dimension.
    fn counts(&self) -> impl Iterator<Item = u64> {
        self.shape.iter().zip(&self.piece).map(|(length, piece)| length.div_ceil(*piece))
    }

    /// Chunks along time.
    pub fn chunks(&self) -> u64 {
        self.counts().next().unwrap_or(0)
    }

    /// Pieces of one chunk in time.
    pub fn pieces_per_chunk(&self) -> Option<u64> {
        self.counts().skip(1).try_fold(1, u64::checked_mul)
    }

    /// The frames of a chunk; the last one ends with the array.
    pub fn frames_of(&self, chunk: u64) -> Range<u64> {
        let frames = self.shape[0];
        let start = chunk.saturating_mul(self.piece[0]).min(frames);
        start..start.saturating_add(self.piece[0]).min(frames)
    }

    /// Coordinates of the pieces of a chunk in time, in C order.
    pub fn pieces(&self, chunk: u64) -> Vec<Vec<u64>> {
        let mut pieces = vec![vec![chunk]];
        for count in self.counts().skip(1) {
            let mut finer = Vec::new();
            for piece in &pieces {
                finer.extend((0..count).map(|index| [piece.as_slice(), &[index]].concat()));
            }
            pieces = finer;
        }
        pieces
    }

    /// Whether one piece holds all bins of its frames.
    pub fn whole_frames(&self) -> bool {
        self.shape[1..] == self.piece[1..]
    }

    /// Copies what `piece` and the array share from the piece's elements (`size` bytes each, C order, padded to
    /// the full piece) into `out`, the chunk in time (`frames`, all bins).
    pub fn place(&self, piece: &[u64], elements: &[u8], size: usize, frames: u64, out: &mut [u8]) {
        let to_shape: Vec<_> = [&[frames], &self.shape[1..]].concat();
        let origin: Vec<_> = piece
            .iter()
            .zip(&self.piece)
            .enumerate()
            .map(|(d, (index, n))| if d == 0 { 0 } else { index * n })
            .collect();
        let shared: Vec<_> = to_shape
            .iter()
            .zip(&origin)
            .zip(&self.piece)
            .map(|((n, at), piece)| (n - at).min(*piece))
            .collect();
        let Some((&row, outer)) = shared.split_last().filter(|_| !shared.contains(&0)) else { return };
        let row = row as usize * size;
        let mut at = vec![0; outer.len()];
        loop {
            let zeros = at.iter().chain(&[0]);
            let from = offset(zeros.clone().copied(), &self.piece) * size;
            let to = offset(zeros.zip(&origin).map(|(at, origin)| at + origin), &to_shape) * size;
            out[to..to + row].copy_from_slice(&elements[from..from + row]);
            // Count on, last dimension fastest.
            let Some(d) = (0..outer.len()).rev().find(|&d| at[d] + 1 < outer[d]) else { return };
            at[d] += 1;
            at[d + 1..].fill(0);
        }
    }
}

/// Index of an element in C order.
fn offset(coordinates: impl Iterator<Item = u64>, shape: &[u64]) -> usize {
    coordinates.zip(shape).fold(0, |index, (at, length)| index * length + at) as usize
}

/// How an object's key is made from its coordinates in the chunk grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct KeyEncoding {
    prefix: bool,
    separator: char,
}

impl KeyEncoding {
    /// Reads `chunk_key_encoding`; `None` where it is another one.
    pub fn from_extension(encoding: &Extension) -> Option<Self> {
        let (prefix, default) = match encoding.name.as_str() {
            "default" => (true, '/'),
            "v2" => (false, '.'),
            _ => return None,
        };
        let separator = match encoding.configuration.get("separator").map(Json::as_str) {
            None => default,
            Some(Some("/")) => '/',
            Some(Some(".")) => '.',
            Some(_) => return None,
        };
        Some(Self { prefix, separator })
    }

    /// The key below the array's path.
    pub fn key(self, coordinates: &[u64]) -> String {
        let mut parts: Vec<_> = coordinates.iter().map(ToString::to_string).collect();
        if self.prefix {
            parts.insert(0, "c".to_owned());
        }
        parts.join(self.separator.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_ragged_array_exactly_once() {
        let grid = Grid { shape: vec![5, 3, 4], piece: vec![2, 2, 3] };
        assert_eq!((grid.chunks(), grid.pieces_per_chunk()), (3, Some(4)));
        assert_eq!(grid.frames_of(2), 4..5);
        assert_eq!(grid.pieces(1), [[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]);
        // Every element holds its own index within the array; padding holds 255.
        for chunk in 0..3 {
            let frames = grid.frames_of(chunk);
            let mut out = vec![254; 12 * (frames.end - frames.start) as usize];
            for piece in grid.pieces(chunk) {
                let mut elements = Vec::new();
                for (f, y, x) in (0..12).map(|i| (i / 6, i / 3 % 2, i % 3)) {
                    let (f, y, x) = (piece[0] * 2 + f, piece[1] * 2 + y, piece[2] * 3 + x);
                    elements.push(if f < 5 && y < 3 && x < 4 { (f * 12 + y * 4 + x) as u8 } else { 255 });
                }
                grid.place(&piece, &elements, 1, frames.end - frames.start, &mut out);
            }
            let expected: Vec<u8> = (frames.start as u8 * 12..frames.end as u8 * 12).collect();
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn keys_in_both_encodings() {
        let encoding = |name: &str, separator: Option<&str>| {
            let configuration = separator.map_or(Json::Null, |s| Json::object([("separator", s.into())]));
            KeyEncoding::from_extension(&Extension { name: name.to_owned(), configuration })
        };
        let key = |name, separator| encoding(name, separator).unwrap().key(&[3, 0]);
        assert_eq!(key("default", None), "c/3/0");
        assert_eq!(key("default", Some(".")), "c.3.0");
        assert_eq!(key("v2", None), "3.0");
        assert_eq!(key("v2", Some("/")), "3/0");
        assert!(encoding("fancy", None).is_none() && encoding("default", Some("-")).is_none());
    }
}
