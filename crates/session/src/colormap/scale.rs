//! Maps a value to an entry of a colormap: limits, gamma, up to 256 entries.

use super::{order_key, value_of};

/// Maps a field's values to entries of a colormap.
///
/// The rule is matplotlib's (`PowerNorm` or `LogNorm`, clipped, then `Colormap.__call__`), computed in double precision:
/// `t = position(v) ^ gamma`, clamped to 0..1, then `min(floor(t * entries), entries - 1)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    limits: [f32; 2],
    gamma: f32,
    transform: Transform,
    entries: u16,
}

/// The position of a value v between limits lo and hi.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// `(v - lo) / (hi - lo)`
    Linear,
    /// `ln(v / from) / ln(hi / from)`, and 0 below `from`.
    Log {
        /// Floor of the scale: above zero, not below lo.
        from: f64,
    },
}

impl Scale {
    /// The linear scale from 0 to 1.
    pub const UNIT: Self =
        Self { limits: [0.0, 1.0], gamma: 1.0, transform: Transform::Linear, entries: 256 };

    /// A scale; `None` unless the limits are finite and in order, gamma is finite and above zero, there are 1 to 256 entries, and a
    /// logarithm's floor is above zero and not below the lower limit.
    ///
    /// Equal limits are a step: the lowest entry up to the limit, the highest above it.
    pub fn new(limits: [f32; 2], gamma: f32, transform: Transform, entries: u16) -> Option<Self> {
        let [lo, hi] = limits;
        let ordered = lo.is_finite() && hi.is_finite() && lo <= hi;
        // Adding zero makes -0 into 0, so that nothing lies between equal limits.
        let limits = limits.map(|limit| limit + 0.0);
        let begins = match transform {
            Transform::Linear => true,
            Transform::Log { from } => from > 0.0 && from.is_finite() && from >= f64::from(lo),
        };
        let bends = gamma.is_finite() && gamma > 0.0;
        (ordered && bends && begins && (1..=256).contains(&entries)).then_some(Self {
            limits,
            gamma,
            transform,
            entries,
        })
    }

    /// The lower and the upper limit.
    pub fn limits(self) -> [f32; 2] {
        self.limits
    }

    /// The transform between the limits.
    pub fn transform(self) -> Transform {
        self.transform
    }

    /// The number of entries.
    pub fn entries(self) -> u16 {
        self.entries
    }

    /// The entry of `value`; `None` for NaN. +Inf has the last entry, -Inf the first.
    pub fn index(self, value: f32) -> Option<u8> {
        let [lo, hi] = self.limits;
        let entries = f64::from(self.entries);
        if value.is_nan() {
            None
        } else if value <= lo {
            Some(0)
        } else if value >= hi {
            Some((self.entries - 1) as u8)
        } else {
            let t = self.bend(self.place(value), f64::from(self.gamma));
            Some((t * entries).floor().min(entries - 1.0) as u8)
        }
    }

    /// For each entry, the [`order_key`] of the least value that reaches it (0 for the first, which every value reaches); after the last
    /// entry, a key that no value has.
    ///
    /// A shader that searches the last key not above a value's own finds the entry of [`Scale::index`], independent of the precision of
    /// the GPU's division and power and of its treatment of infinities and denormals.
    pub fn thresholds(self) -> [u32; 256] {
        let mut keys = [u32::MAX; 256];
        keys[0] = 0;
        for (entry, key) in keys.iter_mut().enumerate().take(usize::from(self.entries)).skip(1) {
            let t = self.bend(entry as f64 / f64::from(self.entries), 1.0 / f64::from(self.gamma));
            *key = self.threshold(entry, order_key(self.value(t) as f32));
        }
        keys
    }

    /// The [`order_key`]s of the least and the greatest value within the limits; both zeros are one.
    pub fn limit_keys(self) -> [u32; 2] {
        let [lo, hi] = self.limits;
        [order_key(if lo == 0.0 { -0.0 } else { lo }), order_key(hi)]
    }

    /// The position of a value between the limits, 0 to 1, before gamma.
    fn place(self, value: f32) -> f64 {
        let [value, lo, hi] = [value, self.limits[0], self.limits[1]].map(f64::from);
        match self.transform {
            Transform::Linear => (value - lo) / (hi - lo),
            Transform::Log { from } if value > from => (value / from).ln() / (hi / from).ln(),
            Transform::Log { .. } => 0.0,
        }
    }

    /// The approximate value at a position between the limits.
    fn value(self, place: f64) -> f64 {
        let [lo, hi] = self.limits.map(f64::from);
        match self.transform {
            Transform::Linear => lo + (hi - lo) * place,
            Transform::Log { from } => from * (hi / from).powf(place),
        }
    }

    /// The least key that reaches `entry`. `guess`, from the inverse, may be off by rounding; [`Scale::index`] decides.
    ///
    /// The search doubles its steps and then halves them: near zero, float32 is far denser than float64 beside a large limit.
    fn threshold(self, entry: usize, guess: u32) -> u32 {
        // The lower limit reaches only the first entry, a value above the upper limit all.
        let [lowest, highest] = [order_key(self.limits[0]), order_key(self.limits[1]) + 1];
        let guess = guess.clamp(lowest, highest);
        let [mut below, mut reached] = [guess; 2];
        let mut step = 1_u32;
        if self.reaches(guess, entry) {
            while self.reaches(below, entry) {
                reached = below;
                below = reached.saturating_sub(step).max(lowest);
                step = step.saturating_mul(2);
            }
        } else {
            while !self.reaches(reached, entry) {
                below = reached;
                reached = below.saturating_add(step).min(highest);
                step = step.saturating_mul(2);
            }
        }
        while reached - below > 1 {
            let middle = below + (reached - below) / 2;
            if self.reaches(middle, entry) {
                reached = middle;
            } else {
                below = middle;
            }
        }
        reached
    }

    fn reaches(self, key: u32, entry: usize) -> bool {
        self.index(value_of(key)).is_some_and(|index| usize::from(index) >= entry)
    }

    /// `t ^ power`; the usual gamma of 1 skips the power.
    #[expect(clippy::float_cmp, reason = "only exactly one bends nothing")]
    fn bend(self, t: f64, power: f64) -> f64 {
        if self.gamma == 1.0 { t } else { t.powf(power) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scale(limits: [f32; 2], gamma: f32) -> Option<Scale> {
        Scale::new(limits, gamma, Transform::Linear, 256)
    }

    /// What the shader does with the keys.
    fn search(keys: &[u32; 256], value: f32) -> u8 {
        let mut index = 0;
        for step in [128, 64, 32, 16, 8, 4, 2, 1] {
            if keys[index + step] <= order_key(value) {
                index += step;
            }
        }
        index as u8
    }

    #[test]
    fn limits_and_beyond() {
        let scale = scale([-1.0, 1.0], 1.0).unwrap();
        assert_eq!(scale.index(f32::NAN), None);
        let of = |value| scale.index(value).unwrap();
        assert_eq!([of(f32::NEG_INFINITY), of(-2.0), of(-1.0)], [0, 0, 0]);
        assert_eq!([of(0.0), of(-0.0), of(-1e-7)], [128, 128, 127]);
        assert_eq!([of(1.0), of(2.0), of(f32::INFINITY)], [255, 255, 255]);
    }

    #[test]
    fn equal_limits_are_a_step() {
        let scale = scale([0.5, 0.5], 2.0).unwrap();
        assert_eq!(scale.index(0.5), Some(0));
        assert_eq!(scale.index(0.500_001), Some(255));
        let keys = scale.thresholds();
        assert_eq!([search(&keys, 0.5), search(&keys, 0.500_001)], [0, 255]);
    }

    #[test]
    fn zeros_are_one() {
        for limits in
            [[-1.0, 1.0], [0.0, 1.0], [-0.0, 1.0], [-1.0, 0.0], [-1.0, -0.0], [-0.0, 0.0], [0.0, -0.0]]
        {
            let scale = scale(limits, 1.0).unwrap();
            let keys = scale.thresholds();
            let entry = scale.index(0.0).unwrap();
            assert_eq!([search(&keys, 0.0), search(&keys, -0.0)], [entry; 2], "{limits:?}");
        }
    }

    #[test]
    fn a_logarithm_begins_at_its_floor() {
        let log = Transform::Log { from: 1e-4 };
        let scale = Scale::new([0.0, 1.0], 1.0, log, 256).unwrap();
        let of = |value| scale.index(value).unwrap();
        assert_eq!([of(-1.0), of(0.0), of(1e-5), of(1e-4), of(1.0), of(2.0)], [0, 0, 0, 0, 255, 255]);
        // A quarter, a half and three quarters of the way, one decade each.
        assert_eq!([of(1.001e-3), of(1.001e-2), of(0.1001)], [64, 128, 192]);
        assert_eq!([of(0.999e-3), of(0.999e-2), of(0.0999)], [63, 127, 191]);
        let all_below = Scale::new([0.0, 1.0], 1.0, Transform::Log { from: 3.0 }, 256).unwrap();
        assert_eq!([all_below.index(0.9), all_below.index(1.0)], [Some(0), Some(255)]);
    }

    #[test]
    fn few_entries_share_the_range_evenly() {
        let scale = Scale::new([0.0, 1.0], 1.0, Transform::Linear, 5).unwrap();
        let of = |value| scale.index(value).unwrap();
        assert_eq!(
            [of(0.0), of(0.199), of(0.2), of(0.599), of(0.601), of(0.99), of(1.0)],
            [0, 0, 1, 2, 3, 4, 4]
        );
        let keys = scale.thresholds();
        assert!(keys[5..].iter().all(|key| *key > order_key(f32::INFINITY)));
    }

    #[test]
    fn both_zeros_are_within_limits_of_zero() {
        let keys = scale([0.0, 1.0], 1.0).unwrap().limit_keys();
        assert!(order_key(-0.0) >= keys[0] && order_key(-f32::from_bits(1)) < keys[0]);
        let keys = scale([-1.0, -0.0], 1.0).unwrap().limit_keys();
        assert!(order_key(0.0) <= keys[1] && order_key(f32::from_bits(1)) > keys[1]);
    }

    #[test]
    fn what_cannot_be_a_scale_is_refused() {
        for limits in [[1.0, 0.0], [f32::NAN, 1.0], [0.0, f32::INFINITY], [f32::NEG_INFINITY, 0.0]] {
            assert_eq!(scale(limits, 1.0), None, "{limits:?}");
        }
        for gamma in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(scale([0.0, 1.0], gamma), None, "{gamma}");
        }
        for (from, entries) in [(0.0, 256), (-1.0, 256), (f64::NAN, 256), (0.5, 256), (1.5, 0), (1.5, 257)] {
            assert_eq!(
                Scale::new([1.0, 2.0], 1.0, Transform::Log { from }, entries),
                None,
                "{from} {entries}"
            );
        }
    }

    #[test]
    fn gamma_bends_the_middle() {
        let scale = scale([0.0, 1.0], 2.0).unwrap();
        assert_eq!(scale.index(0.5), Some(64));
        assert_eq!(scale.index(0.5_f32.next_down()), Some(63));
    }

    proptest! {
        #[test]
        fn keys_order_like_values(a: f32, b: f32) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(order_key(a).cmp(&order_key(b)), a.total_cmp(&b));
            prop_assert_eq!(value_of(order_key(a)).to_bits(), a.to_bits());
        }

        #[test]
        fn the_thresholds_are_the_rule(
            ends in (any::<f32>(), any::<f32>()),
            gamma in prop_oneof![Just(1.0), 0.05_f32..20.0, Just(f32::MIN_POSITIVE), Just(f32::MAX)],
            entries in prop_oneof![Just(256_u16), 1_u16..=256],
            floor in prop::option::of(1e-9_f64..1.0),
            inside in prop::collection::vec(0.0_f64..1.0, 50),
            anywhere in prop::collection::vec(any::<f32>(), 20),
        ) {
            prop_assume!(ends.0.is_finite() && ends.1.is_finite());
            let limits = [ends.0.min(ends.1), ends.0.max(ends.1)];
            let from = floor.map(|floor| (floor * f64::from(limits[1])).max(f64::from(limits[0])));
            let transform = match from.filter(|from| *from > 0.0) {
                Some(from) => Transform::Log { from },
                None => Transform::Linear,
            };
            let scale = Scale::new(limits, gamma, transform, entries).unwrap();
            let keys = scale.thresholds();
            let [lo, hi] = limits.map(f64::from);
            let values = inside.iter().map(|t| (lo + t * (hi - lo)) as f32).chain(anywhere);
            for value in values.filter(|value| !value.is_nan()) {
                prop_assert_eq!(Some(search(&keys, value)), scale.index(value), "{} in {:?}", value, limits);
            }
        }

        #[test]
        fn a_threshold_is_the_least_value_of_its_entry(lo in -10.0_f32..10.0, span in 1e-3_f32..10.0) {
            let scale = scale([lo, lo + span], 1.0).unwrap();
            let keys = scale.thresholds();
            for (entry, key) in keys.into_iter().enumerate().skip(1) {
                let value = value_of(key);
                prop_assert!(usize::from(scale.index(value).unwrap()) >= entry);
                prop_assert!(usize::from(scale.index(value.next_down()).unwrap()) < entry);
            }
        }
    }
}
