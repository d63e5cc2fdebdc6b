//! Methods of estimating limits.

use super::sample_frames::{SampleFrames, SampledArray, default_stride, sampled, strided};

/// Default number of sample frames.
const SAMPLES: u64 = 10_000;
/// Default percentiles of all values.
const PERCENTILES: [f64; 2] = [1.0, 99.0];
/// Default percentile of the frames' medians for the lower limit of a peaked field, and of their maxima for the upper one.
///
/// Most bins of a posterior are almost 0, so percentiles of all values would saturate every peak.
const LOWER: f64 = 50.0;
const UPPER: f64 = 99.5;

/// A method of estimating limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Lowest and highest value of all frames.
    Exact,
    /// Lowest and highest value of every `stride`-th frame.
    Strided {
        /// Distance between sampled frames; `None`: 1 up to 200,000 frames, else so that about 50,000 are sampled.
        stride: Option<u64>,
    },
    /// Percentiles of all values of a sample of frames.
    Subset {
        /// Number of sample frames.
        samples: u64,
        /// Lower and upper percentile, 0 to 100.
        percentiles: [f64; 2],
    },
    /// Percentiles of the frames' medians (lower) and maxima (upper), for fields that are near zero except for a peak.
    Peaks {
        /// Number of sample frames.
        samples: u64,
        /// Percentile of the medians, 0 to 100; the lower limit of a distribution is 0.
        lower: f64,
        /// Percentile of the maxima, 0 to 100.
        upper: f64,
    },
    /// [`Method::Peaks`] where the data are a distribution or peaked, else [`Method::Subset`].
    Auto,
}

impl Method {
    /// All methods with their names and default parameters.
    pub const NAMES: [(&str, Self); 5] = [
        ("auto", Self::Auto),
        ("exact", Self::Exact),
        ("strided", Self::Strided { stride: None }),
        ("subset", Self::Subset { samples: SAMPLES, percentiles: PERCENTILES }),
        ("peaks", Self::Peaks { samples: SAMPLES, lower: LOWER, upper: UPPER }),
    ];

    /// The method of that name, with default parameters.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, method)| method)
    }

    /// The method with the given parameters, where it has them.
    #[must_use]
    pub fn with(
        self,
        given_samples: Option<u64>,
        given_percentiles: Option<[f64; 2]>,
        given_stride: Option<u64>,
        [given_lower, given_upper]: [Option<f64>; 2],
    ) -> Self {
        match self {
            Self::Exact | Self::Auto => self,
            Self::Strided { stride } => Self::Strided { stride: given_stride.or(stride) },
            Self::Subset { samples, percentiles } => Self::Subset {
                samples: given_samples.unwrap_or(samples),
                percentiles: given_percentiles.unwrap_or(percentiles),
            },
            Self::Peaks { samples, lower, upper } => Self::Peaks {
                samples: given_samples.unwrap_or(samples),
                lower: given_lower.unwrap_or(lower),
                upper: given_upper.unwrap_or(upper),
            },
        }
    }

    /// The frames to read, by chunk, ascending.
    pub fn sample_frames(self, stored: SampledArray, seed: u64) -> Box<dyn Iterator<Item = SampleFrames>> {
        let stride = match self {
            Self::Exact => 1,
            Self::Strided { stride } => stride.unwrap_or_else(|| default_stride(stored.frames)),
            Self::Subset { .. } | Self::Peaks { .. } | Self::Auto => {
                return Box::new(self.sample(stored, seed).into_iter());
            }
        };
        Box::new(strided(stored, stride))
    }

    /// The random sample of frames; empty for methods that sample evenly.
    pub fn sample(self, stored: SampledArray, seed: u64) -> Vec<SampleFrames> {
        match self {
            Self::Exact | Self::Strided { .. } => Vec::new(),
            Self::Subset { samples, .. } | Self::Peaks { samples, .. } => sampled(&stored, samples, seed),
            Self::Auto => sampled(&stored, SAMPLES, seed),
        }
    }

    /// The percentiles of all values, and those of medians and maxima.
    pub(super) fn percents(self) -> ([f64; 2], [f64; 2]) {
        match self {
            Self::Subset { percentiles, .. } => (percentiles, [LOWER, UPPER]),
            Self::Peaks { lower, upper, .. } => (PERCENTILES, [lower, upper]),
            Self::Exact | Self::Strided { .. } | Self::Auto => (PERCENTILES, [LOWER, UPPER]),
        }
    }
}
