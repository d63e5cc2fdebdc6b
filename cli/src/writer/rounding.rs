//! Lowers the precision of a field, and counts the changed values.

use super::{Precision, blosc};
use crate::error::CliError;

/// One chunk in this many is also compressed at full precision, to estimate what the lower precision saves.
const SAMPLE_EVERY: u64 = 16;

/// The effect of a change of precision on a field, or on a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rounding {
    /// Whether values could change.
    pub is_lossy: bool,
    /// Largest absolute change of a value that stayed finite.
    pub largest_change: f64,
    /// Values other than 0 that became 0.
    pub became_zero: u64,
    /// Finite values that became infinite.
    pub became_infinite: u64,
    /// Numbers that became NaN.
    pub became_nan: u64,
    /// Stored bytes of the sampled chunks at full precision and after rounding.
    sampled: [u64; 2],
}

impl Rounding {
    /// Counts a value that is replaced by another.
    pub fn replace(&mut self, value: f64, by: f64) {
        self.became_zero += u64::from(by == 0.0 && value != 0.0);
        self.became_infinite += u64::from(by.is_infinite() && value.is_finite());
        self.became_nan += u64::from(by.is_nan() && !value.is_nan());
    }

    /// The number of lost values, which became 0, infinite or NaN.
    pub fn lost(&self) -> u64 {
        self.became_zero + self.became_infinite + self.became_nan
    }

    /// Converts the little-endian values of a chunk.
    pub fn chunk(
        bytes: Vec<u8>,
        from: Precision,
        to: Precision,
        chunk: u64,
    ) -> Result<(Vec<u8>, Self), CliError> {
        let mut rounding = Self { is_lossy: to.size() < from.size(), ..Self::default() };
        if from == to {
            return Ok((bytes, rounding));
        }
        let mut rounded = Vec::with_capacity(bytes.len() / from.size() * to.size());
        for stored in bytes.chunks_exact(from.size()) {
            let value = from.read(stored);
            let start = rounded.len();
            to.push(value, &mut rounded);
            let kept = to.read(&rounded[start..]);
            rounding.replace(value, kept);
            if kept.is_finite() {
                rounding.largest_change = rounding.largest_change.max((kept - value).abs());
            }
        }
        if chunk.is_multiple_of(SAMPLE_EVERY) {
            let mut packed = Vec::new();
            let mut stored =
                |bytes, size| blosc::encode(bytes, size, &mut packed).map(|()| packed.len() as u64);
            rounding.sampled = [stored(&bytes, from.size())?, stored(&rounded, to.size())?];
        }
        Ok((rounded, rounding))
    }

    /// Adds the counts of another part of the same field.
    pub fn add(&mut self, other: &Self) {
        self.is_lossy |= other.is_lossy;
        self.largest_change = self.largest_change.max(other.largest_change);
        self.became_zero += other.became_zero;
        self.became_infinite += other.became_infinite;
        self.became_nan += other.became_nan;
        self.sampled = [0, 1].map(|part| self.sampled[part] + other.sampled[part]);
    }

    /// The estimated size of `stored` bytes at full precision, from the sampled chunks.
    pub fn full_bytes(&self, stored: u64) -> u64 {
        let [full, rounded] = self.sampled;
        (stored as f64 * full as f64 / rounded.max(1) as f64) as u64
    }
}
