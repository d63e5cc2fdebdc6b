//! How a session of some size is best cut, kept and read ahead.

/// Decoded size of a chunk in bytes: one request, decoded well within a display frame.
const CHUNK_BYTES: u64 = 1 << 20;
const MIB: u64 = 1 << 20;
/// A chunk fewer than this in memory, and scrubbing to and fro reads the same ones again.
const LEAST_CHUNKS: u64 = 16;

/// What suits a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionConfig {
    /// Frames in a chunk.
    pub chunk_frames: u64,
    /// Bytes of decoded values to keep.
    pub cache_bytes: u64,
    /// Chunks to read ahead while playing, at least.
    pub prefetch_chunks: u64,
}

/// What suits a session of `n_frames` × `n_bins` values of `itemsize` bytes each.
///
/// The steps, 50,000, 200,000 and 1,000,000 frames, are those of neurospatial's `large_session_napari_config`; the sizes go by bytes,
/// as a frame has anything from ten bins to a million. No more is kept than twice the session: its levels and overlays lie there, too.
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
    // Whole MiB, as people read and type it.
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
