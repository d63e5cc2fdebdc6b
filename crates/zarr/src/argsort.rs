//! Sorting, compiled once: each type that the standard library sorts is 4 to 8 KB of wasm, and there were eight.

use std::cmp::Ordering;

/// The indices `0..count` in ascending order of what `compare` says of two of them; equal ones keep their order.
pub fn argsort(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    indices.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    indices
}

/// Ascending, by [`f64::total_cmp`].
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let order = argsort(values.len(), &mut |a, b| values[a].total_cmp(&values[b]));
    order.into_iter().map(|index| values[index]).collect()
}
