//! The session document: the `replayscope` object in a group's root attributes. docs/session-format.md explains it.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

/// Newest document version this program reads.
pub const DOCUMENT_VERSION: u32 = 1;

/// Version 1 of the session document. Unknown keys are ignored; every part can be left out and is then inferred.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EnvironmentRef {
    /// A reference to an `Environment-v1` JSON file.
    Ref(Ref),
    /// The dict itself.
    Inline(Value),
}

/// One field: an array of shape (time, bin).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldEntry {
    /// Name shown, and used in links.
    pub name: String,
    /// The array.
    pub array: Ref,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum OverlayEntry {
    /// A position in the environment over time.
    Position(PositionEntry),
    /// Any other `type`; later versions draw more of them.
    Unknown(Value),
}

/// Marks [`PositionEntry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PositionType {
    /// The only value.
    Position,
}

/// A dot with a fading trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

// Read by hand: deserialisers derived for these types are 35 KB of wasm, and do not say what is wrong with an
// untagged one.

impl<'de> Deserialize<'de> for SessionDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl SessionDocument {
    /// Reads a document; the error says which key is wrong.
    pub fn read(value: &Value) -> Result<Self, String> {
        let object = value.as_object().ok_or("it is no object")?;
        let version =
            required(object, "version", "a whole number", |version| version.as_u64()?.try_into().ok())?;
        let fields = optional(object, "fields", "a list", Value::as_array)?;
        let fields = fields.map(|fields| fields.iter().map(FieldEntry::read).collect());
        let overlays = optional(object, "overlays", "a list", Value::as_array)?;
        Ok(Self {
            version,
            name: optional(object, "name", "a text", text)?,
            description: optional(object, "description", "a text", text)?,
            time: optional(object, "time", "{start, rate} or {array}", TimeRef::read)?,
            environment: optional(object, "environment", "", |value| Some(EnvironmentRef::read(value)))?,
            fields: fields.transpose()?,
            overlays: overlays.into_iter().flatten().map(OverlayEntry::read).collect(),
        })
    }
}

impl TimeRef {
    fn read(value: &Value) -> Option<Self> {
        let number = |key: &str| value.get(key)?.as_f64();
        match (number("start"), number("rate")) {
            (Some(start), Some(rate)) => Some(Self::Regular { start, rate }),
            _ => Some(Self::Array { array: text(value.get("array")?)? }),
        }
    }
}

impl EnvironmentRef {
    fn read(value: &Value) -> Self {
        text(value).map_or_else(|| Self::Inline(value.clone()), Self::Ref)
    }
}

impl FieldEntry {
    fn read(value: &Value) -> Result<Self, String> {
        let object = value.as_object().ok_or("an entry of `fields` is no object")?;
        let range = |value: &Value| match value.as_array()?.as_slice() {
            [low, high] => Some([low.as_f64()?, high.as_f64()?]),
            _ => None,
        };
        Ok(Self {
            name: required(object, "name", "a text", text)?,
            array: required(object, "array", "a text", text)?,
            units: optional(object, "units", "a text", text)?,
            colormap: optional(object, "colormap", "a text", text)?,
            range: optional(object, "range", "two numbers", range)?,
        })
    }
}

impl OverlayEntry {
    fn read(value: &Value) -> Self {
        PositionEntry::read(value).map_or_else(|| Self::Unknown(value.clone()), Self::Position)
    }
}

impl PositionEntry {
    fn read(value: &Value) -> Option<Self> {
        let object =
            value.as_object().filter(|object| object.get("type").is_some_and(|kind| kind == "position"))?;
        Some(Self {
            kind: PositionType::Position,
            name: text(object.get("name")?)?,
            array: text(object.get("array")?)?,
            time: TimeRef::read(object.get("time")?)?,
            color: object.get("color").map_or_else(|| Some(default_color()), text)?,
            size: object.get("size").map_or(Some(default_size()), |size| Some(size.as_f64()? as f32))?,
            trail_length: object.get("trail_length").map_or(Some(default_trail()), Value::as_f64)?,
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What `read` makes of a key's value; nothing where it is left out.
fn optional<'a, T>(
    object: &'a Map<String, Value>,
    key: &str,
    what: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| format!("`{key}` is not {what}")),
    }
}

fn required<'a, T>(
    object: &'a Map<String, Value>,
    key: &str,
    what: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T, String> {
    optional(object, key, what, read)?.ok_or_else(|| format!("`{key}` is missing"))
}
