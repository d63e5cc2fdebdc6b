//! An array's `zarr.json`, as written: its parts are checked by [`Array::new`](super::Array::new), so that one array
//! that cannot be read does not close the group that holds it.

use replayscope_codecs::DataType;

use crate::error::ArrayError;
use crate::json::Json;

/// A name with settings: how Zarr v3 writes data types, grids and codecs.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Such as `zstd`.
    pub name: String,
    /// Its settings; empty where there are none.
    pub configuration: Json,
}

impl Extension {
    /// Reads `"name"` or `{"name": …, "configuration": {…}}`.
    pub(super) fn from_json(value: &Json) -> Option<Self> {
        match value {
            Json::String(name) => Some(Self { name: name.clone(), configuration: Json::Null }),
            object @ Json::Object(_) => Some(Self {
                name: object.get("name")?.as_str()?.to_owned(),
                configuration: match object.get("configuration") {
                    None => Json::Null,
                    Some(configuration @ (Json::Null | Json::Object(_))) => configuration.clone(),
                    Some(_) => return None,
                },
            }),
            _ => None,
        }
    }

    /// Reads a list of them.
    pub(super) fn list(value: Option<&Json>) -> Option<Vec<Self>> {
        value?.as_array()?.iter().map(Self::from_json).collect()
    }

    /// A setting that is a list of counts, such as a chunk shape.
    pub(super) fn counts(&self, key: &str) -> Option<Vec<u64>> {
        counts(self.configuration.get(key)?)
    }
}

/// The metadata of one array.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayMetadata {
    /// All of it as it was read, to be handed to whoever decodes elsewhere.
    pub node: Json,
    /// Length of each dimension, time first.
    pub shape: Vec<u64>,
    /// As written; [`ArrayMetadata::dtype`] says whether it is read here.
    pub data_type: Extension,
    /// How the array is cut into objects.
    pub chunk_grid: Extension,
    /// How the objects are named.
    pub chunk_key_encoding: Extension,
    /// The value of chunks that are not stored.
    pub fill_value: Json,
    /// From values to bytes, in the order of writing.
    pub codecs: Vec<Extension>,
    /// Free attributes; CF's packing among them.
    pub attributes: Json,
    /// A name for each dimension, where they have names.
    pub dimension_names: Option<Vec<Option<String>>>,
    /// Parts of the metadata that say they must be understood, and are not.
    pub(super) not_understood: Vec<String>,
    /// Where this was read, for messages.
    pub(super) location: String,
}

/// What Zarr 3.1 defines for an array; anything else must say that it may be ignored.
const KNOWN: [&str; 11] = [
    "zarr_format",
    "node_type",
    "shape",
    "data_type",
    "chunk_grid",
    "chunk_key_encoding",
    "fill_value",
    "codecs",
    "attributes",
    "dimension_names",
    "storage_transformers",
];

/// More dimensions than anyone's data, and a bound on what is worked through for each chunk.
const MAX_DIMENSIONS: usize = 32;

impl ArrayMetadata {
    /// From an array's node; `location` stands in errors.
    pub fn from_json(object: &Json, location: &str) -> Result<Self, ArrayError> {
        let wrong = |what: String| ArrayError::Metadata { what, location: location.to_owned() };
        let get = |key: &str| object.get(key).ok_or_else(|| wrong(format!("`{key}` is missing")));
        let extension = |key: &str| {
            let value = get(key)?;
            Extension::from_json(value).ok_or_else(|| wrong(format!("`{key}` is {}", value.brief())))
        };
        let value = get("shape")?;
        let shape = counts(value).ok_or_else(|| wrong(format!("`shape` is {}", value.brief())))?;
        if shape.len() > MAX_DIMENSIONS {
            return Err(wrong(format!("it has {} dimensions, above {MAX_DIMENSIONS}", shape.len())));
        }
        let codecs = Extension::list(object.get("codecs"))
            .ok_or_else(|| wrong("`codecs` is missing or no list of names with configurations".to_owned()))?;
        let attributes = match object.get("attributes") {
            None => Json::Null,
            Some(attributes @ (Json::Null | Json::Object(_))) => attributes.clone(),
            Some(other) => return Err(wrong(format!("`attributes` is {}", other.brief()))),
        };
        Ok(Self {
            node: object.clone(),
            dimension_names: dimension_names(object.get("dimension_names"), shape.len()).map_err(wrong)?,
            data_type: extension("data_type")?,
            chunk_grid: extension("chunk_grid")?,
            chunk_key_encoding: extension("chunk_key_encoding")?,
            fill_value: object.get("fill_value").cloned().unwrap_or(Json::Null),
            codecs,
            attributes,
            not_understood: not_understood(object),
            location: location.to_owned(),
            shape,
        })
    }

    /// Puts other attributes in the place of these, in the node too.
    pub fn set_attributes(&mut self, attributes: Json) {
        if let Json::Object(entries) = &mut self.node {
            entries.retain(|(key, _)| key != "attributes");
            entries.push(("attributes".to_owned(), attributes.clone()));
        }
        self.attributes = attributes;
    }

    /// The data type, where it is one that is read here.
    pub fn dtype(&self) -> Result<DataType, ArrayError> {
        DataType::from_name(&self.data_type.name).ok_or_else(|| ArrayError::Unsupported {
            what: format!("Data type `{}`", self.data_type.name),
            hint: "float16, float32, float64 and (u)int8 to 64 are; convert the array with .astype('float32')",
            location: self.location.clone(),
        })
    }

    /// Name of a dimension, or an empty string where it has none.
    pub fn dimension(&self, index: usize) -> &str {
        let names = self.dimension_names.as_deref().unwrap_or_default();
        names.get(index).and_then(Option::as_deref).unwrap_or_default()
    }

    /// The codec chain in a line, such as `sharding_indexed(256×397: bytes, zstd; index at end)`.
    pub fn describe_codecs(&self) -> String {
        self.codecs.iter().map(describe).collect::<Vec<_>>().join(", ")
    }
}

fn describe(codec: &Extension) -> String {
    let setting = |key: &str| codec.configuration.get(key).and_then(Json::as_str);
    match codec.name.as_str() {
        "sharding_indexed" => {
            let shape = codec.counts("chunk_shape").unwrap_or_default();
            let shape = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
            let inner = Extension::list(codec.configuration.get("codecs")).unwrap_or_default();
            let inner = inner.iter().map(describe).collect::<Vec<_>>().join(", ");
            format!(
                "{}({shape}: {inner}; index at {})",
                codec.name,
                setting("index_location").unwrap_or("end")
            )
        }
        "blosc" => format!(
            "blosc({}, {})",
            setting("cname").unwrap_or("unnamed"),
            setting("shuffle").unwrap_or("noshuffle")
        ),
        "bytes" if setting("endian") == Some("big") => "bytes(big)".to_owned(),
        name => name.to_owned(),
    }
}

fn counts(value: &Json) -> Option<Vec<u64>> {
    value.as_array()?.iter().map(Json::as_u64).collect()
}

fn dimension_names(value: Option<&Json>, dimensions: usize) -> Result<Option<Vec<Option<String>>>, String> {
    let names: Option<Vec<_>> = match value {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Array(names)) => names
            .iter()
            .map(|name| match name {
                Json::Null => Some(None),
                Json::String(name) => Some(Some(name.clone())),
                _ => None,
            })
            .collect(),
        Some(_) => None,
    };
    match names {
        Some(names) if names.len() == dimensions => Ok(Some(names)),
        Some(names) => Err(format!("it has {dimensions} dimensions and {} `dimension_names`", names.len())),
        None => Err("`dimension_names` is no list of names".to_owned()),
    }
}

fn not_understood(object: &Json) -> Vec<String> {
    let optional = |value: &Json| value.get("must_understand") == Some(&Json::Bool(false));
    let transformers =
        object.get("storage_transformers").and_then(Json::as_array).filter(|list| !list.is_empty());
    let entries = object.as_object().unwrap_or_default().iter();
    entries
        .filter(|(key, value)| !KNOWN.contains(&key.as_str()) && !optional(value))
        .map(|(key, _)| key.clone())
        .chain(transformers.map(|_| "storage_transformers".to_owned()))
        .collect()
}

/// Joins a path below the root and a name in it.
pub(super) fn join(path: &str, name: &str) -> String {
    match path.trim_matches('/') {
        "" => name.to_owned(),
        path => format!("{path}/{name}"),
    }
}
