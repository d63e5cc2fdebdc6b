//! What lies in a session's folder and was not written by `pack` or `demo`: `--force` must not remove it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;

/// The document of every Zarr node, as [`crate::writer::GroupWriter`] writes it.
const DOCUMENT: &str = "zarr.json";
/// The folder of an array's chunks.
const CHUNKS: &str = "c";

/// The first thing in a folder that `pack` and `demo` would not have written there; the folder's own `zarr.json` where that
/// is no session of theirs, the folder itself where there is none. `None`: all of it is theirs, or it is empty.
pub fn find(folder: &Path) -> Option<PathBuf> {
    // A link or a file is never theirs: they make folders.
    if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Some(folder.to_path_buf());
    }
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf()) };
    if entries.is_empty() {
        return None;
    }
    let document = folder.join(DOCUMENT);
    if !document.is_file() {
        return Some(folder.to_path_buf());
    }
    let Some(arrays) = arrays(&document) else { return Some(document) };
    within(folder, "", &arrays)
}

/// The paths of all arrays in the session of a root document; `None` where `pack` and `demo` did not write it.
fn arrays(document: &Path) -> Option<BTreeSet<String>> {
    let root: Value = serde_json::from_slice(&fs::read(document).ok()?).ok()?;
    root.pointer("/attributes/replayscope")?;
    let nodes = root.pointer("/consolidated_metadata/metadata")?.as_object()?;
    let is_array = |node: &Value| node.get("node_type").is_some_and(|kind| kind == "array");
    Some(nodes.iter().filter(|(_, node)| is_array(node)).map(|(path, _)| path.clone()).collect())
}

/// The first foreign thing in the folder of a group, whose path in the session is empty or ends with `/`.
fn within(folder: &Path, path: &str, arrays: &BTreeSet<String>) -> Option<PathBuf> {
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf()) };
    for (name, place, is_folder) in entries {
        let inner = format!("{path}{name}");
        let group = format!("{inner}/");
        let found = if !is_folder {
            (name != DOCUMENT).then_some(place)
        } else if arrays.contains(&inner) {
            in_array(&place)
        } else if arrays.iter().any(|array| array.starts_with(&group)) {
            within(&place, &group, arrays)
        } else {
            Some(place)
        };
        if found.is_some() {
            return found;
        }
    }
    None
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

/// The first thing in a folder of chunks that is not called by a chunk's number.
fn in_chunks(folder: &Path) -> Option<PathBuf> {
    let Ok(entries) = listed(folder) else { return Some(folder.to_path_buf()) };
    entries.into_iter().find_map(|(name, place, is_folder)| {
        if !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(place);
        }
        if is_folder { in_chunks(&place) } else { None }
    })
}

/// Name, place and whether it is a folder, in order. A link, or a name that is no text, counts as a file of no known name.
/// An error where not all of it can be listed: what nobody sees may be somebody's, so callers count the folder as foreign.
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
        for found in
            [within(&missing, "", &BTreeSet::new()), in_array(&missing), in_chunks(&missing), find(&missing)]
        {
            assert_eq!(found.as_deref(), Some(missing.as_path()));
        }
        assert_eq!(find(home.path()), None, "an empty folder is nobody's");
    }
}
