//! Limits from frames as they come.

use replayscope_codecs::{Sample, Summary, Values, order_key, percentiles};

use super::Method;
use super::sample_frames::SampledArray;
use super::user_limits::of_extremes;

/// How far the sum of a distribution may be from 1: float16 and many bins.
const SUM_TOLERANCE: f64 = 1e-3;
/// Values of a sample that are kept, 16 MiB of them; of more, every so many-th bin.
const MOST_VALUES: u64 = 4 << 20;
/// Frames whose median is looked for, which takes longer than all the rest; of more, one of every so many at random.
const MOST_MEDIANS: u64 = 1 << 14;
/// Where percentiles of all values reach less than this of the way to the peaks', they would saturate them.
const PEAKED: f64 = 0.5;

/// What frames say of the limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower and upper limit, finite and in order.
    pub limits: [f64; 2],
    /// As in [`super::ColorRange`].
    pub method: &'static str,
    /// Frames with a finite value.
    pub frames: u64,
    /// The lowest and the highest value seen; infinite the wrong way round where there was none.
    pub extremes: [f32; 2],
}

/// Takes in frames in any order, and says their limits.
#[derive(Debug, Clone)]
pub struct Estimator {
    method: Method,
    /// Of each frame every so many-th value is kept…
    step: usize,
    /// …and of one in so many frames the median.
    median_step: u64,
    frames: u64,
    lowest: f32,
    highest: f32,
    values: Sample,
    /// By [`order_key`].
    medians: Vec<u32>,
    /// The same, one a frame.
    maxima: Vec<u32>,
    /// A frame summed to 1.
    some_sum_to_one: bool,
    /// A frame had a negative value, or another sum than 1 or 0.
    some_do_not: bool,
    /// Of one frame, kept from frame to frame.
    keys: Vec<u32>,
}

impl Estimator {
    /// Nothing seen yet, of at most `frames` frames.
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

    /// Takes in rows of a chunk whose first one is frame `first`. NaN and infinite values do not count, nor does a frame of
    /// nothing else.
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
        // A frame of zeros is what a chunk that is not stored reads as.
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
            // Another bin each frame, so that none is left out of all of them.
            keys.clear();
            let start = frame % self.step as u64;
            chunk.finite_keys(row, start as usize, self.step, keys);
        }
        self.values.add(keys);
    }

    /// Takes in what another one of the same kind has seen.
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

    /// The limits of what was seen so far:
    ///
    /// - nothing finite: (0, 1); a constant c: (c − 0.5, c + 0.5)
    /// - what the method says, or where that leaves nothing between the limits, as with single peaks on zeros: the lowest and the
    ///   highest value
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

    /// No negative value, and all frames sum to 1 (or are of zeros).
    fn is_distribution(&self) -> bool {
        self.some_sum_to_one && !self.some_do_not
    }

    /// How often values occur, as far as they were seen; see [`Sample::histogram`].
    pub fn histogram(&self, edges: &[f64]) -> Vec<f64> {
        self.values.histogram(edges)
    }

    /// Nothing more is coming: what only [`Estimator::estimate`] needs goes.
    pub fn finish(&mut self) {
        self.values.forget();
    }
}
