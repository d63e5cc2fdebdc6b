//! Recognises root documents that `pack` and `demo` wrote. Sessions of other programs (docs/session-format.md) may contain the only
//! copy of their arrays and attributes.

use serde_json::{Map, Value};

use crate::writer::Pooling;

/// A part of the root document that they would not have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    /// The path of the part in the document; empty for the entire document.
    Root(String),
    /// The path of a node, and the path of the part of its metadata; the latter is empty for the entire node.
    Node(String, String),
}

/// Attributes of the root.
const ATTRIBUTES: [&str; 2] = ["replayscope", "units"];
/// Keys of the session document, and of its one field.
const DOCUMENT: [&str; 7] = ["version", "name", "description", "time", "environment", "fields", "overlays"];
const FIELD: [&str; 3] = ["name", "array", "units"];
/// The float64 arrays besides the field.
const COORDINATES: [&str; 5] =
    ["time", "bin_center_x", "bin_center_y", "environment/polygon_vertices", "environment/polygon_offsets"];
/// The array of positions, which only `demo` writes.
const POSITION: &str = "position";

/// The nodes of a root document that `pack` or `demo` wrote, by path; else the first part that they did not write.
pub fn nodes(root: &Value) -> Result<&Map<String, Value>, Other> {
    let whole = || Other::Root(String::new());
    let attributes = root.get("attributes").and_then(Value::as_object).ok_or_else(whole)?;
    let document = attributes.get("replayscope").and_then(Value::as_object).ok_or_else(whole)?;
    known(attributes, &ATTRIBUTES, "").map_err(Other::Root)?;
    known(document, &DOCUMENT, "replayscope/").map_err(Other::Root)?;
    // They always write these two entries.
    let (Some(fields), Some(_)) = (document.get("fields").and_then(Value::as_array), document.get("time"))
    else {
        return Err(whole());
    };
    let [field] = fields.as_slice() else {
        return Err(Other::Root("replayscope/fields".to_owned()));
    };
    known(field.as_object().ok_or_else(whole)?, &FIELD, "replayscope/fields/").map_err(Other::Root)?;
    let name = field.get("array").and_then(Value::as_str).ok_or_else(whole)?;
    if field.get("name").and_then(Value::as_str) != Some(name) {
        return Err(Other::Root("replayscope/fields".to_owned()));
    }
    let overlays = document.get("overlays").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let has_position = match overlays {
        [] => false,
        [one] if one.get("array").is_some_and(|array| array == POSITION) => true,
        _ => return Err(Other::Root("replayscope/overlays".to_owned())),
    };
    let nodes =
        root.pointer("/consolidated_metadata/metadata").and_then(Value::as_object).ok_or_else(whole)?;
    for (path, node) in nodes {
        let expected = expected_node(path, name, has_position)
            .filter(|(kind, _)| node.get("node_type").is_some_and(|given| given == kind));
        let (kind, attributes) = expected.ok_or_else(|| Other::Node(path.clone(), String::new()))?;
        check(node, kind, attributes).map_err(|part| Other::Node(path.clone(), part))?;
    }
    Ok(nodes)
}

/// The kinds of nodes.
const ARRAY: &str = "array";
const GROUP: &str = "group";
/// A kind, and the attributes that such a node may have.
type NodeKind = (&'static str, &'static [&'static str]);

/// The kind of node that they write at a path, with its attributes; `None` where they write none.
fn expected_node(path: &str, field: &str, has_position: bool) -> Option<NodeKind> {
    let level = |pooling: &Pooling| {
        let number = path.strip_prefix(field)?.strip_prefix('_')?.strip_prefix(pooling.name())?;
        if number.is_empty() {
            return Some((GROUP, &[][..]));
        }
        let number: u32 = number.strip_prefix('/')?.parse().ok()?;
        (1..16).contains(&number).then_some((ARRAY, &["pooling", "limits"][..]))
    };
    match path {
        _ if path == field => Some((ARRAY, &["coordinates"])),
        "environment" => Some((GROUP, &[])),
        POSITION if has_position => Some((ARRAY, &["units"])),
        _ if COORDINATES.contains(&path) => Some((ARRAY, &["units"])),
        _ => Pooling::ALL.iter().find_map(level),
    }
}

/// An error with the part of a node's metadata that they would not have written.
fn check(node: &Value, kind: &str, allowed: &[&str]) -> Result<(), String> {
    if let Some(attributes) = node.get("attributes").and_then(Value::as_object) {
        known(attributes, allowed, "")?;
    }
    // They use no other codecs.
    let of_shard = node.pointer("/codecs/0/configuration/codecs/1/name");
    let is_blosc = of_shard.or_else(|| node.pointer("/codecs/1/name")).is_some_and(|name| name == "blosc");
    if kind == ARRAY && !is_blosc { Err("codecs".to_owned()) } else { Ok(()) }
}

/// An error with the path of the first key that is none of `keys`.
fn known(object: &Map<String, Value>, keys: &[&str], within: &str) -> Result<(), String> {
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{within}{key}")),
        None => Ok(()),
    }
}
