//! Reads dimensions that are stacked into one by CF's compression by gathering:
//! <https://cfconventions.org/cf-conventions/cf-conventions.html#compression-by-gathering>. `cf_xarray` writes a pandas
//! `MultiIndex` so: an integer coordinate with the attribute `compress`, which names the levels, and a coordinate of each level.

use replayscope_json::number;
use replayscope_zarr::array::Group;

use crate::error::SessionError;

/// The attribute that names the levels, the slowest first.
const COMPRESS: &str = "compress";

/// A dimension that is gathered from several levels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gathered {
    /// The coordinate with the index of each column in the product of all levels; it has its dimension's name.
    pub index: String,
    /// Name and length of each level; the last varies fastest.
    levels: Vec<(String, usize)>,
}

impl Gathered {
    /// The levels of a dimension; `None` where it is not gathered.
    pub fn of(group: &Group, dimension: &str) -> Option<Self> {
        let coordinate = group.array(dimension)?;
        let names = coordinate.attributes.get(COMPRESS)?.as_str()?;
        let length = |name: &str| match group.array(name).map(|level| &level.shape[..]) {
            Some(&[length]) => length as usize,
            _ => 0,
        };
        let levels = names.split_whitespace().map(|name| (name.to_owned(), length(name))).collect();
        Some(Self { index: dimension.to_owned(), levels })
    }

    /// The first of some lists of position names that are all levels, and the level of states. `None` where any other level is left.
    pub fn roles<'a>(
        &self,
        places: &[&'a [&'a str]],
        is_state: impl Fn(&str) -> bool,
    ) -> Option<(&'a [&'a str], Option<String>)> {
        let has = |name: &str| self.levels.iter().any(|(level, length)| level == name && *length > 0);
        let found = places.iter().find(|names| names.iter().all(|name| has(name)))?;
        let mut others = self.levels.iter().filter(|(name, _)| !found.contains(&name.as_str()));
        let state = others.next().map(|(name, _)| name.clone());
        let is_known =
            state.as_ref().is_none_or(|name| has(name) && is_state(name)) && others.next().is_none();
        is_known.then_some((*found, state))
    }

    /// The value of a level for each column, from the level's values and each column's index in the product.
    ///
    /// # Errors
    /// Where an index is outside the product.
    pub fn spread(&self, level: &str, values: &[f64], index: &[f64]) -> Result<Vec<f64>, SessionError> {
        let at = self.levels.iter().position(|(name, _)| name == level).unwrap_or_default();
        // Metadata may claim any lengths, whose product may overflow.
        let product = |levels: &[(String, usize)]| {
            levels.iter().fold(1_usize, |product, (_, length)| product.saturating_mul(*length))
        };
        let (step, all) = (product(&self.levels[at + 1..]), product(&self.levels));
        let value = |place: &f64| {
            let is_place = *place >= 0.0 && *place < all as f64 && place.fract() == 0.0;
            is_place.then(|| values.get(*place as usize / step % self.levels[at].1)).flatten().copied()
        };
        index.iter().map(|place| value(place).ok_or(*place)).collect::<Result<_, f64>>().map_err(|place| {
            SessionError::Gathered {
                dimension: self.index.clone(),
                levels: self.names(),
                reason: format!("it holds {}, and its levels make {all} places", number::text(place)),
            }
        })
    }

    fn names(&self) -> String {
        self.levels.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The error for a group whose bins have no positions because its columns are gathered from levels that are not supported.
    pub fn refused(group: &Group) -> Option<SessionError> {
        let gathered = group.arrays.iter().find_map(|(name, _)| Self::of(group, name))?;
        Some(SessionError::Gathered {
            levels: gathered.names(),
            dimension: gathered.index,
            reason: "read are position, x_position and y_position, bin_center_x and bin_center_y, or x and y, and state beside them".to_owned(),
        })
    }
}
