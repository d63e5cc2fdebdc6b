//! A field's colour limits, found from sampled chunks while the session is already on screen.

use replayscope_session::Field;
use replayscope_session::range::{Estimate, Estimator, Method, SampleFrames, SampledArray};
use replayscope_zarr::array::Decoded;

use crate::chunk::Arrival;
use crate::event::Event;

/// Which frames are sampled; the same session gives the same limits twice.
const SEED: u64 = 0;
/// Frames of the first chunk that are looked at before it is drawn: more would hold up the first picture.
const FIRST_FRAMES: usize = 256;

/// Limits at once from the first chunk that comes to be shown, and once more from a fixed set of frames all over the session, when
/// all of it has come: colours that change again and again cannot be compared. Where the session tells its limits these stay, and the
/// sample is for the histogram.
pub struct Sampling {
    stored: SampledArray,
    missing: Vec<SampleFrames>,
    /// What the session tells.
    known: Option<Found>,
    /// `None` until there is a chunk.
    found: Option<Found>,
    estimator: Estimator,
    chunks: u64,
    bytes: u64,
    is_final: bool,
}

/// What the latest estimate stands on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// It.
    pub estimate: Estimate,
    /// Chunks.
    pub chunks: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// Of the choice of frames.
    pub seed: u64,
}

impl Sampling {
    /// Chooses the frames to sample.
    pub fn new(field: &Field) -> Self {
        let stored = SampledArray::new(&field.array);
        let known = field.known().map(|estimate| Found { estimate, chunks: 0, bytes: 0, seed: SEED });
        let missing = Method::Auto.sample(stored, SEED);
        let frames = missing.iter().map(|part| part.rows.len() as u64).sum();
        Self {
            stored,
            missing,
            known,
            found: known,
            estimator: Estimator::new(Method::Auto, &stored, frames),
            chunks: 0,
            bytes: 0,
            is_final: false,
        }
    }

    /// What is known so far.
    pub fn found(&self) -> Option<Found> {
        self.found
    }

    /// How often values occur in what was seen; see [`Estimator::histogram`].
    pub fn histogram(&self, edges: &[f64]) -> Vec<f64> {
        self.estimator.histogram(edges)
    }

    /// The sampled chunks that have not come yet.
    pub fn missing(&self) -> impl Iterator<Item = u64> + '_ {
        self.missing.iter().map(|part| part.chunk)
    }

    /// Takes a chunk of this field into account, `wanted` being the one that is to be shown; an event when the limits
    /// changed.
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
                // Chunks too large to sample, or all failed: the first that came has to do.
                let decoded = arrival.result.as_ref().ok()?;
                self.estimator = Estimator::new(Method::Auto, &self.stored, FIRST_FRAMES as u64);
                self.add(arrival.id.index, decoded, few(decoded));
            }
            self.is_final = true;
            let event = self.publish(layer, self.estimator.estimate(), self.chunks, self.bytes);
            self.estimator.finish();
            return Some(event);
        }
        if wanted && self.found.is_none() {
            let decoded = arrival.result.as_ref().ok()?;
            let mut first = Estimator::new(Method::Auto, &self.stored, FIRST_FRAMES as u64);
            first.add(0, &decoded.values, few(decoded));
            return Some(self.publish(layer, first.estimate(), 1, decoded.encoded_bytes));
        }
        None
    }

    fn add(&mut self, chunk: u64, decoded: &Decoded, rows: impl IntoIterator<Item = usize>) {
        self.estimator.add(chunk * self.stored.chunk_frames, &decoded.values, rows);
        self.chunks += 1;
        self.bytes += decoded.encoded_bytes;
    }

    fn publish(&mut self, layer: &str, estimate: Estimate, chunks: u64, bytes: u64) -> Event {
        let found = self.known.unwrap_or(Found { estimate, chunks, bytes, seed: SEED });
        self.found = Some(found);
        let Found { estimate, chunks, bytes, seed } = found;
        Event::Range {
            layer: layer.to_owned(),
            limits: estimate.limits,
            extremes: estimate.extremes,
            method: estimate.method,
            frames: estimate.frames,
            chunks,
            bytes,
            seed,
            is_final: self.is_final || self.known.is_some(),
        }
    }
}

/// Rows all over a chunk.
fn few(decoded: &Decoded) -> impl Iterator<Item = usize> + use<> {
    let rows = decoded.values.rows();
    (0..rows).step_by(rows.div_ceil(FIRST_FRAMES).max(1))
}
