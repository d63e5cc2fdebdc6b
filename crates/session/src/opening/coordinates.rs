//! The coordinates of a group that give the bins' positions.

use replayscope_zarr::array::{ArrayMetadata, Group};

use crate::opening::request::{Part, Request};

/// The coordinates with the bins' positions and the state of each column.
pub struct Coordinates {
    pub(crate) x: Part,
    pub(crate) y: Part,
    pub(crate) state: Part,
    /// The index of each column in the product of the levels that it was gathered from.
    pub(crate) index: Part,
}

impl Coordinates {
    pub(crate) fn nothing() -> Self {
        let [x, y, state, index] = [(); 4].map(|()| Request::nothing().into());
        Self { x, y, state, index }
    }

    /// The session's own bin centres.
    pub(crate) fn centers(group: &Group) -> Self {
        // Without a listing the arrays may still exist.
        if group.array("bin_center_x").is_none() || own_centers(group).is_some() {
            let [x, y] = ["bin_center_x", "bin_center_y"].map(|name| Request::column(name).into());
            Self { x, y, ..Self::nothing() }
        } else {
            Self::nothing()
        }
    }
}

/// Whether a group's coordinates may be a decoder's: sessions that replayscope writes have none of these.
pub(crate) fn may_be_decoded(group: &Group) -> bool {
    let is_coordinate = |(name, array): &(String, ArrayMetadata)| {
        let is_place = name.ends_with("position") || name == "x";
        name != "time" && array.shape.len() == 1 && (array.dimension(0) == name || is_place)
    };
    own_centers(group).is_none() && group.arrays.iter().any(is_coordinate)
}

/// The x of a session's own bin centres; `None` where it is its own dimension, and so an axis or a level of a gathered dimension.
pub(crate) fn own_centers(group: &Group) -> Option<&ArrayMetadata> {
    group.array("bin_center_x").filter(|array| array.dimension(0) != "bin_center_x")
}
