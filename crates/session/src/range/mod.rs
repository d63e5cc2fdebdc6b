//! Estimates colour limits: chooses sample frames ([`Method::sample_frames`]) and estimates from their values ([`Estimator`]).
//!
//! The caller passes the decoded chunks: the viewer as they are loaded, [`estimate_range`](crate::estimate_range) one after the
//! other. The same array, method and seed give the same limits on every machine and in every order of chunks.

mod estimator;
mod method;
mod request;
mod sample_frames;
mod stored_limits;
mod user_limits;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests;

pub use estimator::{Estimate, Estimator};
pub use method::Method;
pub use request::EstimateRequest;
pub use sample_frames::{SampleFrames, SampledArray};
pub use user_limits::{in_float32, of_extremes, with_user_limits};

/// Limits of a field, where they come from, and what was read for them.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ColorRange {
    /// Name of the field.
    pub field: String,
    /// Lower limit: finite and below `high`, also as float32.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// The floor of a logarithmic scale, if the scale is logarithmic.
    pub from: Option<f64>,
    /// "exact", "strided", "subset" or "peaks"; "empty" without a finite value, "constant" where all values are equal; "given", "link" or
    /// "frame" for limits that are no estimate of this viewer.
    pub method: &'static str,
    /// Sampled frames with a finite value.
    pub frames: u64,
    /// Chunks that were read; 0 where the session stores the limits.
    pub chunks: u64,
    /// Bytes of those chunks, as stored.
    pub bytes: u64,
    /// Seed of the sample frames.
    pub seed: u64,
}
