//! HDF5's filters as Zarr's codecs.

use hdf5_pure::Filter;

use crate::json;

/// The codecs that do what these filters do, each as JSON, in the order of encoding. What has no codec is named after
/// the filter, so that a reader can say what it lacks.
pub fn of(filters: &[Filter], element_size: usize) -> Vec<String> {
    filters.iter().map(|filter| codec(filter, element_size)).collect()
}

fn codec(filter: &Filter, element_size: usize) -> String {
    let value = |index: usize| filter.client_data.get(index).copied();
    let configured = |name: &str, key: &str, value: u32| {
        let mut out = String::from(r#"{"name":""#);
        out.push_str(name);
        out.push_str(r#"","configuration":{""#);
        out.push_str(key);
        out.push_str("\":");
        json::integer(&mut out, value);
        out.push_str("}}");
        out
    };
    match filter.id {
        1 => configured("numcodecs.zlib", "level", value(0).unwrap_or(1).min(9)),
        2 => configured("numcodecs.shuffle", "elementsize", value(0).unwrap_or(element_size as u32)),
        3 => r#"{"name":"numcodecs.fletcher32"}"#.to_owned(),
        4 => r#"{"name":"hdf5.szip"}"#.to_owned(),
        5 => r#"{"name":"hdf5.nbit"}"#.to_owned(),
        6 => r#"{"name":"hdf5.scaleoffset"}"#.to_owned(),
        32000 => r#"{"name":"hdf5.lzf"}"#.to_owned(),
        id => format!(r#"{{"name":"hdf5.{id}"}}"#),
    }
}
