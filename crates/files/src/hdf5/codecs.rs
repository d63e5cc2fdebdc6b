//! HDF5's filters as Zarr's codecs.

use hdf5_pure::Filter;

use replayscope_json::Json;

use crate::node::extension;

/// The codecs that do what these filters do, in the order of encoding. What has no codec is named after the filter, so
/// that a reader can say what it lacks.
pub fn of(filters: &[Filter], element_size: usize) -> Vec<Json> {
    filters.iter().map(|filter| codec(filter, element_size)).collect()
}

fn codec(filter: &Filter, element_size: usize) -> Json {
    let value = |index: usize| filter.client_data.get(index).copied();
    let configured = |name: &str, key: &str, value: u32| extension(name, key, f64::from(value).into());
    let named = |name: &str| Json::object([("name", name.into())]);
    match filter.id {
        1 => configured("numcodecs.zlib", "level", value(0).unwrap_or(1).min(9)),
        2 => configured("numcodecs.shuffle", "elementsize", value(0).unwrap_or(element_size as u32)),
        3 => named("numcodecs.fletcher32"),
        4 => named("hdf5.szip"),
        5 => named("hdf5.nbit"),
        6 => named("hdf5.scaleoffset"),
        32000 => named("hdf5.lzf"),
        id => named(&format!("hdf5.{id}")),
    }
}
