//! Frames as pooled rows: an interval of frames in as few rows of an array and its pooled levels as there are. Pure.

use std::ops::Range;

/// Consecutive rows of a field's array or of one of its pooled levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which pooled level, counted from the finest; `None`: the frames themselves.
    pub level: Option<usize>,
    /// Rows of it.
    pub rows: Range<u64>,
}

/// The rows that together hold just `frames`, in order of time; the session has `total`.
///
/// `pools` are the frames in a row of each level, ascending. A level is used for the blocks that lie wholly inside; what
/// is left at both ends is made up from finer ones. The session's last block may be short, and is whole all the same.
pub fn parts(frames: Range<u64>, total: u64, pools: &[u64]) -> Vec<Part> {
    let Some((pool, finer)) = pools.split_last() else {
        let part = (!frames.is_empty()).then_some(Part { level: None, rows: frames });
        return part.into_iter().collect();
    };
    let first = frames.start.div_ceil(*pool);
    let last = if frames.end == total { frames.end.div_ceil(*pool) } else { frames.end / pool };
    if first >= last {
        return parts(frames, total, finer);
    }
    let mut all = parts(frames.start..first * pool, total, finer);
    all.push(Part { level: Some(finer.len()), rows: first..last });
    all.extend(parts(last * pool..frames.end, total, finer));
    all
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_tile_the_frames_and_a_whole_block_is_one_row(
            total in 1_u64..10_000, start in 0.0..1.0_f64, end in 0.0..=1.0_f64, levels in 0..3_usize,
        ) {
            let pools = &[16, 256][..levels.min(2)];
            let start = (start * total as f64) as u64;
            let end = start + (end * (total - start) as f64) as u64;
            let mut next = start;
            let parts = parts(start..end, total, pools);
            for part in &parts {
                prop_assert!(!part.rows.is_empty());
                let pool = part.level.map_or(1, |level| pools[level]);
                prop_assert_eq!(part.rows.start * pool, next);
                next = (part.rows.end * pool).min(total);
                prop_assert!(next <= end);
            }
            prop_assert_eq!(next, end);
            // Fewer single frames than would make a block at each end.
            let single: u64 = parts.iter().filter(|part| part.level.is_none()).map(|part| part.rows.end - part.rows.start).sum();
            prop_assert!(levels == 0 || single < 32, "{} single frames", single);
        }
    }
}
