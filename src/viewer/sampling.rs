//! A field's colour limits, found from sampled chunks while the session is already on screen.

use super::Event;
use crate::array::{Array, Decoded};
use crate::chunk::Arrival;
use crate::range::{RangeEstimator, sample_chunks};

/// Which chunks are sampled; the same session gives the same limits twice.
const SEED: u64 = 0;

/// Two steps, so that colours appear at once and then change once and never again: limits from the first chunk that
/// comes, then from a fixed set of chunks spread over the session.
pub struct Sampling {
    missing: Vec<u64>,
    estimator: RangeEstimator,
    chunks: u64,
    bytes: u64,
    limits: Option<[f32; 2]>,
    is_final: bool,
}

impl Sampling {
    /// Chooses the chunks to sample.
    pub fn new(array: &Array) -> Self {
        let chunk_bytes = array.chunk_frames() * array.width() as u64 * size_of::<f32>() as u64;
        Self {
            missing: sample_chunks(array.chunks(), chunk_bytes, SEED),
            estimator: RangeEstimator::new(SEED),
            chunks: 0,
            bytes: 0,
            limits: None,
            is_final: false,
        }
    }

    /// The limits known so far.
    pub fn limits(&self) -> Option<[f32; 2]> {
        self.limits
    }

    /// The sampled chunks that have not come yet.
    pub fn missing(&self) -> impl Iterator<Item = u64> + '_ {
        self.missing.iter().copied()
    }

    /// Takes a chunk of this field into account, `wanted` being the one that is to be shown; an event when the limits
    /// changed.
    pub fn arrived(&mut self, layer: &str, arrival: &Arrival, wanted: bool) -> Option<Event> {
        if self.is_final {
            return None;
        }
        let before = self.missing.len();
        self.missing.retain(|index| *index != arrival.id.index);
        let sampled = self.missing.len() < before;
        if let (true, Ok(decoded)) = (sampled, &arrival.result) {
            self.add(decoded, arrival.encoded_bytes);
        }
        if self.missing.is_empty() {
            if self.chunks == 0 {
                // Chunks too large to sample, or all failed: the first that came has to do.
                self.add(arrival.result.as_ref().ok()?, arrival.encoded_bytes);
            }
            self.is_final = true;
            let estimate = self.estimator.estimate();
            return Some(self.publish(layer, &estimate, self.chunks, self.bytes));
        }
        if wanted && self.limits.is_none() {
            let decoded = arrival.result.as_ref().ok()?;
            let mut first = RangeEstimator::new(SEED);
            first.add_chunk(&decoded.values);
            return Some(self.publish(layer, &first.estimate(), 1, arrival.encoded_bytes));
        }
        None
    }

    fn add(&mut self, decoded: &Decoded, encoded_bytes: u64) {
        self.estimator.add_chunk(&decoded.values);
        self.chunks += 1;
        self.bytes += encoded_bytes;
    }

    fn publish(&mut self, layer: &str, estimate: &crate::range::Estimate, chunks: u64, bytes: u64) -> Event {
        let limits = [estimate.low as f32, estimate.high as f32];
        self.limits = Some(limits);
        Event::Range {
            layer: layer.to_owned(),
            limits,
            method: estimate.method,
            frames: estimate.frames,
            chunks,
            bytes,
            seed: SEED,
            is_final: self.is_final,
        }
    }
}
