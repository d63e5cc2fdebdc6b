//! Which frames to look at.

use fastrand::Rng;

use replayscope_zarr::array::Array;

/// Most bytes that are fetched for a sample: this, or [`SHARE`] of the data where that is more.
const MOST_BYTES: u64 = 16 << 20;
/// One two-hundredth, 0.5 %.
const SHARE: u64 = 200;
/// Chunks over which a sample is spread where its bytes allow, each a request; the second of small ones, where all of them are
/// [`MOST_BYTES`] at most. The more, the better: frames of one chunk are much alike.
const SPREAD: [u64; 2] = [64, 256];

/// Frames of a chunk among which a sample chooses.
const MOST_ROWS: u64 = 1 << 16;

/// How an array is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampledArray {
    /// Frames in it.
    pub frames: u64,
    /// Values of a frame.
    pub bins: u64,
    /// Frames in a chunk.
    pub chunk_frames: u64,
    /// Bytes of a chunk as it is stored, at most.
    pub chunk_bytes: u64,
}

/// Frames of some chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFrames {
    /// The chunk.
    pub chunk: u64,
    /// Rows of it, ascending; none is twice.
    pub rows: Vec<u32>,
}

impl SampledArray {
    /// Of an array.
    pub fn new(array: &Array) -> Self {
        Self {
            frames: array.frames(),
            bins: array.width() as u64,
            chunk_frames: array.chunk_frames(),
            chunk_bytes: array.stored_bytes(),
        }
    }

    /// Chunks in it.
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

/// At most `samples` frames at random, none twice, of chunks at random, one of each of equal stretches of the session; ascending.
/// The same arguments give the same frames, whatever computes them.
///
/// At most 64 chunks, or 256 small ones, and no more bytes than max(16 MiB, 0.5 % of the data): none where one chunk alone is more.
pub(super) fn sampled(stored: &SampledArray, samples: u64, seed: u64) -> Vec<SampleFrames> {
    let chunks = stored.chunks();
    let small = MOST_BYTES / stored.chunk_bytes.max(1);
    let count = chunks.min(small.clamp(SPREAD[0], SPREAD[1])).min(stored.affordable());
    let mut rng = Rng::with_seed(seed);
    // In 128 bits: i × chunks may not fit in 64.
    let start = |i: u64| (u128::from(i) * u128::from(chunks) / u128::from(count)) as u64;
    let chosen: Vec<u64> = (0..count).map(|i| rng.u64(start(i)..start(i + 1))).collect();
    // A chunk may claim any number of frames: of many, one of each stretch is looked at.
    let stretch = stored.chunk_frames.div_ceil(MOST_ROWS).max(1);
    let mut left: u64 = chosen.iter().map(|chunk| stored.frames_of(*chunk).div_ceil(stretch)).sum();
    let mut wanted = samples.min(left);
    let part = |chunk: &u64| {
        // Each frame is taken with the share of those that are still wanted: just as many in the end, and each set as likely.
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

/// Every `stride`-th frame of all, from the first on. Chunks without any are passed over, however many there are.
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

/// The stride of a session: all frames up to 200,000 of them, and about 50,000 of more.
pub(super) fn default_stride(frames: u64) -> u64 {
    if frames > 200_000 { frames.div_ceil(50_000) } else { 1 }
}
