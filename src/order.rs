//! Sorting, in little code: the standard library's sort is 8 KB of wasm for each type, and as fast only as its comparisons.

use std::cmp::Ordering;

/// The indices `0..count` in ascending order of what `compare` says of two of them; equal ones keep their order.
pub fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut merged = order.clone();
    // Merges neighbouring runs, which are sorted, into runs of twice the length, until one is left.
    let mut run = 1;
    while run < count {
        for (pair, merged) in order.chunks(2 * run).zip(merged.chunks_mut(2 * run)) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            for place in merged {
                let next = match (left, right) {
                    ([a, ..], [b, ..]) if compare(*a, *b).is_gt() => &mut right,
                    ([], _) => &mut right,
                    _ => &mut left,
                };
                *place = next[0];
                *next = &next[1..];
            }
        }
        std::mem::swap(&mut order, &mut merged);
        run *= 2;
    }
    order
}

/// Ascending, by [`f64::total_cmp`].
pub fn ascending(values: &[f64]) -> Vec<f64> {
    let order = order(values.len(), &mut |a, b| values[a].total_cmp(&values[b]));
    order.into_iter().map(|index| values[index]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_the_standard_library_sorts(values in prop::collection::vec(0..20_u8, 0..70)) {
            let mut expected: Vec<usize> = (0..values.len()).collect();
            expected.sort_by_key(|index| values[*index]);
            prop_assert_eq!(order(values.len(), &mut |a, b| values[a].cmp(&values[b])), expected);
        }
    }
}
