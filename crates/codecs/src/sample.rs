//! Values of a sample: their percentiles, and how often each occurs.

use crate::order::{Rank, order_key, value_of};

/// Bits of a key that do not tell one count from another: what is left are sign, exponent and 7 bits, a step of 0.8 %.
const FINE: u32 = 16;

/// Many values. Each add and each question takes one pass at most, whatever was there before.
#[derive(Debug, Clone)]
pub struct Sample {
    /// By [`order_key`].
    keys: Vec<u32>,
    /// How many values there are of each coarse key.
    counts: Vec<u32>,
}

impl Default for Sample {
    fn default() -> Self {
        Self { keys: Vec::new(), counts: vec![0; 1 << (32 - FINE)] }
    }
}

impl Sample {
    /// Adds the values with these [`order_key`]s.
    pub fn add(&mut self, keys: &[u32]) {
        for key in keys {
            self.counts[(key >> FINE) as usize] += 1;
        }
        self.keys.extend_from_slice(keys);
    }

    /// Adds the values of another.
    pub fn absorb(&mut self, other: Self) {
        self.keys.extend(other.keys);
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    /// As [`crate::percentiles`], to the last bit. `None` without values, and after [`Sample::forget`].
    pub fn percentiles<const N: usize>(&self, percents: [f64; N]) -> Option<[f64; N]> {
        let count = self.keys.len();
        (count > 0).then(|| percents.map(|percent| Rank::of(count, percent).between(|rank| self.nth(rank))))
    }

    /// Only the counts are needed from now on: the values themselves go.
    pub fn forget(&mut self) {
        self.keys = Vec::new();
    }

    /// How many values are between each two neighbouring edges, which ascend. What shares a count is spread evenly over it.
    pub fn histogram(&self, edges: &[f64]) -> Vec<f64> {
        let mut bins = vec![0.0; edges.len().saturating_sub(1)];
        let mut first = 0;
        for (coarse, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let from = (coarse as u32) << FINE;
            let [low, high] = [from, from | ((1 << FINE) - 1)].map(|key| f64::from(value_of(key)));
            while first < bins.len() && edges[first + 1] <= low {
                first += 1;
            }
            let share = f64::from(*count) / (high - low);
            let within =
                bins.iter_mut().zip(edges.windows(2)).skip(first).take_while(|(_, edges)| edges[0] <= high);
            for (bin, edges) in within {
                *bin += share * (edges[1].min(high) - edges[0].max(low)).max(0.0);
            }
        }
        bins
    }

    /// The counts say where to look.
    fn nth(&self, rank: usize) -> u32 {
        let mut before = 0;
        let coarse = self.counts.iter().position(|count| {
            before += *count as usize;
            before > rank
        });
        let coarse = coarse.unwrap_or_default();
        before -= self.counts[coarse] as usize;
        let mut near: Vec<u32> =
            self.keys.iter().copied().filter(|key| (key >> FINE) as usize == coarse).collect();
        *near.select_nth_unstable(rank - before).1
    }
}

/// How many values are between each two neighbouring edges, which ascend; the last one belongs to the last bin.
pub fn histogram(values: impl Iterator<Item = f32>, edges: &[f64]) -> Vec<f64> {
    let mut bins = vec![0.0; edges.len().saturating_sub(1)];
    let Some(last) = edges.last().filter(|_| !bins.is_empty()) else { return bins };
    for value in values.map(f64::from).filter(|value| *value >= edges[0] && value <= last) {
        let after = edges.partition_point(|edge| *edge <= value).clamp(1, bins.len());
        bins[after - 1] += 1.0;
    }
    bins
}

/// What finite values have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The least.
    pub low: f32,
    /// The greatest.
    pub high: f32,
    /// Of all.
    pub sum: f64,
}

impl Summary {
    /// Of the values with these keys; `None` where there are none.
    pub fn of(keys: &[u32]) -> Option<Self> {
        let (low, high) = (keys.iter().min()?, keys.iter().max()?);
        let sum = keys.iter().map(|key| f64::from(value_of(*key))).sum();
        Some(Self { low: value_of(*low), high: value_of(*high), sum })
    }
}

/// The [`order_key`]s of what is finite.
pub(crate) fn finite_keys(values: impl Iterator<Item = f32>, into: &mut Vec<u32>) {
    into.extend(values.filter(|value| value.is_finite()).map(order_key));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f32]) -> Sample {
        let mut sample = Sample::default();
        // In two parts, as chunks come.
        for part in values.chunks(values.len().div_ceil(2).max(1)) {
            let mut keys = Vec::new();
            finite_keys(part.iter().copied(), &mut keys);
            sample.add(&keys);
        }
        sample
    }

    #[test]
    fn percentiles_are_those_of_all_values() {
        let values: Vec<f32> = (0..10_000).map(|i| ((i * 7919) % 10_007) as f32 * 0.01 - 20.0).collect();
        let mut keys = Vec::new();
        finite_keys(values.iter().copied(), &mut keys);
        let percents = [0.0, 1.0, 37.3, 50.0, 99.0, 99.5, 100.0];
        assert_eq!(sample(&values).percentiles(percents), crate::percentiles(&mut keys, percents));
        assert_eq!(Sample::default().percentiles([50.0]), None);
    }

    #[test]
    fn histograms_count_every_value_once() {
        let values: Vec<f32> = (0..1_000).map(|i| (i as f32 + 0.5) / 1_000.0).chain([0.0; 50]).collect();
        let edges: Vec<f64> = (0..=10).map(|i| f64::from(i) / 10.0).collect();
        let exact = histogram(values.iter().copied(), &edges);
        assert_eq!(exact, [150.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]);
        let spread = sample(&values).histogram(&edges);
        for (spread, exact) in spread.iter().zip(exact) {
            assert!((spread - exact).abs() < 2.0, "{spread} where there are {exact}");
        }
        assert!((spread.iter().sum::<f64>() - 1_050.0).abs() < 1.0);
        let mut forgotten = sample(&values);
        forgotten.forget();
        assert_eq!(forgotten.histogram(&edges), spread);
        // Below zero, too, and nothing of what is beyond.
        let signed = sample(&[-3.0, -1.0, -1.0, 0.0, 2.0]).histogram(&[-2.0, -0.5, 0.5]);
        assert!((signed[0] - 2.0).abs() < 1e-9 && (signed[1] - 1.0).abs() < 1e-9, "{signed:?}");
        assert_eq!(histogram([1.0, 2.0, f32::NAN].into_iter(), &[1.0, 2.0]), [2.0]);
        assert_eq!(histogram([1.0].into_iter(), &[]), [0.0; 0]);
    }
}
