//! Estimates limits from frames in any order.

use replayscope_codecs::{Sample, Summary, Values, order_key, percentiles};

use super::Method;
use super::sample_frames::SampledArray;
use super::user_limits::of_extremes;

/// Largest deviation of a distribution's sum from 1, which float16 and many bins need.
const SUM_TOLERANCE: f64 = 1e-3;
/// Most values of a sample that are kept (16 MiB); with more, every n-th bin is kept.
const MOST_VALUES: u64 = 4 << 20;
/// Most frames whose median is computed, the slowest step; with more, a random share of the frames.
const MOST_MEDIANS: u64 = 1 << 14;
/// Percentiles of all values are used unless they reach less than this share of the peaks' upper limit, and so saturate the peaks.
const PEAKED: f64 = 0.5;

/// Limits estimated from frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower and upper limit: finite, in order.
    pub limits: [f64; 2],
    /// As [`ColorRange::method`](super::ColorRange::method).
    pub method: &'static str,
    /// Frames with a finite value.
    pub frames: u64,
    /// The lowest and the highest finite value; (∞, −∞) without any.
    pub extremes: [f32; 2],
}

/// Estimates limits from frames, which are added in any order.
#[derive(Debug, Clone)]
pub struct Estimator {
    method: Method,
    /// Every `step`-th value of a frame is kept.
    step: usize,
    /// The median of one in `median_step` frames is computed.
    median_step: u64,
    frames: u64,
    lowest: f32,
    highest: f32,
    values: Sample,
    /// Medians as [`order_key`]s.
    medians: Vec<u32>,
    /// The maximum of each frame as an [`order_key`].
    maxima: Vec<u32>,
    /// Whether a frame summed to 1.
    some_sum_to_one: bool,
    /// Whether a frame had a negative value, or another sum than 1 or 0.
    some_do_not: bool,
    /// Buffer for the keys of one frame.
    keys: Vec<u32>,
}

impl Estimator {
    /// An empty estimator for at most `frames` frames of an array.
    pub fn new(method: Method, stored: &SampledArray, frames: u64) -> Self {
        Self {
            method,
            step: frames.saturating_mul(stored.bins).div_ceil(MOST_VALUES).max(1) as usize,
            median_step: frames.div_ceil(MOST_MEDIANS).max(1),
            frames: 0,
            lowest: f32::INFINITY,
            highest: f32::NEG_INFINITY,
            values: Sample::default(),
            medians: Vec::new(),
            maxima: Vec::new(),
            some_sum_to_one: false,
            some_do_not: false,
            keys: Vec::new(),
        }
    }

    /// Adds rows of a chunk whose first row is frame `first`. NaN and infinite values are ignored, and so is a frame without other values.
    pub fn add(&mut self, first: u64, chunk: &Values, rows: impl IntoIterator<Item = usize>) {
        for row in rows.into_iter().filter(|row| *row < chunk.rows()) {
            let mut keys = std::mem::take(&mut self.keys);
            keys.clear();
            chunk.finite_keys(row, 0, 1, &mut keys);
            if let Some(summary) = Summary::of(&keys) {
                self.frames += 1;
                self.lowest = self.lowest.min(summary.low);
                self.highest = self.highest.max(summary.high);
                if !matches!(self.method, Method::Exact | Method::Strided { .. }) {
                    self.add_frame(first, chunk, row, &mut keys, summary);
                }
            }
            self.keys = keys;
        }
    }

    fn add_frame(
        &mut self,
        first: u64,
        chunk: &Values,
        row: usize,
        keys: &mut Vec<u32>,
        Summary { low, high, sum }: Summary,
    ) {
        // A chunk that is not stored reads as zeros.
        let zeros = low == 0.0 && high == 0.0;
        let sums_to_one = low >= 0.0 && (sum - 1.0).abs() <= SUM_TOLERANCE;
        self.some_sum_to_one |= sums_to_one;
        self.some_do_not |= !sums_to_one && !zeros;
        self.maxima.push(order_key(high));
        let frame = first + row as u64;
        if (frame.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).is_multiple_of(self.median_step) {
            let [median] = percentiles(keys, [50.0]).unwrap_or_default();
            self.medians.push(order_key(median as f32));
        }
        if self.step > 1 {
            // Start at another bin in each frame, so that every bin is sampled.
            keys.clear();
            let start = frame % self.step as u64;
            chunk.finite_keys(row, start as usize, self.step, keys);
        }
        self.values.add(keys);
    }

    /// Adds the frames of another estimator of the same method and array.
    pub fn absorb(&mut self, other: Self) {
        self.frames += other.frames;
        self.lowest = self.lowest.min(other.lowest);
        self.highest = self.highest.max(other.highest);
        self.values.absorb(other.values);
        self.medians.extend(other.medians);
        self.maxima.extend(other.maxima);
        self.some_sum_to_one |= other.some_sum_to_one;
        self.some_do_not |= other.some_do_not;
    }

    /// The limits of the frames added so far:
    ///
    /// - without a finite value (0, 1); of a constant c (c − 0.5, c + 0.5)
    /// - else those of the method; where these are equal, as with single peaks on zeros, the lowest and the highest value
    pub fn estimate(&self) -> Estimate {
        let extremes = [self.lowest, self.highest];
        let usual = of_extremes((self.frames > 0).then_some(extremes));
        let (limits, method) = match extremes {
            _ if self.frames == 0 => (usual, "empty"),
            [low, high] if low >= high => (usual, "constant"),
            _ => {
                let (limits, method) = self.limits();
                let [low, high] = limits.map(|limit| limit as f32);
                (if low < high { limits } else { usual }, method)
            }
        };
        Estimate { limits, method, frames: self.frames, extremes }
    }

    fn limits(&self) -> ([f64; 2], &'static str) {
        match self.method {
            Method::Exact => (self.exact(), "exact"),
            Method::Strided { .. } => (self.exact(), "strided"),
            Method::Subset { .. } => (self.subset(), "subset"),
            Method::Peaks { .. } => (self.peaks(), "peaks"),
            Method::Auto => {
                let ([_, high], peaks) = (self.subset(), self.peaks());
                let peaked = high - peaks[0] < PEAKED * (peaks[1] - peaks[0]);
                if self.is_distribution() || peaked { (peaks, "peaks") } else { (self.subset(), "subset") }
            }
        }
    }

    /// The lowest and the highest value.
    fn exact(&self) -> [f64; 2] {
        [self.lowest, self.highest].map(f64::from)
    }

    /// Percentiles of all values.
    fn subset(&self) -> [f64; 2] {
        self.values.percentiles(self.method.percents().0).unwrap_or_else(|| self.exact())
    }

    /// A percentile of the medians, or 0, and one of the maxima.
    fn peaks(&self) -> [f64; 2] {
        let (_, [lower, upper]) = self.method.percents();
        let of = |keys: &[u32], percent| {
            percentiles(&mut keys.to_vec(), [percent]).unwrap_or([f64::from(self.lowest)])[0]
        };
        let low = if self.is_distribution() { 0.0 } else { of(&self.medians, lower) };
        [low, of(&self.maxima, upper)]
    }

    /// Whether no value is negative and all frames sum to 1 or are zero.
    fn is_distribution(&self) -> bool {
        self.some_sum_to_one && !self.some_do_not
    }

    /// Histogram of the sampled values between ascending `edges`; see [`Sample::histogram`].
    pub fn histogram(&self, edges: &[f64]) -> Vec<f64> {
        self.values.histogram(edges)
    }

    /// Frees what only [`Estimator::estimate`] needs, once no frame is added any more.
    pub fn finish(&mut self) {
        self.values.forget();
    }
}
