//! The files that a session document refers to.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::beside;
use super::item::{Item, Kind, ending};
use crate::error::CliError;
use crate::serve::{Entry, Selection};
use crate::source::{Lead, Reach, leads_below};

/// Calls `visit` for every reference of a document.
fn each(document: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    let mut visit = |value: Option<&mut Value>| {
        if let Some(Value::String(reference)) = value {
            visit(reference);
        }
    };
    visit(document.get_mut("environment"));
    visit(document.get_mut("time").and_then(|time| time.get_mut("array")));
    for key in ["fields", "overlays"] {
        for layer in document.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            visit(layer.get_mut("array"));
            visit(layer.get_mut("time").and_then(|time| time.get_mut("array")));
        }
    }
}

/// The file or folder that a reference names; `None` where it is a URL, or within the document's own group.
fn file(reference: &str) -> Option<&str> {
    let file = reference.split_once('#').map_or(reference, |(file, _)| file);
    let file = file.trim_start_matches("./").trim_end_matches('/');
    Some(file).filter(|file| !file.is_empty() && !reference.contains("://"))
}

/// References of a document that are no URLs, without the part after `#`.
pub fn of(document: &Value) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    each(&mut document.clone(), &mut |reference| files.extend(file(reference).map(str::to_owned)));
    files.sort();
    files.dedup();
    files
}

/// The files and folders that a document on this machine refers to; empty where the file is no document, which opening it reports.
pub fn of_file(path: &Path) -> Vec<PathBuf> {
    // References are relative to the folder of a link's target, as when the session is opened.
    let Ok(real) = path.canonicalize() else { return Vec::new() };
    let Ok(Kind::Document(document)) = Kind::of(&real, &ending(path)) else { return Vec::new() };
    of(&document).iter().map(|reference| real.parent().unwrap_or(&real).join(reference)).collect()
}

/// The raw files of a document at `path`, whose type and shape it gives.
pub fn raw(path: &Path, document: &Value) -> Vec<PathBuf> {
    let layers = ["fields", "overlays"].iter().filter_map(|key| document.get(key)?.as_array()).flatten();
    let references =
        layers.filter(|layer| layer.get("dtype").is_some()).filter_map(|layer| layer["array"].as_str());
    let folder = path.parent().unwrap_or(path);
    references.filter_map(file).filter_map(|file| folder.join(file).canonicalize().ok()).collect()
}

/// Adds the referenced files to the selection under the document's names for them, if they lie below its folder and are not hidden: a
/// document from another source must not decide what else of this machine is served. Those of `items`, which the user named, may lie
/// outside and have names of their own. Returns the document to serve, with its references changed to these names.
pub fn add(
    selection: &mut Selection,
    notes: &mut Vec<String>,
    item: &Item,
    items: &[Item],
    document: &Value,
) -> Result<Entry, CliError> {
    let entry = Entry::of(&item.path)?;
    let Some(folder) = item.path.parent() else { return Ok(entry) };
    let (own, shown) = (Reach::new([folder]), item.shown.display());
    let mut renamed: Vec<(String, String)> = Vec::new();
    for reference in of(document) {
        let path = folder.join(&reference);
        let plain = !reference.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        // A file that the user named is served from any folder.
        if selection.get(&reference).is_none() {
            match own.lead(&path) {
                Lead::Inside(real) if plain && real != folder && leads_below(folder, &real) => {
                    selection.insert(&reference, Entry::of(&real)?)?;
                }
                Lead::Inside(real) | Lead::Outside(real) => {
                    let within = |named: &Item| {
                        let rest = real.strip_prefix(&named.path).ok()?.to_string_lossy().replace('\\', "/");
                        Some(format!("{}/{rest}", named.name).trim_end_matches('/').to_owned())
                    };
                    match items.iter().filter(|named| named.path != item.path).find_map(within) {
                        Some(name) => renamed.push((reference.clone(), name)),
                        None => notes.push(format!(
                            "{shown} refers to {reference}, which lies outside its folder, or is hidden, and is not served. \
                             Name it too: replayscope view {shown} {}",
                            path.display()
                        )),
                    }
                }
                Lead::Nowhere(_) => notes.push(format!(
                    "{shown} refers to {reference}, and there is no {}. Name the file if it lies elsewhere.",
                    path.display()
                )),
            }
        }
        if document.get("environment").and_then(Value::as_str) == Some(reference.as_str())
            && let Some(Entry::File(path)) = selection.get(&reference).cloned()
        {
            beside::add_arrays_of(selection, &reference, &path)?;
        }
    }
    if renamed.is_empty() {
        return Ok(entry);
    }
    let mut document = document.clone();
    each(&mut document, &mut |reference| {
        let known = file(reference).and_then(|file| renamed.iter().find(|(other, _)| other == file));
        if let Some((_, name)) = known {
            let within = reference.split_once('#').map_or(String::new(), |(_, path)| format!("#{path}"));
            *reference = format!("{name}{within}");
        }
    });
    Ok(Entry::Made(document.to_string().into()))
}
