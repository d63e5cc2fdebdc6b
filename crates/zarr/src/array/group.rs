//! Opening a group, or one array of it, from its `zarr.json`.

use std::rc::Rc;

use super::array::Array;
use super::metadata::{ArrayMetadata, join};
use crate::argsort::argsort;
use crate::error::ArrayError;
use crate::error::Error;
use crate::error::SourceError;
use crate::json::Json;
use crate::source::{ByteSource, Span};

/// The most nodes of a group: what is said of each is held in memory, several times while it is read.
const MOST_NODES: usize = 1 << 16;

/// A Zarr v3 group and what its metadata says of its arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The group's own attributes.
    pub attributes: Json,
    /// Arrays and their paths within the group (`posterior`, `decode/posterior`), sorted by path. Empty where the metadata is not
    /// consolidated: a web server cannot list a folder, so arrays are then opened by name with [`open_array`].
    pub arrays: Vec<(String, ArrayMetadata)>,
    /// Entries of the consolidated metadata that are no valid arrays, and why; for `info`.
    pub unreadable: Vec<(String, ArrayError)>,
    /// Whether the metadata names every array.
    pub consolidated: bool,
}

/// Opens the group at `path` below the source's root (`""` is the root itself). Costs one read.
pub async fn open_group(source: &Rc<dyn ByteSource>, path: &str) -> Result<Group, Error> {
    let location = source.location(&join(path, "zarr.json"));
    let node = read_node(source, path).await?;
    match node_type(&node) {
        "group" => Ok(Group::from_json(&node, &location)?),
        found => Err(ArrayError::WrongNode {
            found: spoken(found),
            wanted: "a group",
            hint: "Open the folder one level up, the one that holds all arrays of the session",
            location,
        }
        .into()),
    }
}

/// Opens the array at `path` by its own `zarr.json`, as a group without consolidated metadata needs. Costs one read.
pub async fn open_array(source: &Rc<dyn ByteSource>, path: &str) -> Result<Array, Error> {
    let location = source.location(&join(path, "zarr.json"));
    let node = read_node(source, path).await?;
    match node_type(&node) {
        "array" => Array::new(source.clone(), path, ArrayMetadata::from_json(&node, &location)?),
        found => Err(ArrayError::WrongNode {
            found: spoken(found),
            wanted: "an array",
            hint: "Name one of the arrays in it",
            location,
        }
        .into()),
    }
}

impl Group {
    fn from_json(node: &Json, location: &str) -> Result<Self, ArrayError> {
        let entries = node
            .get("consolidated_metadata")
            .filter(|consolidated| {
                consolidated.get("kind").is_none_or(|kind| kind.as_str() == Some("inline"))
            })
            .and_then(|consolidated| consolidated.get("metadata")?.as_object());
        let mut group = Self {
            attributes: node.get("attributes").cloned().unwrap_or_default(),
            arrays: Vec::new(),
            unreadable: Vec::new(),
            consolidated: entries.is_some(),
        };
        let entries = entries.unwrap_or_default();
        if entries.len() > MOST_NODES {
            return Err(ArrayError::Unsupported {
                what: format!("A group of {} arrays and groups", entries.len()),
                hint: "Up to 65536 are held in memory; copy those that are to be shown into a group of their own",
                location: location.to_owned(),
            });
        }
        for index in argsort(entries.len(), &mut |a, b| entries[a].0.cmp(&entries[b].0)) {
            let (path, entry) = &entries[index];
            let array = (node_type(entry) == "array")
                .then(|| ArrayMetadata::from_json(entry, &format!("{location}#{path}")));
            match array {
                Some(Ok(metadata)) => group.arrays.push((path.clone(), metadata)),
                Some(Err(error)) => group.unreadable.push((path.clone(), error)),
                None => {} // A group within the group: its arrays are listed on their own.
            }
        }
        Ok(group)
    }

    /// The array at a path, if the metadata names it.
    pub fn array(&self, path: &str) -> Option<&ArrayMetadata> {
        let found = self.arrays.binary_search_by(|(known, _)| known.as_str().cmp(path));
        found.ok().map(|at| &self.arrays[at].1)
    }
}

/// The metadata of the node at a path below the source's root.
pub(super) async fn read_node(source: &Rc<dyn ByteSource>, path: &str) -> Result<Json, Error> {
    if let Some(node) = source.node(path).await? {
        return Ok(node);
    }
    let key = join(path, "zarr.json");
    let location = source.location(&key);
    let bytes = match source.read(&key, Span::Whole).await {
        Ok(bytes) => bytes,
        Err(SourceError::NotFound { .. }) => return Err(ArrayError::Missing { location }.into()),
        Err(error) => return Err(error.into()),
    };
    let node = parse(&bytes, &location)?;
    match node.get("zarr_format").and_then(Json::as_u64) {
        Some(3) => Ok(node),
        Some(other) => Err(ArrayError::Unsupported {
            what: format!("Zarr format {other}"),
            hint: "Format 3 is; look for a newer viewer, or write it with zarr_format=3",
            location,
        }
        .into()),
        None => Err(ArrayError::WrongNode {
            found: "no Zarr (`zarr_format` is missing)".to_owned(),
            wanted: "a Zarr v3 group or array",
            hint: "Give the address of a folder that a Zarr library wrote",
            location,
        }
        .into()),
    }
}

/// The object in a `zarr.json`.
fn parse(bytes: &[u8], location: &str) -> Result<Json, ArrayError> {
    if bytes.trim_ascii_start().first() == Some(&b'<') {
        return Err(ArrayError::WebPage { location: location.to_owned() });
    }
    let reason = match Json::parse(bytes) {
        Ok(object @ Json::Object(_)) => return Ok(object),
        Ok(_) => "no object".to_owned(),
        Err(reason) => reason,
    };
    Err(ArrayError::NotJson { reason, location: location.to_owned() })
}

fn node_type(node: &Json) -> &str {
    node.get("node_type").and_then(Json::as_str).unwrap_or_default()
}

fn spoken(node_type: &str) -> String {
    match node_type {
        "array" => "one array".to_owned(),
        "group" => "a group".to_owned(),
        other => format!("a node of type `{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_a_torn_file_are_told_apart() {
        assert!(matches!(parse(b"\n <!doctype html>", "u"), Err(ArrayError::WebPage { .. })));
        for torn in [&br#"{"a": "#[..], b"[1]", b"", &[0xff, 0x00]] {
            assert!(matches!(parse(torn, "u"), Err(ArrayError::NotJson { .. })));
        }
    }
}
