//! Values in order: as integers that compare alike, and the percentiles of many.

/// Orders f32 as integers: `order_key(a) < order_key(b)` wherever `a < b`, and -0 comes just before 0.
///
/// The field shader does the same to the bits it reads.
pub fn order_key(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 0x8000_0000 }
}

/// The value whose [`order_key`] is `key`.
pub fn value_of(key: u32) -> f32 {
    f32::from_bits(if key >> 31 == 1 { key & 0x7fff_ffff } else { !key })
}

/// Percentiles of the values with these keys, by numpy's default rule: linear between the two nearest in order,
/// `numpy.percentile(values, percents)`. `None` without values. The keys come out in another order.
///
/// Percents ascend.
pub fn percentiles<const N: usize>(keys: &mut [u32], percents: [f64; N]) -> Option<[f64; N]> {
    let count = keys.len();
    (count > 0).then(|| percents.map(|percent| Rank::of(count, percent).between(|rank| nth(keys, rank))))
}

/// The key with just `rank` others before it in order; `rank` is one of theirs. Hoare's selection, from pivots that no data know.
///
/// The standard library's has a fallback for adversaries and is ten times the wasm.
pub fn nth<K: Copy + Ord>(keys: &mut [K], rank: usize) -> K {
    let (mut first, mut last) = (0, keys.len() - 1);
    let mut random = 0x9e37_79b9_usize;
    while first < last {
        random = random.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        // Never the last one: then each round leaves something out.
        let pivot = keys[first + (random >> 8) % (last - first)];
        let (mut low, mut high) = (first, last);
        loop {
            while keys[low] < pivot {
                low += 1;
            }
            while pivot < keys[high] {
                high -= 1;
            }
            if low >= high {
                break;
            }
            keys.swap(low, high);
            low += 1;
            high -= 1;
        }
        // Up to `high` nothing is above the pivot, and after it nothing is below.
        if rank <= high {
            last = high;
        } else {
            first = high + 1;
        }
    }
    keys[rank]
}

/// Where a percentile is among values in order.
pub(crate) struct Rank {
    below: usize,
    above: usize,
    share: f64,
}

impl Rank {
    /// Of `count` values, at least one.
    pub fn of(count: usize, percent: f64) -> Self {
        let at = (percent / 100.0).clamp(0.0, 1.0) * (count - 1) as f64;
        let below = at as usize;
        Self { below, above: (below + 1).min(count - 1), share: at - below as f64 }
    }

    /// The percentile, where `key` has the key of each rank. As numpy's `_lerp`: from the nearer end, so that it is exact at both.
    pub fn between(&self, mut key: impl FnMut(usize) -> u32) -> f64 {
        let [low, high] = [self.below, self.above].map(|rank| f64::from(value_of(key(rank))));
        let gap = high - low;
        if self.share < 0.5 { low + gap * self.share } else { high - gap * (1.0 - self.share) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f32], percents: [f64; 1]) -> Option<f64> {
        let mut keys: Vec<u32> = values.iter().map(|value| order_key(*value)).collect();
        percentiles(&mut keys, percents).map(|[found]| found)
    }

    #[test]
    fn the_nth_is_that_of_sorted_keys() {
        for keys in [
            vec![7],
            vec![2, 1],
            vec![3; 9],
            (0..50).collect(),
            (0..50).rev().collect(),
            vec![1, 0, 1, 0, 0, 1, 1],
        ] {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            for (rank, expected) in sorted.iter().enumerate() {
                assert_eq!(nth(&mut keys.clone(), rank), *expected, "{rank} of {keys:?}");
            }
        }
        let many: Vec<u32> = (0..10_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 7).collect();
        let mut sorted = many.clone();
        sorted.sort_unstable();
        for rank in [0, 1, 4_999, 5_000, 9_998, 9_999] {
            assert_eq!(nth(&mut many.clone(), rank), sorted[rank]);
        }
    }

    #[test]
    fn a_few_by_hand() {
        let values = [3.0, 1.0, 2.0, 10.0];
        let found = [0.0, 50.0, 75.0, 100.0].map(|percent| of(&values, [percent]));
        assert_eq!(found, [Some(1.0), Some(2.5), Some(4.75), Some(10.0)]);
        assert_eq!(of(&[-0.0], [50.0]), Some(0.0));
        assert_eq!(of(&[], [50.0]), None);
        assert_eq!(of(&[f32::MIN, f32::MAX], [50.0]), Some(0.0));
    }
}
