//! The time pyramid: covers an interval of frames by as few rows of an array and its pooled levels as possible. Pure.

use std::ops::Range;

/// Consecutive rows of a field's array or of one of its pooled levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PooledRows {
    /// Index of the pooled level, from the finest; `None` for the field's own array.
    pub level: Option<usize>,
    /// Rows of that array.
    pub rows: Range<u64>,
}

/// The rows that together cover exactly `frames`, in order of time; the session has `total` frames.
///
/// `pools` are the frames in a row of each level, ascending. A level covers the blocks that lie entirely inside `frames`, finer levels
/// the rest at both ends. The session's last block may be shorter and still counts as entire.
pub fn pooled_rows(frames: Range<u64>, total: u64, pools: &[u64]) -> Vec<PooledRows> {
    let Some((pool, finer)) = pools.split_last() else {
        let part = (!frames.is_empty()).then_some(PooledRows { level: None, rows: frames });
        return part.into_iter().collect();
    };
    let first = frames.start.div_ceil(*pool);
    let last = if frames.end == total { frames.end.div_ceil(*pool) } else { frames.end / pool };
    if first >= last {
        return pooled_rows(frames, total, finer);
    }
    let mut all = pooled_rows(frames.start..first * pool, total, finer);
    all.push(PooledRows { level: Some(finer.len()), rows: first..last });
    all.extend(pooled_rows(last * pool..frames.end, total, finer));
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
            let parts = pooled_rows(start..end, total, pools);
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
