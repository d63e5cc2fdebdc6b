//! Lowering the precision of a field, and what that does to it.

use super::{Precision, blosc};

/// One chunk in this many is compressed at full precision too, to say what the lower one saved.
const SAMPLE_EVERY: u64 = 16;

/// Rounds chunks and keeps count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounding {
    from: Precision,
    to: Precision,
    chunks: u64,
    /// Largest absolute change of a value that stayed finite.
    pub largest_change: f64,
    /// Values other than 0 that became 0.
    pub became_zero: u64,
    /// Finite values that became infinite.
    pub became_infinite: u64,
    /// Compressed bytes of the sampled chunks at full precision and after rounding.
    pub sampled: [u64; 2],
}

impl Rounding {
    /// From one precision to another; the same twice changes nothing.
    pub fn new(from: Precision, to: Precision) -> Self {
        Self { from, to, chunks: 0, largest_change: 0.0, became_zero: 0, became_infinite: 0, sampled: [0, 0] }
    }

    /// Whether values can change.
    pub fn is_lossy(&self) -> bool {
        self.to.size() < self.from.size()
    }

    /// Rounds the little-endian values of a chunk.
    pub fn chunk(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if self.from == self.to {
            return bytes;
        }
        let mut rounded = Vec::with_capacity(bytes.len() / self.from.size() * self.to.size());
        for stored in bytes.chunks_exact(self.from.size()) {
            let value = self.from.read(stored);
            let start = rounded.len();
            self.to.push(value, &mut rounded);
            let kept = self.to.read(&rounded[start..]);
            if kept.is_finite() {
                self.largest_change = self.largest_change.max((kept - value).abs());
                self.became_zero += u64::from(kept == 0.0 && value != 0.0);
            } else {
                self.became_infinite += u64::from(value.is_finite());
            }
        }
        if self.chunks.is_multiple_of(SAMPLE_EVERY) {
            let stored =
                |bytes: &[u8], size| blosc::encode(bytes, size).map_or(0, |packed| packed.len() as u64);
            self.sampled[0] += stored(&bytes, self.from.size());
            self.sampled[1] += stored(&rounded, self.to.size());
        }
        self.chunks += 1;
        rounded
    }

    /// What the stored bytes would have been at full precision, from the sampled chunks.
    pub fn full_bytes(&self, stored: u64) -> u64 {
        let [full, rounded] = self.sampled;
        (stored as f64 * full as f64 / rounded.max(1) as f64) as u64
    }
}
