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
    (count > 0).then(|| {
        percents.map(|percent| Rank::of(count, percent).between(|rank| *keys.select_nth_unstable(rank).1))
    })
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
    fn percentiles_are_those_of_sorted_keys() {
        let many = (0..10_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 7);
        for values in [
            vec![7.0],
            vec![2.0, 1.0],
            vec![3.0; 9],
            (0..51).map(|i| i as f32).collect(),
            (0..51).rev().map(|i| i as f32).collect(),
            vec![1.0, -0.0, 1.0, 0.0, -1.0, 1.0, 1.0],
            many.map(|key| key as f32).collect(),
        ] {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f32::total_cmp);
            for percent in [0.0, 12.5, 50.0, 99.0, 100.0] {
                let at = percent / 100.0 * (sorted.len() - 1) as f64;
                let [low, high] = [at.floor(), at.ceil()].map(|at| f64::from(sorted[at as usize]));
                let found = of(&values, [percent]).unwrap();
                let expected = low + (high - low) * at.fract();
                assert!(
                    (found - expected).abs() <= expected.abs() * 1e-15,
                    "{percent} of {values:?}: {found}"
                );
            }
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
