//! Projections: how one picture combines several data frames.

use serde::Serialize;

use crate::colormap::order_key;

/// How a bin's values in several frames become one. NaN is ignored, unless all values are NaN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// The greatest value, so that an event of a few frames stays visible.
    #[default]
    Max,
    /// The arithmetic mean.
    Mean,
    /// The value of the last frame, NaN included.
    Last,
    /// The least value.
    Min,
}

impl Projection {
    /// All projections with their names in a state and in a link.
    pub const NAMES: [(&str, Self); 4] =
        [("max", Self::Max), ("mean", Self::Mean), ("last", Self::Last), ("min", Self::Min)];

    /// The name in a state and in a link.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Last => "last",
            Self::Min => "min",
        }
    }

    /// The projection of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, projection)| projection)
    }

    /// Combines a bin's values, in order of time; NaN without any. `fold.wgsl` of crates/render implements the same rule.
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
