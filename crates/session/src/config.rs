//! Sizes of chunks, cache and prefetch for a session.

/// Decoded size of a chunk in bytes: one request, decoded in less than an animation frame.
const CHUNK_BYTES: u64 = 1 << 20;
const MIB: u64 = 1 << 20;
/// Fewest chunks in the cache: with fewer, scrubbing back and forth would read the same chunks again.
const LEAST_CHUNKS: u64 = 16;

/// Sizes of chunks, cache and prefetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionConfig {
    /// Frames in a chunk.
    pub chunk_frames: u64,
    /// Budget of the cache of decoded chunks in bytes.
    pub cache_bytes: u64,
    /// Fewest chunks to prefetch during playback.
    pub prefetch_chunks: u64,
}

/// The sizes for a session of `n_frames` × `n_bins` values of `itemsize` bytes each.
///
/// The steps, 50,000, 200,000 and 1,000,000 frames, are those of neurospatial's `large_session_napari_config`. Sizes are in bytes, as a
/// frame has from ten to a million bins. The cache holds at most twice the session's bytes, since it also holds levels and overlays.
pub fn large_session_config(n_frames: u64, n_bins: u64, itemsize: u64) -> SessionConfig {
    let frame_bytes = n_bins.saturating_mul(itemsize).max(1);
    let chunk_frames = (CHUNK_BYTES / frame_bytes).clamp(1, n_frames.max(1));
    let (most, prefetch_chunks) = match n_frames {
        0..50_000 => (128 * MIB, 2),
        50_000..200_000 => (256 * MIB, 2),
        200_000..1_000_000 => (256 * MIB, 3),
        1_000_000.. => (256 * MIB, 4),
    };
    let whole = frame_bytes.saturating_mul(n_frames).saturating_mul(2);
    let least = chunk_frames.saturating_mul(frame_bytes).saturating_mul(LEAST_CHUNKS).max(LEAST_CHUNKS * MIB);
    // Whole MiB, as users read and type the size.
    let cache_bytes = whole.min(most).max(least).div_ceil(MIB).saturating_mul(MIB);
    SessionConfig { chunk_frames, cache_bytes, prefetch_chunks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_by_hand() {
        let of = |n_frames, n_bins, itemsize| {
            let SessionConfig { chunk_frames, cache_bytes, prefetch_chunks } =
                large_session_config(n_frames, n_bins, itemsize);
            (chunk_frames, cache_bytes / MIB, prefetch_chunks)
        };
        assert_eq!(of(0, 0, 4), (1, 16, 2));
        assert_eq!(of(1_000, 100, 4), (1_000, 16, 2));
        assert_eq!(of(49_999, 500, 4), (524, 128, 2));
        assert_eq!(of(50_000, 500, 4), (524, 191, 2));
        assert_eq!(of(200_000, 500, 2), (1_048, 256, 3));
        assert_eq!(of(3_600_000, 10_000, 2), (52, 256, 4));
        // A frame larger than a chunk should be.
        assert_eq!(of(10, 20_000_000, 4), (1, 1_221, 2));
        assert_eq!(of(u64::MAX, u64::MAX, 8).0, 1);
    }
}
