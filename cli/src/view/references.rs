//! The files that a session document refers to.

use serde_json::Value;

use super::item::Item;
use super::{View, below};
use crate::error::CliError;
use crate::serve::Entry;

/// References of a document that are no URLs, without the part after `#`.
pub fn of(document: &Value) -> Vec<String> {
    let list = |key: &str| document.get(key).and_then(Value::as_array).into_iter().flatten();
    let layers = list("fields").chain(list("overlays"));
    let times = layers.clone().chain([document]).filter_map(|layer| layer.get("time")?.get("array"));
    let references =
        layers.filter_map(|layer| layer.get("array")).chain(times).chain(document.get("environment"));
    let mut files: Vec<String> = references
        .filter_map(Value::as_str)
        .filter(|reference| !reference.contains("://"))
        .map(|reference| reference.split_once('#').map_or(reference, |(file, _)| file))
        .map(|file| file.trim_start_matches("./").trim_end_matches('/').to_owned())
        .filter(|file| !file.is_empty())
        .collect();
    files.sort();
    files.dedup();
    files
}

/// Puts them into the selection, under the names by which the document calls them, as far as they lie below its folder:
/// a document that came from elsewhere does not decide what else of this machine is served.
pub fn add(view: &mut View, item: &Item, document: &Value) -> Result<(), CliError> {
    let Some(folder) = item.path.parent() else { return Ok(()) };
    for reference in of(document) {
        // A file that was named is meant, wherever it lies.
        if view.selection.get(&reference).is_none() {
            let path = folder.join(&reference);
            let plain = !reference.split('/').any(|part| matches!(part, "" | "." | ".."));
            match below(folder, &path).filter(|real| plain && real != folder) {
                Some(real) => view.selection.insert(&reference, Entry::of(&real)?)?,
                None if path.exists() => view.notes.push(format!(
                    "{} refers to {reference}, which lies outside its folder and is not served. Name it too: \
                     replayscope view {} {}",
                    item.shown.display(),
                    item.shown.display(),
                    path.display()
                )),
                None => view.notes.push(format!(
                    "{} refers to {reference}, and there is no {}. Name the file if it lies elsewhere.",
                    item.shown.display(),
                    path.display()
                )),
            }
        }
        if document.get("environment").and_then(Value::as_str) == Some(reference.as_str())
            && let Some(Entry::File(path)) = view.selection.get(&reference).cloned()
        {
            view.add_arrays_of(&reference, &path)?;
        }
    }
    Ok(())
}
