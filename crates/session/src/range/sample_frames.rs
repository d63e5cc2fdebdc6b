//! Choice of the frames to sample.

use fastrand::Rng;
use replayscope_zarr::array::Array;

/// Most bytes that are fetched for a sample, unless one [`SHARE`]th of the data is more.
const MOST_BYTES: u64 = 16 << 20;
/// A sample may take one of this many parts of the data: 0.5 %.
const SHARE: u64 = 200;
/// Most chunks of a sample, each a request: the second number where that many chunks are at most [`MOST_BYTES`]. More chunks give a
/// better sample, since frames of one chunk are alike.
const SPREAD: [u64; 2] = [64, 256];

/// Most frames of a chunk among which a sample is chosen.
const MOST_ROWS: u64 = 1 << 16;

/// Sizes of an array to sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampledArray {
    /// Frames of the array.
    pub frames: u64,
    /// Values of a frame.
    pub bins: u64,
    /// Frames in a chunk.
    pub chunk_frames: u64,
    /// Most bytes of a stored chunk.
    pub chunk_bytes: u64,
}

/// The sampled rows of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFrames {
    /// Index of the chunk.
    pub chunk: u64,
    /// Rows of the chunk, ascending, without repeats.
    pub rows: Vec<u32>,
}

impl SampledArray {
    /// The sizes of an array.
    pub fn new(array: &Array) -> Self {
        Self {
            frames: array.frames(),
            bins: array.width() as u64,
            chunk_frames: array.chunk_frames(),
            chunk_bytes: array.stored_bytes(),
        }
    }

    /// Chunks of the array.
    pub fn chunks(&self) -> u64 {
        self.frames.div_ceil(self.chunk_frames.max(1))
    }

    /// Frames of a chunk.
    fn frames_of(&self, chunk: u64) -> u64 {
        self.chunk_frames.min(self.frames.saturating_sub(chunk * self.chunk_frames))
    }

    /// Chunks that may be fetched for a sample.
    fn affordable(&self) -> u64 {
        let all = u128::from(self.chunks()) * u128::from(self.chunk_bytes);
        let bytes = u128::from(MOST_BYTES).max(all / u128::from(SHARE));
        (bytes / u128::from(self.chunk_bytes.max(1))) as u64
    }
}

/// At most `samples` random frames without repeats, ascending. Their chunks are random too: one from each of equal parts of the
/// session. The same arguments give the same frames on every machine.
///
/// At most 64 chunks, or 256 small ones, and at most max(16 MiB, 0.5 % of the data) bytes; empty where a single chunk is larger.
pub(super) fn sampled(stored: &SampledArray, samples: u64, seed: u64) -> Vec<SampleFrames> {
    let chunks = stored.chunks();
    let small = MOST_BYTES / stored.chunk_bytes.max(1);
    let count = chunks.min(small.clamp(SPREAD[0], SPREAD[1])).min(stored.affordable());
    let mut rng = Rng::with_seed(seed);
    // In 128 bits: i × chunks may not fit in 64.
    let start = |i: u64| (u128::from(i) * u128::from(chunks) / u128::from(count)) as u64;
    let chosen: Vec<u64> = (0..count).map(|i| rng.u64(start(i)..start(i + 1))).collect();
    // Metadata may claim any number of frames per chunk: with many, only every n-th is considered.
    let stretch = stored.chunk_frames.div_ceil(MOST_ROWS).max(1);
    let mut left: u64 = chosen.iter().map(|chunk| stored.frames_of(*chunk).div_ceil(stretch)).sum();
    let mut wanted = samples.min(left);
    let part = |chunk: &u64| {
        // Selection sampling: exactly `wanted` frames in the end, and each set is equally likely.
        let mut rows = Vec::new();
        for row in (0..stored.frames_of(*chunk)).step_by(stretch as usize) {
            if rng.u64(0..left) < wanted {
                rows.push(row as u32);
                wanted -= 1;
            }
            left -= 1;
        }
        SampleFrames { chunk: *chunk, rows }
    };
    chosen.iter().map(part).filter(|part| !part.rows.is_empty()).collect()
}

/// Every `stride`-th frame, from the first on. Chunks without any are skipped.
pub(super) fn strided(stored: SampledArray, stride: u64) -> impl Iterator<Item = SampleFrames> {
    let (stride, of_chunk) = (stride.max(1), stored.chunk_frames.max(1));
    let next = move |frame: u64| {
        let frame = frame.checked_next_multiple_of(stride)?;
        (frame < stored.frames).then(|| frame / of_chunk)
    };
    let part = move |chunk: u64| {
        let first = chunk * of_chunk;
        let frames =
            (first.next_multiple_of(stride)..first + stored.frames_of(chunk)).step_by(stride as usize);
        SampleFrames { chunk, rows: frames.map(|frame| (frame - first) as u32).collect() }
    };
    let after = move |chunk: &u64| next((chunk + 1).checked_mul(of_chunk)?);
    std::iter::successors(next(0), after).map(part)
}

/// The default stride: 1 up to 200,000 frames, else so that about 50,000 are sampled.
pub(super) fn default_stride(frames: u64) -> u64 {
    if frames > 200_000 { frames.div_ceil(50_000) } else { 1 }
}
