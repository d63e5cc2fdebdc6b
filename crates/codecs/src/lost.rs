//! Numbers that float32 cannot hold.

use std::ops::AddAssign;

/// How many finite numbers float32 cannot hold, by what they became. Rounding to the nearest float32 is no loss.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Not 0 but nearer to it than to 1.4e-45, the least float32: they became 0.
    pub zeros: u64,
    /// Beyond 3.4e38, the largest float32: they became infinite.
    pub infinities: u64,
}

impl Lost {
    /// Rounds a number to float32 and counts it if that loses it. NaN and infinities are kept.
    pub fn narrow(&mut self, number: f64) -> f32 {
        let single = number as f32;
        self.zeros += u64::from(single == 0.0 && number != 0.0);
        self.infinities += u64::from(single.is_infinite() && number.is_finite());
        single
    }

    /// Whether no number was lost.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for Lost {
    fn add_assign(&mut self, other: Self) {
        self.zeros += other.zeros;
        self.infinities += other.infinities;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_float32_cannot_hold_is_lost() {
        let least = f64::from(f32::from_bits(1));
        let mut lost = Lost::default();
        let kept = [0.0, -0.0, least, 0.51 * least, 0.1, f64::from(f32::MAX), f64::NAN, f64::INFINITY];
        for number in kept {
            lost.narrow(number);
        }
        assert!(lost.is_none(), "{lost:?}");
        for number in [1e-60, -1e-60, 0.5 * least, 1e60, -1e60, 1.0001 * f64::from(f32::MAX)] {
            lost.narrow(number);
        }
        assert_eq!(lost, Lost { zeros: 3, infinities: 3 });
    }
}
