//! Computes the colour limits of all frames while they are written, so that the viewer need not estimate them from a sample.

use rayon::prelude::*;
use replayscope_session::range::{Estimate, Estimator, Method, SampledArray};
use replayscope_zarr::array::Values;
use serde_json::{Value, json};

use super::{FieldLayout, Precision};

/// The estimator of a field's limits.
pub struct Limits {
    layout: FieldLayout,
    /// Frames added so far.
    frames: u64,
    estimator: Estimator,
}

impl Limits {
    /// The limits of a field before its first frame.
    pub fn new(layout: FieldLayout) -> Self {
        Self { layout, frames: 0, estimator: nothing(&layout) }
    }

    /// Adds the field's next chunks, each the values of its frames as stored.
    pub fn add(&mut self, chunks: &[&[u8]]) {
        let FieldLayout { bins, precision, chunk_frames, .. } = self.layout;
        let start = self.frames;
        let of_chunk = |(number, chunk): (usize, &&[u8])| {
            let mut seen = nothing(&self.layout);
            let values = match precision {
                Precision::F32 => Values::new(bins, chunk.to_vec(), None),
                Precision::F16 | Precision::F64 => {
                    let values =
                        chunk.chunks_exact(precision.size()).map(|value| precision.read(value) as f32);
                    Values::of(bins, &values.collect::<Vec<f32>>())
                }
            };
            if let Some(values) = values {
                seen.add(start + number as u64 * chunk_frames, &values, 0..values.rows());
            }
            seen
        };
        let seen: Vec<Estimator> = chunks.par_iter().enumerate().map(of_chunk).collect();
        for seen in seen {
            self.estimator.absorb(seen);
        }
        self.frames +=
            chunks.iter().map(|chunk| chunk.len() / self.layout.frame_bytes()).sum::<usize>() as u64;
    }

    /// The attribute `limits` of a level, which [`Estimate::stored`] reads; `None` where the field has fewer than two distinct values.
    pub fn attribute(&self) -> Option<Value> {
        let Estimate { limits: [low, high], method, frames, extremes: [lowest, highest] } =
            self.estimator.estimate();
        (lowest < highest).then(|| {
            json!({
                "method": method,
                "low": low,
                "high": high,
                "lowest": lowest,
                "highest": highest,
                "frames": frames,
            })
        })
    }
}

fn nothing(layout: &FieldLayout) -> Estimator {
    let stored = SampledArray {
        frames: layout.frames,
        bins: layout.bins as u64,
        chunk_frames: layout.chunk_frames,
        chunk_bytes: layout.chunk_frames * layout.frame_bytes() as u64,
    };
    Estimator::new(Method::Auto, &stored, layout.frames)
}
