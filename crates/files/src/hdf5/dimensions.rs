//! What the axes of a dataset are called.

use crate::hdf5::member::Member;

/// A dimension scale: what names the axes that it is attached to.
pub struct Scale {
    name: String,
    /// netCDF's number of it.
    id: Option<i128>,
    length: u64,
}

impl Scale {
    /// If the dataset is one.
    pub fn of(member: &Member) -> Option<Self> {
        if member.attributes.string("CLASS") != Some("DIMENSION_SCALE") {
            return None;
        }
        let id = member.attributes.integers("_Netcdf4Dimid").and_then(|list| list.first().copied());
        Some(Self { name: member.name().to_owned(), id, length: *member.shape.first()? })
    }
}

/// The names of a dataset's axes, `""` where there is none.
pub fn names(member: &Member, scales: &[Scale]) -> Vec<String> {
    let known = |scale: Option<&Scale>| scale.map(|scale| scale.name.clone()).unwrap_or_default();
    if let Some(ids) = member.attributes.integers("_Netcdf4Coordinates")
        && ids.len() == member.shape.len()
    {
        return ids.iter().map(|id| known(scales.iter().find(|scale| scale.id == Some(*id)))).collect();
    }
    if member.shape.len() == 1 && Scale::of(member).is_some() {
        return vec![member.name().to_owned()];
    }
    // Two scales of one length could be either, and so could two axes.
    let alone = |length: u64| {
        let mut fitting = scales.iter().filter(|scale| scale.length == length);
        let axes = member.shape.iter().filter(|other| **other == length).count();
        fitting.next().filter(|_| fitting.next().is_none() && axes == 1)
    };
    member.shape.iter().map(|length| known(alone(*length))).collect()
}
