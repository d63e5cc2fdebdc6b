//! What the axes of a dataset are called.

use crate::hdf5::attributes::Attributes;

/// A dimension scale: what names the axes that it is attached to.
pub struct Scale {
    name: String,
    /// netCDF's number of it.
    id: Option<i128>,
    length: u64,
}

impl Scale {
    /// The scale that a dataset of that name is; `None` where it is none.
    pub fn of(name: &str, shape: &[u64], attributes: &Attributes) -> Option<Self> {
        if attributes.string("CLASS") != Some("DIMENSION_SCALE") {
            return None;
        }
        let id = attributes.integers("_Netcdf4Dimid").and_then(|list| list.first().copied());
        Some(Self { name: name.to_owned(), id, length: *shape.first()? })
    }
}

/// The names of a dataset's axes, `""` where there is none.
pub fn names(name: &str, shape: &[u64], attributes: &Attributes, scales: &[Scale]) -> Vec<String> {
    let known = |scale: Option<&Scale>| scale.map(|scale| scale.name.clone()).unwrap_or_default();
    if let Some(ids) = attributes.integers("_Netcdf4Coordinates")
        && ids.len() == shape.len()
    {
        return ids.iter().map(|id| known(scales.iter().find(|scale| scale.id == Some(*id)))).collect();
    }
    if shape.len() == 1 && Scale::of(name, shape, attributes).is_some() {
        return vec![name.to_owned()];
    }
    // Two scales of one length could be either, and so could two axes.
    let alone = |length: u64| {
        let mut fitting = scales.iter().filter(|scale| scale.length == length);
        let axes = shape.iter().filter(|other| **other == length).count();
        fitting.next().filter(|_| fitting.next().is_none() && axes == 1)
    };
    shape.iter().map(|length| known(alone(*length))).collect()
}
