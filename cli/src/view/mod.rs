//! `replayscope view`: finds out what some files are to each other, and gives these and nothing else to the viewer.
//!
//! What the viewer page does with files that are dropped on it, done for paths: [`item`] says what each file is, [`folder`]
//! looks for files where a folder is named, [`references`] are the files that a session document cannot do without, and
//! [`loose`] writes the document that loose arrays lack.

mod beside;
mod folder;
mod item;
mod loose;
pub(crate) mod references;
mod stamps;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::serve::{Entry, Selection, notes_in};
use item::{Item, KNOWN, Kind};

/// The document that loose arrays get.
const DOCUMENT: &str = "session.json";
/// Names under which the viewer looks for a lone array's environment and time stamps.
const BESIDE: [&str; 3] = ["environment.json", "env.json", "time.npy"];

/// What to view.
#[derive(Debug, Clone, Default)]
pub struct ViewOptions {
    /// Files and Zarr groups, or one folder.
    pub paths: Vec<PathBuf>,
    /// Frames per second in Hz, where nothing says when frames are.
    pub rate: Option<f64>,
}

/// What was made of it.
#[derive(Debug, Clone)]
pub struct View {
    /// What is served; it has at least one session.
    pub selection: Selection,
    /// Sentences on what was left out.
    pub notes: Vec<String>,
}

/// Finds out what the files are to each other. Reads their headers, JSON and time stamps.
pub fn view(options: &ViewOptions) -> Result<View, CliError> {
    if let Some(rate) = options.rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
        return Err(CliError::option("--rate", rate, "frames per second are positive", "--rate 500"));
    }
    let mut view = View { selection: Selection::new(options.rate), notes: Vec::new() };
    match options.paths.as_slice() {
        [path] if path.is_dir() && item::is_plain_folder(path) => {
            let (items, others) = folder::items(path, &mut view.notes)?;
            view.add(&items, options.rate, Some(path))?;
            if view.selection.sessions().is_empty() {
                return Err(nothing_in(path, &items, &others));
            }
        }
        paths => {
            let items = named(paths)?;
            let groups = items.iter().filter(|item| matches!(item.kind, Kind::Group) && item.path.is_dir());
            view.notes.extend(groups.flat_map(|group| notes_in(&group.path)));
            view.add(&items, options.rate, None)?;
            if view.selection.sessions().is_empty() {
                return Err(no_values(&items));
            }
        }
    }
    Ok(view)
}

/// What each of the given paths is; the same path given twice is one.
fn named(paths: &[PathBuf]) -> Result<Vec<Item>, CliError> {
    let looked: Vec<_> = paths.iter().map(|path| (path, Item::of(path))).collect();
    let documents = looked.iter().filter_map(|(_, item)| match item {
        Ok(Item { path, kind: Kind::Document(document), .. }) => Some(references::raw(path, document)),
        _ => None,
    });
    let raw: Vec<PathBuf> = documents.flatten().collect();
    let mut items: Vec<Item> = Vec::new();
    for (path, item) in looked {
        // Nothing in such a file says what it is; a document among the others does.
        let item =
            item.or_else(|unknown| Item::raw(path).filter(|item| raw.contains(&item.path)).ok_or(unknown))?;
        if items.iter().all(|other| other.path != item.path) {
            items.push(item);
        }
    }
    Ok(items)
}

impl View {
    /// Puts the items and what they need into the selection, and finds the sessions among them. `folder` is where they were
    /// looked for, if they were.
    fn add(&mut self, items: &[Item], rate: Option<f64>, folder: Option<&Path>) -> Result<(), CliError> {
        // Documents come last: what they are served as depends on the others' names.
        for item in items.iter().filter(|item| !matches!(item.kind, Kind::Document(_))) {
            self.selection.insert(&item.name, Entry::of(&item.path)?)?;
        }
        for item in items {
            match &item.kind {
                Kind::Environment { .. } => {
                    beside::add_arrays_of(&mut self.selection, &item.name, &item.path)?;
                }
                Kind::Document(document) => {
                    let entry = references::add(&mut self.selection, &mut self.notes, item, items, document)?;
                    self.selection.insert(&item.name, entry)?;
                    self.selection.add_session(&item.name);
                }
                _ => {}
            }
        }
        // What a document refers to is a part of its session, and no session of its own.
        let documents = items.iter().filter_map(|item| match &item.kind {
            Kind::Document(document) => Some(references::of(document)),
            _ => None,
        });
        let parts: Vec<String> = documents.flatten().collect();
        let loose: Vec<&Item> = items.iter().filter(|item| !parts.contains(&item.name)).collect();
        let groups: Vec<&Item> =
            loose.iter().copied().filter(|item| matches!(item.kind, Kind::Group)).collect();
        let has_document = items.iter().any(|item| matches!(item.kind, Kind::Document(_)));

        if let ([Item { kind: Kind::Array(header), .. }], None) = (items, folder)
            && header.shape.len() >= 2
        {
            self.add_beside(&items[0])?;
            self.selection.add_session(&items[0].name);
        } else if let Some(document) =
            if has_document { None } else { loose::document(&loose, rate, &mut self.notes)? }
        {
            self.add_made(&document)?;
        } else if let ([group], None, false) = (groups.as_slice(), folder, has_document)
            && let Some(document) = loose::document_around(group, &loose)
        {
            self.add_made(&document)?;
            return Ok(());
        }
        for group in groups {
            self.selection.add_session(&group.name);
        }
        Ok(())
    }

    fn add_made(&mut self, document: &serde_json::Value) -> Result<(), CliError> {
        self.selection.insert(DOCUMENT, Entry::Made(document.to_string().into()))?;
        self.selection.add_session(DOCUMENT);
        Ok(())
    }

    /// The environment and time stamps beside an array that is viewed by itself.
    fn add_beside(&mut self, array: &Item) -> Result<(), CliError> {
        for name in BESIDE {
            let Some(path) = beside::beside(&array.path, Some(OsStr::new(name))) else { continue };
            if path == array.path {
                continue;
            }
            self.selection.insert(name, Entry::of(&path)?)?;
            beside::add_arrays_of(&mut self.selection, name, &path)?;
        }
        Ok(())
    }
}

fn nothing_in(folder: &Path, items: &[Item], others: &[String]) -> CliError {
    let names: Vec<&str> =
        items.iter().map(|item| item.name.as_str()).chain(others.iter().map(String::as_str)).collect();
    let found = match names.as_slice() {
        [] => "it is empty".to_owned(),
        [first @ .., _] if names.len() > 8 => {
            format!("it holds {} and {} more", first[..7].join(", "), names.len() - 7)
        }
        names => format!("it holds {}", names.join(", ")),
    };
    CliError::View {
        what: format!("Nothing in {} can be viewed", folder.display()),
        why: found,
        how: format!("{KNOWN}. Name the files: replayscope view posterior.npy environment.json"),
    }
}

/// Why files that are all known make no session.
fn no_values(items: &[Item]) -> CliError {
    let list: Vec<String> =
        items.iter().map(|item| format!("{} is {}", item.shown.display(), item.kind.told())).collect();
    CliError::View {
        what: "There is nothing to show".to_owned(),
        why: list.join(", "),
        how: "Add the array of shape (time, bin): replayscope view posterior.npy environment.json time.npy"
            .to_owned(),
    }
}
