//! Pools blocks of frames of a field, or of a level of its pyramid, into one.

use half::f16;
use replayscope_session::colormap::order_key;

use super::{FieldLayout, Precision};

/// How the values of a bin in a block become one; NaN is ignored, unless all values are NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Pooling {
    /// The greatest, with −0 below 0.
    Max,
    /// The arithmetic mean.
    Mean,
}

impl Pooling {
    /// All methods, in the order in which they are written.
    pub const ALL: [Self; 2] = [Self::Max, Self::Mean];

    /// The name in a session and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Mean => "mean",
        }
    }
}

/// A block, from the frames added so far.
#[derive(Debug, Clone)]
pub struct Block {
    precision: Precision,
    bins: Bins,
}

/// The accumulated values of each bin.
#[derive(Debug, Clone)]
enum Bins {
    /// The greatest value, as stored: shape (bins,), little-endian.
    Max(Vec<u8>),
    /// Sum and number of the values, shapes (bins,).
    Mean {
        /// −0 where there was no value: the only number that changes no other when added.
        sums: Vec<f64>,
        /// Whole numbers; floats, as they are used beside floats.
        counts: Vec<f64>,
    },
}

impl Block {
    /// A block of no frames of a field, or of a level of its pyramid.
    pub fn new(pooling: Pooling, field: &FieldLayout) -> Self {
        let &FieldLayout { bins, precision, .. } = field;
        let bins = match pooling {
            Pooling::Max => {
                let mut nan = Vec::new();
                precision.push(f64::NAN, &mut nan);
                Bins::Max(nan.repeat(bins))
            }
            Pooling::Mean => Bins::Mean { sums: vec![-0.0; bins], counts: vec![0.0; bins] },
        };
        Self { precision, bins }
    }

    /// Adds the next frame, shape (bins,), as stored.
    pub fn add_frame(&mut self, frame: &[u8]) {
        match (&mut self.bins, self.precision) {
            (Bins::Max(row), Precision::F16) => keep_greater(row, frame, rank_f16),
            (Bins::Max(row), Precision::F32) => keep_greater(row, frame, rank_f32),
            (Bins::Max(row), Precision::F64) => keep_greater(row, frame, rank_f64),
            (Bins::Mean { sums, counts }, Precision::F16) => {
                add(sums, counts, frame, |bytes| f16::from_le_bytes(bytes).to_f64());
            }
            (Bins::Mean { sums, counts }, Precision::F32) => {
                add(sums, counts, frame, |bytes| f64::from(f32::from_le_bytes(bytes)));
            }
            (Bins::Mean { sums, counts }, Precision::F64) => add(sums, counts, frame, f64::from_le_bytes),
        }
    }

    /// Adds the next block of the level below, of the same method.
    pub fn add_block(&mut self, other: &Self) {
        match (&mut self.bins, &other.bins) {
            (Bins::Mean { sums, counts }, Bins::Mean { sums: other_sums, counts: other_counts }) => {
                sums.iter_mut().zip(other_sums).for_each(|(sum, other)| *sum += other);
                counts.iter_mut().zip(other_counts).for_each(|(count, other)| *count += other);
            }
            // The maximum of maxima is the maximum of all values.
            (Bins::Max(_), Bins::Max(row)) => self.add_frame(row),
            _ => {}
        }
    }

    /// The stored row, shape (bins,), little-endian; a mean is rounded only here.
    pub fn row(&self) -> Vec<u8> {
        match &self.bins {
            Bins::Max(row) => row.clone(),
            Bins::Mean { sums, counts } => {
                let mut row = Vec::with_capacity(sums.len() * self.precision.size());
                for (sum, count) in sums.iter().zip(counts) {
                    let mean = sum / count;
                    // Processors differ in the sign of a computed NaN.
                    self.precision.push(if mean.is_nan() { f64::NAN } else { mean }, &mut row);
                }
                row
            }
        }
    }
}

/// Keeps the value of the higher rank in each bin.
fn keep_greater<const SIZE: usize, Rank: Ord>(
    row: &mut [u8],
    frame: &[u8],
    rank: impl Fn([u8; SIZE]) -> Rank,
) {
    for (kept, value) in row.as_chunks_mut().0.iter_mut().zip(frame.as_chunks().0) {
        *kept = if rank(*value) > rank(*kept) { *value } else { *kept };
    }
}

fn add<const SIZE: usize>(
    sums: &mut [f64],
    counts: &mut [f64],
    frame: &[u8],
    read: impl Fn([u8; SIZE]) -> f64,
) {
    for ((sum, count), bytes) in sums.iter_mut().zip(counts).zip(frame.as_chunks().0) {
        let value = read(*bytes);
        *sum += if value.is_nan() { -0.0 } else { value };
        *count += if value.is_nan() { 0.0 } else { 1.0 };
    }
}

/// The rank of a value in the total order that the viewer uses, with NaN lowest.
fn rank_f32(bytes: [u8; 4]) -> u32 {
    let value = f32::from_le_bytes(bytes);
    if value.is_nan() { 0 } else { order_key(value) }
}

/// As [`rank_f32`].
fn rank_f16(bytes: [u8; 2]) -> u16 {
    let value = f16::from_le_bytes(bytes);
    let bits = value.to_bits();
    match bits >> 15 {
        _ if value.is_nan() => 0,
        1 => !bits,
        _ => bits | 1 << 15,
    }
}

/// As [`rank_f32`].
fn rank_f64(bytes: [u8; 8]) -> u64 {
    let value = f64::from_le_bytes(bytes);
    let bits = value.to_bits();
    match bits >> 63 {
        _ if value.is_nan() => 0,
        1 => !bits,
        _ => bits | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use replayscope_session::projection::Projection;

    use super::*;

    const VALUES: [f64; 9] = [f64::NEG_INFINITY, -2.5, -1e-7, -0.0, 0.0, 1e-7, 0.5, f64::INFINITY, f64::NAN];

    fn pooled(pooling: Pooling, precision: Precision, values: &[f64]) -> f64 {
        let mut block = Block::new(pooling, &FieldLayout::new(1, 1, precision));
        for value in values {
            let mut frame = Vec::new();
            precision.push(*value, &mut frame);
            block.add_frame(&frame);
        }
        precision.read(&block.row())
    }

    #[test]
    fn the_greatest_is_that_of_the_library() {
        for (a, b) in VALUES.into_iter().flat_map(|a| VALUES.map(|b| (a, b))) {
            for precision in [Precision::F16, Precision::F32, Precision::F64] {
                let stored = [a, b].map(|value| {
                    let mut bytes = Vec::new();
                    precision.push(value, &mut bytes);
                    precision.read(&bytes) as f32
                });
                let expected = Projection::Max.of(stored.into_iter());
                let found = pooled(Pooling::Max, precision, &[a, b]) as f32;
                assert_eq!(found.to_bits(), expected.to_bits(), "{a} {b} {precision:?}");
            }
        }
    }

    #[test]
    fn a_mean_is_of_the_values_there_are() {
        let mean = |values: &[f64]| pooled(Pooling::Mean, Precision::F64, values);
        assert_eq!(mean(&[1.0, f64::NAN, 3.0]), 2.0);
        assert_eq!(mean(&[-0.0, f64::NAN]).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(mean(&[f64::INFINITY, 1.0]), f64::INFINITY);
        for nothing in [&[][..], &[f64::NAN; 3], &[f64::INFINITY, f64::NEG_INFINITY]] {
            assert_eq!(mean(nothing).to_bits(), f64::NAN.to_bits());
        }
    }
}
