//! Several data frames in one picture: what a bin shows of them.

use serde::Serialize;

use crate::colormap::order_key;

/// What a bin shows of its values in the frames that one picture covers. NaN is no value: it is shown where all are NaN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// The greatest: an event of a few frames cannot hide.
    #[default]
    Max,
    /// The arithmetic mean.
    Mean,
    /// That of the last frame, whatever it is.
    Last,
    /// The least.
    Min,
}

impl Projection {
    /// All of them, by their names in a state and in a link.
    pub const NAMES: [(&str, Self); 4] =
        [("max", Self::Max), ("mean", Self::Mean), ("last", Self::Last), ("min", Self::Min)];

    /// Its name in a state and in a link.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Last => "last",
            Self::Min => "min",
        }
    }

    /// The projection of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, projection)| projection)
    }

    /// What one bin shows of its values, in order of time; NaN without any. `fold.wgsl` of crates/render does the same.
    pub fn of(self, values: impl Iterator<Item = f32>) -> f32 {
        if self == Self::Last {
            return values.last().unwrap_or(f32::NAN);
        }
        let (mut folded, mut count) = (f32::NAN, 0.0);
        for value in values.filter(|value| !value.is_nan()) {
            folded = match self {
                _ if count == 0.0 => value,
                Self::Mean => folded + value,
                Self::Min if order_key(value) < order_key(folded) => value,
                Self::Max if order_key(value) > order_key(folded) => value,
                _ => folded,
            };
            count += 1.0;
        }
        if self == Self::Mean { folded / count } else { folded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_no_value() {
        let of = |projection: Projection, values: &[f32]| projection.of(values.iter().copied());
        let values = [f32::NAN, 2.0, -1.0, f32::NAN, 5.0];
        assert_eq!(of(Projection::Max, &values), 5.0);
        assert_eq!(of(Projection::Min, &values), -1.0);
        assert_eq!(of(Projection::Mean, &values), 2.0);
        assert_eq!(of(Projection::Last, &values), 5.0);
        assert!(of(Projection::Last, &[1.0, f32::NAN]).is_nan());
        for (_, projection) in Projection::NAMES {
            assert!(of(projection, &[f32::NAN; 3]).is_nan() && of(projection, &[]).is_nan());
        }
        assert_eq!(of(Projection::Max, &[f32::NEG_INFINITY, -3.0]), -3.0);
        assert_eq!(of(Projection::Min, &[f32::NEG_INFINITY, -3.0]), f32::NEG_INFINITY);
    }

    #[test]
    fn names_are_found_again() {
        for (name, projection) in Projection::NAMES {
            assert_eq!((Projection::by_name(name), projection.name()), (Some(projection), name));
        }
        assert_eq!(Projection::by_name("median"), None);
    }
}
