//! The session document: the `replayscope` object in a group's root attributes. docs/session-format.md explains it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Newest document version this program reads.
pub const DOCUMENT_VERSION: u32 = 1;

/// Version 1 of the session document. Unknown keys are ignored; every part can be left out and is then inferred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum EnvironmentRef {
    /// A reference to an `Environment-v1` JSON file.
    Ref(Ref),
    /// The dict itself.
    Inline(Value),
}

/// One field: an array of shape (time, bin).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum OverlayEntry {
    /// A position in the environment over time.
    Position(PositionEntry),
    /// Any other `type`; later versions draw more of them.
    Unknown(Value),
}

/// Marks [`PositionEntry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PositionType {
    /// The only value.
    Position,
}

/// A dot with a fading trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // reads and writes files
mod tests {
    use serde_json::json;

    use super::*;

    /// `REPLAYSCOPE_WRITE_SCHEMA=1 cargo test schema` writes the committed file anew.
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/session.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(SessionDocument)).unwrap() + "\n";
        if std::env::var_os("REPLAYSCOPE_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert_eq!(committed, schema, "REPLAYSCOPE_WRITE_SCHEMA=1 cargo test schema writes it anew");
    }

    #[test]
    fn unknown_keys_and_overlay_types_are_kept_out_of_the_way() {
        let document: SessionDocument = serde_json::from_value(json!({
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
