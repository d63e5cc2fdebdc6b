//! A field's colour limits, estimated from sampled chunks while the session is already on screen.

use replayscope_session::Field;
use replayscope_session::range::{Estimate, Estimator, Method, SampleFrames, SampledArray};
use replayscope_zarr::array::Decoded;

use crate::chunk::Arrival;
use crate::event::Event;

/// Seed of the sample frames; a constant, so that the same session always gets the same limits.
const SEED: u64 = 0;
/// Most frames of the first chunk that are sampled before it is drawn: more would delay the first picture.
const FIRST_FRAMES: usize = 256;

/// The estimate of a field's limits: a first one from the first chunk that is shown, and a final one from a fixed set of frames of the
/// whole session, once all of them are loaded. Limits that change more often would make colours incomparable. Where the session stores
/// its limits these stay, and the sample is for the histogram.
pub struct Sampling {
    array: SampledArray,
    missing: Vec<SampleFrames>,
    /// The limits that the session stores.
    stored_limits: Option<SampledEstimate>,
    /// The current estimate; `None` before the first chunk.
    found: Option<SampledEstimate>,
    estimator: Estimator,
    chunks: u64,
    bytes: u64,
    is_final: bool,
}

/// An estimate and the sample that it is computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledEstimate {
    /// The estimated limits.
    pub estimate: Estimate,
    /// Sampled chunks.
    pub chunks: u64,
    /// Bytes of these chunks as stored.
    pub bytes: u64,
    /// Seed of the sample frames.
    pub seed: u64,
}

impl Sampling {
    /// Chooses the frames of `field` to sample.
    pub fn new(field: &Field) -> Self {
        let array = SampledArray::new(&field.array);
        let stored_limits = field.stored_estimate().map(|estimate| SampledEstimate {
            estimate,
            chunks: 0,
            bytes: 0,
            seed: SEED,
        });
        let missing = Method::Auto.sample(array, SEED);
        let frames = missing.iter().map(|part| part.rows.len() as u64).sum();
        Self {
            array,
            missing,
            stored_limits,
            found: stored_limits,
            estimator: Estimator::new(Method::Auto, &array, frames),
            chunks: 0,
            bytes: 0,
            is_final: false,
        }
    }

    /// The current estimate.
    pub fn found(&self) -> Option<SampledEstimate> {
        self.found
    }

    /// Histogram of the sampled values; see [`Estimator::histogram`].
    pub fn histogram(&self, edges: &[f64]) -> Vec<f64> {
        self.estimator.histogram(edges)
    }

    /// Indices of the sampled chunks that are not loaded yet.
    pub fn missing(&self) -> impl Iterator<Item = u64> + '_ {
        self.missing.iter().map(|part| part.chunk)
    }

    /// Adds a chunk of this field, `wanted` if it holds the requested frame; an event when the limits have changed.
    pub fn arrived(&mut self, layer: &str, arrival: &Arrival, wanted: bool) -> Option<Event> {
        if self.is_final {
            return None;
        }
        if let Some(at) = self.missing.iter().position(|part| part.chunk == arrival.id.index) {
            let part = self.missing.swap_remove(at);
            if let Ok(decoded) = &arrival.result {
                self.add(part.chunk, decoded, part.rows.into_iter().map(|row| row as usize));
            }
        }
        if self.missing.is_empty() {
            if self.chunks == 0 {
                // Chunks are too large to sample, or all failed: the estimate is from the first one that was loaded.
                let decoded = arrival.result.as_ref().ok()?;
                self.estimator = Estimator::new(Method::Auto, &self.array, FIRST_FRAMES as u64);
                self.add(arrival.id.index, decoded, spread_rows(decoded));
            }
            self.is_final = true;
            let event = self.publish(layer, self.estimator.estimate(), self.chunks, self.bytes);
            self.estimator.finish();
            return Some(event);
        }
        if wanted && self.found.is_none() {
            let decoded = arrival.result.as_ref().ok()?;
            let mut first = Estimator::new(Method::Auto, &self.array, FIRST_FRAMES as u64);
            first.add(0, &decoded.values, spread_rows(decoded));
            return Some(self.publish(layer, first.estimate(), 1, decoded.encoded_bytes));
        }
        None
    }

    fn add(&mut self, chunk: u64, decoded: &Decoded, rows: impl IntoIterator<Item = usize>) {
        self.estimator.add(chunk * self.array.chunk_frames, &decoded.values, rows);
        self.chunks += 1;
        self.bytes += decoded.encoded_bytes;
    }

    fn publish(&mut self, layer: &str, estimate: Estimate, chunks: u64, bytes: u64) -> Event {
        let found = self.stored_limits.unwrap_or(SampledEstimate { estimate, chunks, bytes, seed: SEED });
        self.found = Some(found);
        let SampledEstimate { estimate, chunks, bytes, seed } = found;
        Event::Range {
            layer: layer.to_owned(),
            limits: estimate.limits,
            extremes: estimate.extremes,
            method: estimate.method,
            frames: estimate.frames,
            chunks,
            bytes,
            seed,
            is_final: self.is_final || self.stored_limits.is_some(),
        }
    }
}

/// At most [`FIRST_FRAMES`] rows, spread over a chunk.
fn spread_rows(decoded: &Decoded) -> impl Iterator<Item = usize> + use<> {
    let rows = decoded.values.rows();
    (0..rows).step_by(rows.div_ceil(FIRST_FRAMES).max(1))
}
