//! The session document: the `replayscope` object in a group's root attributes. docs/session-format.md explains it.
//!
//! serde writes it and makes the schema. [`SessionDocument::read`] reads it by hand: it says which entry is wrong, and
//! derived readers would be 35 KB of wasm.

use replayscope_json::Json;
use serde::Serialize;

/// Newest document version this program reads.
pub const DOCUMENT_VERSION: u32 = 1;

/// Version 1 of the session document. Unknown keys are ignored; every part can be left out and is then inferred.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionDocument {
    /// Version of this document; a newer one than the reader knows is refused.
    pub version: u32,
    /// Short title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A sentence or two on what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When each frame of the fields was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeRef>,
    /// The environment: a reference, or neurospatial's `Environment-v1` dict itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentRef>,
    /// What can be shown; all float arrays with a leading `time` dimension when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldEntry>>,
    /// What is drawn over the fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<OverlayEntry>,
}

impl Default for SessionDocument {
    fn default() -> Self {
        Self {
            version: DOCUMENT_VERSION,
            name: None,
            description: None,
            time: None,
            environment: None,
            fields: None,
            overlays: Vec::new(),
        }
    }
}

/// An array or object: `path` within the group, or `relative-or-absolute-URL[#path]`.
pub type Ref = String;

/// The time axis in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum TimeRef {
    /// Frame i is at `start + i / rate`.
    Regular {
        /// Time of frame 0, in seconds.
        start: f64,
        /// Frames per second, in Hz.
        rate: f64,
    },
    /// Frame i is at element i of a 1-D array, in seconds.
    Array {
        /// The array.
        array: Ref,
    },
}

/// Where the environment is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum EnvironmentRef {
    /// A reference to an `Environment-v1` JSON file.
    Ref(Ref),
    /// The dict itself.
    Inline(#[cfg_attr(test, schemars(with = "serde_json::Value"))] Json),
}

/// One field: an array of shape (time, bin).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldEntry {
    /// Name shown, and used in links.
    pub name: String,
    /// The array.
    pub array: Ref,
    /// Type of the values (`float32`, `<f4`), where `array` is a file of nothing but values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Frames and bins, where `array` is a file of nothing but values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// Units of the values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// Colormap to start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colormap: Option<String>,
    /// Contrast limits to start with, lower and upper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

/// One overlay. A type this version does not know is kept as [`OverlayEntry::Unknown`] and named in the info panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum OverlayEntry {
    /// A position in the environment over time.
    Position(PositionEntry),
    /// Any other `type`; later versions draw more of them.
    Unknown(#[cfg_attr(test, schemars(with = "serde_json::Value"))] Json),
}

/// Marks [`PositionEntry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PositionType {
    /// The only value.
    Position,
}

/// A dot with a fading trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PositionEntry {
    /// `"position"`.
    #[serde(rename = "type")]
    pub kind: PositionType,
    /// Name of the layer.
    pub name: String,
    /// Positions (n, 2) in the environment's units; NaN is not drawn.
    pub array: Ref,
    /// Its own time axis.
    pub time: TimeRef,
    /// CSS hex colour, `#rrggbb`.
    #[serde(default = "default_color")]
    pub color: String,
    /// Diameter of the dot in CSS pixels.
    #[serde(default = "default_size")]
    pub size: f32,
    /// Length of the trail in seconds.
    #[serde(default = "default_trail")]
    pub trail_length: f64,
}

fn default_color() -> String {
    "#ff3b30".to_owned()
}

fn default_size() -> f32 {
    10.0
}

fn default_trail() -> f64 {
    1.0
}

impl SessionDocument {
    /// Reads a document of a version that is known. The error names the entry, what it is and what it must be.
    pub fn read(document: &Json) -> Result<Self, String> {
        let at = At { value: document, path: String::new() };
        if document.as_object().is_none() {
            return Err(format!("it is {} and must be an object", document.brief()));
        }
        Ok(Self {
            version: at.needed("version", WHOLE, at.get("version").and_then(Json::as_u64))? as u32,
            name: at.text("name")?,
            description: at.text("description")?,
            time: at.inner("time").map(|time| TimeRef::read(&time)).transpose()?,
            environment: at
                .inner("environment")
                .map(|environment| EnvironmentRef::read(&environment))
                .transpose()?,
            fields: at.list("fields", FieldEntry::read)?,
            overlays: at.list("overlays", OverlayEntry::read)?.unwrap_or_default(),
        })
    }
}

impl TimeRef {
    fn read(at: &At) -> Result<Self, String> {
        match (at.number("start")?, at.number("rate")?, at.text("array")?) {
            (Some(start), Some(rate), _) => Ok(Self::Regular { start, rate }),
            (_, _, Some(array)) => Ok(Self::Array { array }),
            _ => Err(at.wrong("must have `start` and `rate`, or `array`")),
        }
    }
}

impl EnvironmentRef {
    fn read(at: &At) -> Result<Self, String> {
        match at.value {
            Json::String(reference) => Ok(Self::Ref(reference.clone())),
            Json::Object(_) => Ok(Self::Inline(at.value.clone())),
            _ => Err(at.wrong("must be a reference or an Environment-v1 object")),
        }
    }
}

impl FieldEntry {
    fn read(at: &At) -> Result<Self, String> {
        let range = match at.get("range").map(Json::as_array) {
            None => None,
            Some(Some([Json::Number(low), Json::Number(high)])) => Some([*low, *high]),
            Some(_) => return Err(at.inner_wrong("range", "two numbers, the lower and the upper limit")),
        };
        let lengths = |list: &Json| list.as_array()?.iter().map(Json::as_u64).collect::<Option<Vec<u64>>>();
        let shape = match at.get("shape").map(lengths) {
            None => None,
            Some(Some(shape)) if shape.len() == 2 => Some(shape),
            Some(_) => return Err(at.inner_wrong("shape", "two whole numbers, frames and bins")),
        };
        Ok(Self {
            name: at.needed("name", TEXT, at.text("name")?)?,
            array: at.needed("array", REF, at.text("array")?)?,
            dtype: at.text("dtype")?,
            shape,
            units: at.text("units")?,
            colormap: at.text("colormap")?,
            range,
        })
    }
}

impl OverlayEntry {
    fn read(at: &At) -> Result<Self, String> {
        if at.get("type").and_then(Json::as_str) != Some("position") {
            return Ok(Self::Unknown(at.value.clone()));
        }
        let time = at.needed("time", "a time axis", at.inner("time"))?;
        Ok(Self::Position(PositionEntry {
            kind: PositionType::Position,
            name: at.needed("name", TEXT, at.text("name")?)?,
            array: at.needed("array", REF, at.text("array")?)?,
            time: TimeRef::read(&time)?,
            color: at.text("color")?.unwrap_or_else(default_color),
            size: at.number("size")?.map_or_else(default_size, |size| size as f32),
            trail_length: at.number("trail_length")?.unwrap_or_else(default_trail),
        }))
    }
}

const TEXT: &str = "a text";
const REF: &str = "a reference to an array";
const NUMBER: &str = "a number";
const WHOLE: &str = "a whole number";

/// A value in the document, and the way to it for messages, such as `overlays[0]`.
struct At<'a> {
    value: &'a Json,
    path: String,
}

impl<'a> At<'a> {
    /// The value of a key; null counts as missing.
    fn get(&self, key: &str) -> Option<&'a Json> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    fn inner(&self, key: &str) -> Option<Self> {
        self.get(key).map(|value| Self { value, path: self.path_of(key) })
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        let text =
            |value: &Json| value.as_str().map(str::to_owned).ok_or_else(|| self.inner_wrong(key, TEXT));
        self.get(key).map(text).transpose()
    }

    fn number(&self, key: &str) -> Result<Option<f64>, String> {
        let number = |value: &Json| value.as_f64().ok_or_else(|| self.inner_wrong(key, NUMBER));
        self.get(key).map(number).transpose()
    }

    fn list<T>(&self, key: &str, read: fn(&Self) -> Result<T, String>) -> Result<Option<Vec<T>>, String> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.inner_wrong(key, "a list"))?;
        let path = self.path_of(key);
        let entry = |(index, value)| read(&Self { value, path: format!("{path}[{index}]") });
        list.iter().enumerate().map(entry).collect::<Result<_, _>>().map(Some)
    }

    fn needed<T>(&self, key: &str, expected: &str, value: Option<T>) -> Result<T, String> {
        value.ok_or_else(|| self.inner_wrong(key, expected))
    }

    fn inner_wrong(&self, key: &str, expected: &str) -> String {
        let found = self.get(key).map_or_else(|| "missing".to_owned(), Json::brief);
        format!("`{}` is {found} and must be {expected}", self.path_of(key))
    }

    fn wrong(&self, must: &str) -> String {
        format!("`{}` is {} and {must}", self.path, self.value.brief())
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // reads and writes files
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// `REPLAYSCOPE_WRITE_SCHEMA=1 cargo test schema` writes the committed file anew.
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/session.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(SessionDocument)).unwrap() + "\n";
        if std::env::var_os("REPLAYSCOPE_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert_eq!(committed, schema, "REPLAYSCOPE_WRITE_SCHEMA=1 cargo test schema writes it anew");
    }

    /// Every key there is.
    fn full() -> Value {
        json!({
            "version": 1, "name": "n", "description": "d", "time": {"start": 1.5, "rate": 500.0}, "environment": "env.json",
            "fields": [{"name": "f", "array": "posterior", "dtype": "<f4", "shape": [3, 4], "units": "p", "colormap": "magma", "range": [0.0, 0.5]}],
            "overlays": [{"type": "position", "name": "rat", "array": "position", "time": {"array": "t"},
                          "color": "#ffffff", "size": 4.0, "trail_length": 2.5}],
        })
    }

    fn read(document: &Value) -> Result<SessionDocument, String> {
        SessionDocument::read(&document.clone().into())
    }

    #[test]
    fn what_is_written_is_read() {
        let document = read(&full()).unwrap();
        assert_eq!(serde_json::to_value(&document).unwrap(), full());
        let least = read(&json!({"version": 1})).unwrap();
        assert_eq!(least, SessionDocument::default());
        assert_eq!(serde_json::to_value(&least).unwrap(), json!({"version": 1}));
    }

    #[test]
    fn the_keys_that_the_schema_requires_are_required() {
        let schema = serde_json::to_value(schemars::schema_for!(SessionDocument)).unwrap();
        let required = |definition: &Value| -> Vec<String> {
            definition["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap().to_owned())
                .collect()
        };
        let parts = [
            ("", required(&schema)),
            ("/fields/0", required(&schema["$defs"]["FieldEntry"])),
            ("/overlays/0", required(&schema["$defs"]["PositionEntry"])),
            ("/time", vec!["start".to_owned(), "rate".to_owned()]),
            ("/overlays/0/time", vec!["array".to_owned()]),
        ];
        for (part, required) in parts {
            let keys: Vec<_> = full().pointer(part).unwrap().as_object().unwrap().keys().cloned().collect();
            for key in keys.iter().filter(|key| *key != "type") {
                let mut document = full();
                document.pointer_mut(part).unwrap().as_object_mut().unwrap().remove(key);
                assert_eq!(read(&document).is_err(), required.contains(key), "{part}/{key}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (pointer, wrong, words) in [
            ("/version", json!("1"), ["`version` is \"1\"", "whole number"]),
            ("/name", json!(7), ["`name` is 7", "a text"]),
            ("/time", json!("time"), ["`time` is \"time\"", "`array`"]),
            ("/time/rate", json!("500"), ["`time.rate` is \"500\"", "a number"]),
            ("/environment", json!([1]), ["`environment` is [1]", "Environment-v1"]),
            ("/fields", json!({}), ["`fields` is an object", "a list"]),
            ("/fields/0/range", json!([1]), ["`fields[0].range` is [1]", "two numbers"]),
            ("/overlays/0/array", json!(null), ["`overlays[0].array` is missing", "a reference"]),
            ("/overlays/0/time", json!({}), ["`overlays[0].time` is an object", "`start`"]),
        ] {
            let mut document = full();
            *document.pointer_mut(pointer).unwrap() = wrong;
            let error = read(&document).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{pointer}: {error}");
        }
        assert!(read(&json!([])).unwrap_err().contains("an object"));
    }

    #[test]
    fn unknown_keys_and_overlay_types_are_kept_out_of_the_way() {
        let document = read(&json!({
            "version": 1, "later": true, "time": {"start": 1.5, "rate": 500},
            "overlays": [{"type": "position", "name": "rat", "array": "position", "time": {"array": "t"}, "shine": 3},
                         {"type": "lanes", "rows": []}],
        }))
        .unwrap();
        assert_eq!(document.time, Some(TimeRef::Regular { start: 1.5, rate: 500.0 }));
        let [OverlayEntry::Position(rat), OverlayEntry::Unknown(_)] = &document.overlays[..] else {
            panic!("{:?}", document.overlays)
        };
        assert_eq!((rat.name.as_str(), rat.size, rat.trail_length), ("rat", 10.0, 1.0));
    }
}
