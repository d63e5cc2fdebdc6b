//! Chunks and shards of a field.

use std::ops::Range;

use replayscope_session::config::large_session_config;
use serde_json::{Value, json};

use super::{Precision, blosc};

/// Chunks in a shard: 64 MiB decoded, an index of 1 KiB.
const CHUNKS_PER_SHARD: u64 = 64;

/// Chunks and shards of an array `(time, bin)`: a chunk holds whole frames, a shard whole chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLayout {
    /// Length of the time axis; at least one.
    pub frames: u64,
    /// Length of the bin axis; at least one.
    pub bins: usize,
    /// Precision of the stored values.
    pub precision: Precision,
    /// Frames in a chunk.
    pub chunk_frames: u64,
    /// Chunks in a shard.
    pub shard_chunks: u64,
}

impl FieldLayout {
    /// Chunks of [`large_session_config`], about 1 MiB decoded; a short session gets one smaller shard.
    pub fn new(frames: u64, bins: usize, precision: Precision) -> Self {
        let config = large_session_config(frames, bins as u64, precision.size() as u64);
        let chunk_frames = config.chunk_frames;
        let shard_chunks = frames.div_ceil(chunk_frames).clamp(1, CHUNKS_PER_SHARD);
        Self { frames, bins, precision, chunk_frames, shard_chunks }
    }

    /// Number of chunks that hold frames.
    pub fn chunks(&self) -> u64 {
        self.frames.div_ceil(self.chunk_frames)
    }

    /// Number of shards.
    pub fn shards(&self) -> u64 {
        self.chunks().div_ceil(self.shard_chunks)
    }

    /// The frames of a chunk; the last chunk may hold fewer than the others.
    pub fn frames_of(&self, chunk: u64) -> Range<u64> {
        let start = chunk * self.chunk_frames;
        start..(start + self.chunk_frames).min(self.frames)
    }

    /// Bytes of one decoded frame.
    pub fn frame_bytes(&self) -> usize {
        self.bins * self.precision.size()
    }

    /// The array's `zarr.json`. `time` names its first dimension, `attributes` are the array's own.
    pub fn metadata(&self, time: &str, attributes: &Value) -> Value {
        json!({
            "zarr_format": 3,
            "node_type": "array",
            "shape": [self.frames, self.bins],
            "data_type": self.precision.zarr_name(),
            "chunk_grid": {
                "name": "regular",
                "configuration": { "chunk_shape": [self.chunk_frames * self.shard_chunks, self.bins] },
            },
            "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
            "fill_value": "NaN",
            "codecs": [{
                "name": "sharding_indexed",
                "configuration": {
                    "chunk_shape": [self.chunk_frames, self.bins],
                    "codecs": [
                        { "name": "bytes", "configuration": { "endian": "little" } },
                        blosc::metadata(self.precision.size()),
                        { "name": "crc32c" },
                    ],
                    "index_codecs": [
                        { "name": "bytes", "configuration": { "endian": "little" } },
                        { "name": "crc32c" },
                    ],
                    "index_location": "start",
                },
            }],
            "attributes": attributes,
            "dimension_names": [time, "bin"],
            "storage_transformers": [],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_about_one_mebibyte_and_cover_every_frame() {
        for (frames, bins, precision) in [
            (1, 1, Precision::F64),
            (8000, 397, Precision::F32),
            (3_600_000, 500, Precision::F32),
            (3_600_000, 10_000, Precision::F16),
            (10, 1_000_000, Precision::F32),
        ] {
            let layout = FieldLayout::new(frames, bins, precision);
            assert_eq!(layout.frames_of(layout.chunks() - 1).end, frames);
            let bytes = layout.chunk_frames * layout.frame_bytes() as u64;
            assert!(bytes <= 1 << 20 || layout.chunk_frames == 1);
            assert!(layout.shards() * layout.shard_chunks >= layout.chunks());
        }
        assert_eq!(FieldLayout::new(3_600_000, 10_000, Precision::F32).chunk_frames, 26);
    }
}
