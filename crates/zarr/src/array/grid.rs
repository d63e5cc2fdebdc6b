//! The grid of an array's chunks.
//!
//! An *inner chunk* is the smallest unit that is decoded by itself: an inner chunk of a shard, or a chunk of an array without shards.
//! All inner chunks with the same index along time make one *chunk in time*; there are several where the bins are divided too.

use std::ops::Range;

/// Shape of the array and of its inner chunks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    /// Length of each dimension, time first; at least one dimension.
    pub shape: Vec<u64>,
    /// Shape of an inner chunk; no zeros.
    pub inner_shape: Vec<u64>,
}

impl Grid {
    /// Inner chunks along each dimension.
    fn counts(&self) -> impl Iterator<Item = u64> {
        self.shape.iter().zip(&self.inner_shape).map(|(length, inner)| length.div_ceil(*inner))
    }

    /// Chunks along time.
    pub fn chunks(&self) -> u64 {
        self.counts().next().unwrap_or(0)
    }

    /// Inner chunks of one chunk in time.
    pub fn inner_chunks_per_chunk(&self) -> Option<u64> {
        self.counts().skip(1).try_fold(1, u64::checked_mul)
    }

    /// The frames of a chunk; the last one ends with the array.
    pub fn frames_of(&self, chunk: u64) -> Range<u64> {
        let frames = self.shape[0];
        let start = chunk.saturating_mul(self.inner_shape[0]).min(frames);
        start..start.saturating_add(self.inner_shape[0]).min(frames)
    }

    /// Coordinates of the inner chunks of a chunk in time, in C order.
    pub fn inner_chunks(&self, chunk: u64) -> Vec<Vec<u64>> {
        let mut inner = vec![vec![chunk]];
        for count in self.counts().skip(1) {
            let mut finer = Vec::new();
            for inner in &inner {
                finer.extend((0..count).map(|index| [inner.as_slice(), &[index]].concat()));
            }
            inner = finer;
        }
        inner
    }

    /// Whether one inner chunk holds all bins of its frames.
    pub fn holds_whole_frames(&self) -> bool {
        self.shape[1..] == self.inner_shape[1..]
    }

    /// Copies what `inner chunk` and the array share from the inner chunk's elements (`size` bytes each, C order, padded to
    /// the full inner chunk) into `out`, the chunk in time (`frames`, all bins).
    pub fn place(&self, inner: &[u64], elements: &[u8], size: usize, frames: u64, out: &mut [u8]) {
        let to_shape: Vec<_> = [&[frames], &self.shape[1..]].concat();
        let origin: Vec<_> = inner
            .iter()
            .zip(&self.inner_shape)
            .enumerate()
            .map(|(d, (index, n))| if d == 0 { 0 } else { index * n })
            .collect();
        let shared: Vec<_> = to_shape
            .iter()
            .zip(&origin)
            .zip(&self.inner_shape)
            .map(|((n, at), inner)| (n - at).min(*inner))
            .collect();
        let Some((&row, outer)) = shared.split_last().filter(|_| !shared.contains(&0)) else { return };
        let row = row as usize * size;
        let mut at = vec![0; outer.len()];
        loop {
            let zeros = at.iter().chain(&[0]);
            let from = offset(zeros.clone().copied(), &self.inner_shape) * size;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_ragged_array_exactly_once() {
        let grid = Grid { shape: vec![5, 3, 4], inner_shape: vec![2, 2, 3] };
        assert_eq!((grid.chunks(), grid.inner_chunks_per_chunk()), (3, Some(4)));
        assert_eq!(grid.frames_of(2), 4..5);
        assert_eq!(grid.inner_chunks(1), [[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]);
        // Every element holds its own index within the array; padding holds 255.
        for chunk in 0..3 {
            let frames = grid.frames_of(chunk);
            let mut out = vec![254; 12 * (frames.end - frames.start) as usize];
            for inner in grid.inner_chunks(chunk) {
                let mut elements = Vec::new();
                for (f, y, x) in (0..12).map(|i| (i / 6, i / 3 % 2, i % 3)) {
                    let (f, y, x) = (inner[0] * 2 + f, inner[1] * 2 + y, inner[2] * 3 + x);
                    elements.push(if f < 5 && y < 3 && x < 4 { (f * 12 + y * 4 + x) as u8 } else { 255 });
                }
                grid.place(&inner, &elements, 1, frames.end - frames.start, &mut out);
            }
            let expected: Vec<u8> = (frames.start as u8 * 12..frames.end as u8 * 12).collect();
            assert_eq!(out, expected);
        }
    }
}
