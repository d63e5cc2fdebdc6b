//! Zarr v3's nodes.

use replayscope_json::Json;

/// A group, with all nodes below it if they are given.
pub fn group(attributes: Json, below: Option<&[(String, Json)]>) -> Json {
    let mut node = Json::object([
        ("zarr_format", 3.0.into()),
        ("node_type", "group".into()),
        ("attributes", attributes),
    ]);
    if let Some(below) = below {
        let metadata = Json::Object(below.to_vec());
        set(&mut node, "consolidated_metadata", Json::object([("metadata", metadata)]));
    }
    node
}

/// An array of elements of a type (`float32`, `int16`) in chunks of that shape, with those codecs after the one for bytes.
pub fn array(
    data_type: &str,
    big_endian: bool,
    shape: &[u64],
    chunk_shape: &[u64],
    codecs: Vec<Json>,
) -> Json {
    let numbers = |list: &[u64]| Json::Array(list.iter().map(|number| (*number as f64).into()).collect());
    let endian = if big_endian { "big" } else { "little" };
    let bytes = extension("bytes", "endian", endian.into());
    Json::object([
        ("zarr_format", 3.0.into()),
        ("node_type", "array".into()),
        ("shape", numbers(shape)),
        ("data_type", data_type.into()),
        ("chunk_grid", extension("regular", "chunk_shape", numbers(chunk_shape))),
        ("chunk_key_encoding", extension("default", "separator", "/".into())),
        ("fill_value", 0.0.into()),
        ("codecs", Json::Array(std::iter::once(bytes).chain(codecs).collect())),
    ])
}

/// A codec, or whatever else has a name and a setting.
pub fn extension(name: &str, key: &str, value: Json) -> Json {
    Json::object([("name", name.into()), ("configuration", Json::object([(key, value)]))])
}

/// Puts a value under a key, in the place of the one that is there.
pub fn set(object: &mut Json, key: &str, value: Json) {
    let Json::Object(entries) = object else { return };
    match entries.iter_mut().find(|(other, _)| other == key) {
        Some((_, old)) => *old = value,
        None => entries.push((key.to_owned(), value)),
    }
}

/// A list of texts.
pub fn texts(list: &[String]) -> Json {
    Json::Array(list.iter().map(|text| text.as_str().into()).collect())
}

/// A number as Zarr writes it: those that are not finite are texts.
pub fn number(number: f64) -> Json {
    if number.is_nan() {
        "NaN".into()
    } else if number.is_infinite() {
        Json::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        number.into()
    }
}
