//! Colour limits from frames: which frames to look at ([`Method::plan`]), and what they say ([`Estimator`]).
//!
//! Whoever has the chunks feeds them: the viewer as they arrive, [`estimate_range`](crate::estimate_range()) one after the other. The same array, method and
//! seed give the same limits, whatever runs it and in whichever order chunks come.

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

/// Limits in use, where they come from, and what that took.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ColorRange {
    /// The field.
    pub field: String,
    /// Lower limit; always finite and below `high`, in float32 too.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Where a logarithmic scale between them begins, if it is one.
    pub from: Option<f64>,
    /// "exact", "strided", "subset", "peaks"; "empty" where there was no finite value, "constant" where there was one alone;
    /// of limits that nobody estimated here "given", "link" or "frame".
    pub method: &'static str,
    /// Frames with a finite value that were looked at.
    pub frames: u64,
    /// Chunks that were read; none where the session told the limits of all its frames.
    pub chunks: u64,
    /// Bytes of those chunks, as stored.
    pub bytes: u64,
    /// Of the random choice of frames.
    pub seed: u64,
}
