//! Which chunks to look at.

use fastrand::Rng;

/// Most chunks of a sample.
const MOST_CHUNKS: u64 = 64;

/// Most bytes of a sample.
const MOST_BYTES: u64 = 16 << 20;

/// Chunks of a session to estimate a colour range from, ascending: one at random from each of equal stretches.
///
/// `chunk_bytes` is the most that a stored chunk can have. At most 64 chunks and 16 MiB, so none where one chunk
/// alone is larger: then the chunk on screen has to do. The same arguments give the same chunks.
pub fn sample_chunks(chunks: u64, chunk_bytes: u64, seed: u64) -> Vec<u64> {
    let affordable = MOST_BYTES / chunk_bytes.max(1);
    let count = chunks.min(MOST_CHUNKS).min(affordable);
    let mut rng = Rng::with_seed(seed);
    // In 128 bits: i × chunks may not fit in 64.
    let start = |i: u64| (u128::from(i) * u128::from(chunks) / u128::from(count)) as u64;
    (0..count).map(|i| rng.u64(start(i)..start(i + 1))).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_chunks_are_all_taken() {
        assert_eq!(sample_chunks(0, 10, 0), Vec::<u64>::new());
        assert_eq!(sample_chunks(3, 10, 0), [0, 1, 2]);
        assert_eq!(sample_chunks(1, 16 << 20, 0), [0]);
        assert_eq!(sample_chunks(1_000, (16 << 20) + 1, 0), Vec::<u64>::new());
    }

    proptest! {
        #[test]
        fn spread_bounded_and_repeatable(
            chunks in any::<u64>(), chunk_bytes in prop_oneof![0u64..1 << 25, any::<u64>()], seed: u64,
        ) {
            let sample = sample_chunks(chunks, chunk_bytes, seed);
            prop_assert_eq!(&sample, &sample_chunks(chunks, chunk_bytes, seed));
            prop_assert!(sample.len() <= 64);
            prop_assert!((sample.len() as u64).saturating_mul(chunk_bytes) <= 16 << 20);
            prop_assert!(sample.windows(2).all(|pair| pair[0] < pair[1]), "ascending, so none twice");
            prop_assert!(sample.iter().all(|chunk| *chunk < chunks));
            if sample.len() > 1 {
                let stretch = u128::from(chunks) / sample.len() as u128;
                let gaps = sample.windows(2).map(|pair| u128::from(pair[1] - pair[0]));
                prop_assert!(gaps.max().unwrap() <= 2 * stretch + 2);
            }
        }
    }
}
