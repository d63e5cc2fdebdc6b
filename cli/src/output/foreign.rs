//! Finds what lies in a session's folder and was not written by `pack` or `demo`: `--force` must not remove it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, Value};

use super::written;
use crate::source::regular;

/// The document of every Zarr node, as [`crate::writer::GroupWriter`] writes it.
const DOCUMENT: &str = "zarr.json";
/// The folder of an array's chunks.
const CHUNKS: &str = "c";

/// A file, a folder or a part of a document that `pack` and `demo` did not write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub path: PathBuf,
    /// The part of a document that they did not write; empty for the entire file.
    pub part: String,
}

impl From<PathBuf> for Foreign {
    fn from(path: PathBuf) -> Self {
        Self { path, part: String::new() }
    }
}

/// The first file or folder that `pack` and `demo` did not write: the folder's own `zarr.json` where it is no session of theirs, the
/// folder itself where it has none. `None` where the folder is empty, or they wrote all of it.
pub fn find(folder: &Path) -> Option<Foreign> {
    // They write only folders, never a link or a single file.
    if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Some(folder.to_path_buf().into());
    }
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf().into()) };
    if entries.is_empty() {
        return None;
    }
    let document = folder.join(DOCUMENT);
    if !document.is_file() {
        return Some(folder.to_path_buf().into());
    }
    let Some(root) = read(&document) else { return Some(document.into()) };
    match written::nodes(&root) {
        Ok(nodes) => within(folder, "", nodes),
        Err(written::Other::Root(part)) => Some(Foreign { path: document, part }),
        Err(written::Other::Node(path, part)) => {
            let place = folder.join(path);
            let path = if part.is_empty() { place } else { place.join(DOCUMENT) };
            Some(Foreign { path, part })
        }
    }
}

fn read(document: &Path) -> Option<Value> {
    serde_json::from_str(&regular::read_to_string(document).ok()?).ok()
}

/// The first foreign thing in the folder of a group, whose path in the session is empty or ends with `/`.
fn within(folder: &Path, path: &str, nodes: &Map<String, Value>) -> Option<Foreign> {
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf().into()) };
    entries.into_iter().find_map(|(name, place, is_folder)| {
        if !is_folder {
            return (name != DOCUMENT).then(|| place.into());
        }
        let inner = format!("{path}{name}");
        let Some(node) = nodes.get(&inner) else { return Some(place.into()) };
        // Both documents are written together: where they differ, another program changed this one.
        let document = place.join(DOCUMENT);
        if read(&document).is_some_and(|own| own != *node) {
            return Some(document.into());
        }
        if node["node_type"] == "array" {
            in_array(&place).map(Foreign::from)
        } else {
            within(&place, &format!("{inner}/"), nodes)
        }
    })
}

/// The first foreign thing in the folder of an array.
fn in_array(folder: &Path) -> Option<PathBuf> {
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf()) };
    entries.into_iter().find_map(|(name, place, is_folder)| match (name.as_str(), is_folder) {
        (DOCUMENT, false) => None,
        (CHUNKS, true) => in_chunks(&place),
        _ => Some(place),
    })
}

/// The first entry in a folder of chunks whose name is not a chunk's number.
fn in_chunks(folder: &Path) -> Option<PathBuf> {
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf()) };
    entries.into_iter().find_map(|(name, place, is_folder)| {
        if !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(place);
        }
        if is_folder { in_chunks(&place) } else { None }
    })
}

/// Name and path of each entry and whether it is a folder, sorted. A link, or a name that is not Unicode, counts as an unknown file.
/// Where listing fails, callers count the folder as foreign.
fn listed(folder: &Path) -> io::Result<Vec<(String, PathBuf, bool)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name().into_string().ok().filter(|_| kind.is_dir() || kind.is_file());
        entries.push((name.unwrap_or_else(|| "?".to_owned()), entry.path(), kind.is_dir()));
    }
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_listed_is_foreign() {
        let home = tempfile::tempdir().unwrap();
        let missing = home.path().join("gone");
        let (group, whole) = (within(&missing, "", &Map::new()), find(&missing));
        assert_eq!([group, whole], [(); 2].map(|()| Some(missing.clone().into())));
        assert_eq!([in_array(&missing), in_chunks(&missing)], [(); 2].map(|()| Some(missing.clone())));
        assert_eq!(find(home.path()), None, "an empty folder is nobody's");
    }
}
