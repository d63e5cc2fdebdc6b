//! A colour range from sampled frames, before anything is scanned.

mod sample;

pub use sample::sample_chunks;

use fastrand::Rng;
use replayscope_decode::{Summary, Values};

use crate::colormap::{order_key, value_of};

/// Frames whose extremes are kept; of more, a fair sample.
const MOST_FRAMES: usize = 1 << 16;

/// How far the sum of a distribution may be from 1: float16 and many bins.
const SUM_TOLERANCE: f64 = 1e-3;

/// Percentile of the frames' maxima that becomes the upper limit.
///
/// Of the *maxima*: most bins of a posterior are almost 0, so percentiles of all values would saturate every peak.
const UPPER: f64 = 99.5;

/// A colour range, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower limit; always finite and below `high`, in float32 too.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// What was done, in words.
    pub method: &'static str,
    /// Frames with a finite value that were seen.
    pub frames: u64,
    /// Chunks that were seen.
    pub chunks: u64,
    /// The seed of the estimator.
    pub seed: u64,
}

/// Takes in chunks of a field and estimates its colour range; the same chunks and seed give the same range.
#[derive(Debug, Clone)]
pub struct RangeEstimator {
    rng: Rng,
    seed: u64,
    chunks: u64,
    frames: u64,
    /// Lowest and highest value of a fair sample of the frames.
    extremes: Vec<[f32; 2]>,
    lowest: f32,
    highest: f32,
    /// A frame summed to 1.
    some_sum_to_one: bool,
    /// A frame had a negative value, or another sum than 1 or 0.
    some_do_not: bool,
}

impl RangeEstimator {
    /// Nothing seen yet. The seed matters only beyond 65,536 frames.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            seed,
            chunks: 0,
            frames: 0,
            extremes: Vec::new(),
            lowest: f32::INFINITY,
            highest: f32::NEG_INFINITY,
            some_sum_to_one: false,
            some_do_not: false,
        }
    }

    /// Takes in a chunk (frames, bins). NaN and infinite values do not count.
    pub fn add_chunk(&mut self, chunk: &Values) {
        self.chunks += 1;
        for Summary { low, high, sum } in chunk.summaries() {
            if low <= high {
                self.add_frame([low, high], sum);
            }
        }
    }

    /// The range by what was seen so far.
    ///
    /// - nothing finite: (0, 1)
    /// - a constant c: (c − 0.5, c + 0.5)
    /// - a distribution (no negative value, frames sum to 1): 0 to the 99.5th percentile of the frames' maxima
    /// - else: the 0.5th percentile of the frames' minima to the 99.5th of their maxima
    pub fn estimate(&self) -> Estimate {
        let (low, high, method) = self.limits();
        Estimate { low, high, method, frames: self.frames, chunks: self.chunks, seed: self.seed }
    }

    fn add_frame(&mut self, extremes: [f32; 2], sum: f64) {
        self.frames += 1;
        self.lowest = self.lowest.min(extremes[0]);
        self.highest = self.highest.max(extremes[1]);
        // A frame of zeros is what a chunk that is not stored reads as.
        let zeros = extremes.iter().all(|value| *value == 0.0);
        let sums_to_one = extremes[0] >= 0.0 && (sum - 1.0).abs() <= SUM_TOLERANCE;
        self.some_sum_to_one |= sums_to_one;
        self.some_do_not |= !sums_to_one && !zeros;

        // Reservoir sampling: memory is bounded and each frame is as likely as any other to be kept.
        if self.extremes.len() < MOST_FRAMES {
            self.extremes.push(extremes);
        } else if let Some(kept) = self.extremes.get_mut(self.rng.u64(0..self.frames) as usize) {
            *kept = extremes;
        }
    }

    fn limits(&self) -> (f64, f64, &'static str) {
        if self.frames == 0 {
            return (0.0, 1.0, "no finite value");
        }
        // Less than this is 0 on a GPU, which need not know subnormal numbers.
        if self.highest - self.lowest < f32::MIN_POSITIVE {
            let (low, high) = around(self.lowest);
            return (low, high, "one constant value");
        }
        let high = percentile(self.extremes.iter().map(|[_, high]| *high), UPPER);
        let (low, method) = if self.some_sum_to_one && !self.some_do_not {
            (0.0, "0 to the 99.5th percentile of frame maxima")
        } else {
            let low = percentile(self.extremes.iter().map(|[low, _]| *low), 100.0 - UPPER);
            (low, "0.5th percentile of frame minima to the 99.5th of frame maxima")
        };
        if high - low < f32::MIN_POSITIVE {
            // Almost constant: what stands out is all there is to see.
            return (self.lowest.into(), self.highest.into(), "lowest to highest value");
        }
        (low.into(), high.into(), method)
    }
}

/// A range around a constant: ± 0.5, or what float32 can tell apart where that is more.
fn around(constant: f32) -> (f64, f64) {
    let constant = f64::from(constant);
    let half = (constant.abs() * 1e-6).max(0.5);
    let most = f64::from(f32::MAX);
    ((constant - half).max(-most), (constant + half).min(most))
}

/// Nearest rank, so the result is one of the values.
fn percentile(values: impl Iterator<Item = f32>, percent: f64) -> f32 {
    let keys: Vec<u32> = values.map(order_key).collect();
    let rank = ((percent / 100.0 * keys.len() as f64).ceil() as usize).clamp(1, keys.len());
    // The least value with that many up to it, bit by bit: no slower than sorting, and 4 KB of wasm less.
    let (mut low, mut high) = (0, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if keys.iter().filter(|key| **key <= middle).count() < rank {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    value_of(low)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use ndarray::{Array2, arr2};
    use proptest::prelude::*;

    use super::*;

    fn values(chunk: &Array2<f32>) -> Values {
        Values::of(chunk.ncols(), &chunk.iter().copied().collect::<Vec<f32>>()).unwrap()
    }

    fn estimate(chunk: &Array2<f32>) -> Estimate {
        let mut estimator = RangeEstimator::new(0);
        estimator.add_chunk(&values(chunk));
        estimator.estimate()
    }

    fn limits(chunk: &Array2<f32>) -> (f64, f64) {
        let Estimate { low, high, .. } = estimate(chunk);
        (low, high)
    }

    #[test]
    fn nothing_finite_is_0_to_1() {
        assert_eq!(limits(&Array2::zeros((0, 5))), (0.0, 1.0));
        assert_eq!(limits(&Array2::zeros((5, 0))), (0.0, 1.0));
        assert_eq!(limits(&Array2::from_elem((3, 4), f32::NAN)), (0.0, 1.0));
        assert_eq!(limits(&arr2(&[[f32::INFINITY, f32::NEG_INFINITY]])), (0.0, 1.0));
        assert_eq!(RangeEstimator::new(0).estimate().frames, 0);
    }

    #[test]
    fn a_constant_is_in_the_middle() {
        for constant in [0.0f32, 1.0, -3.25, 100_000.0] {
            let mut chunk = Array2::from_elem((3, 4), constant);
            chunk[[1, 1]] = f32::NAN;
            let constant = f64::from(constant);
            assert_eq!(limits(&chunk), (constant - 0.5, constant + 0.5));
        }
    }

    #[test]
    fn a_posterior_starts_at_0_and_its_peaks_are_not_saturated() {
        // 1,000 frames, one bin of 100 at 0.71 and the rest even: percentiles of all values would say 0.003.
        let mut chunk = Array2::from_elem((1_000, 100), 0.29 / 99.0);
        (0..1_000).for_each(|frame| chunk[[frame, frame % 100]] = 0.71);
        chunk.row_mut(3).fill(f32::NAN);
        chunk.row_mut(4).fill(0.0);
        let found = estimate(&chunk);
        assert_eq!((found.low, found.high), (0.0, f64::from(0.71f32)));
        assert_eq!((found.frames, found.chunks), (999, 1));
        // Rare outliers do not set the limit.
        chunk.row_mut(7).fill(0.0);
        chunk[[7, 0]] = 1.0;
        assert_eq!(limits(&chunk), (0.0, f64::from(0.71f32)));
    }

    #[test]
    fn other_data_go_from_low_to_high() {
        let chunk = Array2::from_shape_fn((1_000, 3), |(frame, bin)| frame as f32 - 500.0 + 0.1 * bin as f32);
        assert_eq!(limits(&chunk), (-496.0, f64::from(994.0f32 - 500.0 + 0.2)));
    }

    #[test]
    fn the_same_chunks_give_the_same_range() {
        let chunk = Array2::from_shape_fn((70_000, 2), |(frame, bin)| ((frame * 7919 + bin) % 1009) as f32);
        let run = || {
            let mut estimator = RangeEstimator::new(7);
            estimator.add_chunk(&values(&chunk));
            estimator.add_chunk(&values(&chunk));
            assert_eq!(estimator.extremes.len(), MOST_FRAMES);
            estimator.estimate()
        };
        assert_eq!(run(), run());
    }

    proptest! {
        #[test]
        fn low_is_always_below_high(
            values in prop::collection::vec(prop_oneof![
                any::<f32>(), Just(f32::NAN), Just(f32::MAX), Just(-f32::MAX), Just(0.0), Just(1e-45), -1f32..1.0,
            ], 0..60),
            bins in 1usize..6,
        ) {
            let frames = values.len() / bins;
            let chunk = Array2::from_shape_vec((frames, bins), values[..frames * bins].to_vec()).unwrap();
            let found = estimate(&chunk);
            prop_assert!(found.low.is_finite() && found.high.is_finite());
            prop_assert!((found.low as f32) < (found.high as f32), "{:?}", found);
            prop_assert!((found.low as f32).is_finite() && (found.high as f32).is_finite());
        }
    }
}
