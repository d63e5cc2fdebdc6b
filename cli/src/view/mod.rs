//! `replayscope view`: assigns a role to each of some files, and serves these files and nothing else to the viewer.
//!
//! It does for paths what the page does for dropped files: [`item`] recognises the kind of each file, [`folder`] lists the files of
//! a folder, [`references`] finds the files that a session document refers to, and [`document`] writes the document of arrays that
//! have none.

mod document;
mod folder;
mod item;
pub(crate) mod references;
mod stamps;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::serve::{Entry, Selection, is_session, notes_in};
use crate::source::{Reach, leads_below};
use item::{Item, Kind};

/// Name of the document that is written for arrays without one.
const DOCUMENT: &str = "session.json";
/// Names under which the viewer searches for a single array's environment and time stamps.
const BESIDE: [&str; 3] = ["environment.json", "env.json", "time.npy"];
/// The supported kinds of files, for messages.
const KNOWN: &str = "Supported are a Zarr group (zarr.json or .zgroup), a Zarr .zip, netCDF and HDF5 (.nc, .h5), .npy arrays \
                     with an environment.json, and session.json";

/// The files to view.
#[derive(Debug, Clone, Default)]
pub struct ViewOptions {
    /// Files and Zarr groups, or one folder.
    pub paths: Vec<PathBuf>,
    /// Frame rate in Hz, used where the files have no time stamps.
    pub rate: Option<f64>,
}

/// The selection to serve.
#[derive(Debug, Clone)]
pub struct View {
    /// The served files, with at least one session.
    pub selection: Selection,
    /// Sentences about what was left out.
    pub notes: Vec<String>,
}

/// Assigns a role to each file, from headers, JSON and time stamps.
///
/// # Errors
/// Where a file cannot be read or viewed, or no file is a session.
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

/// The kinds of the given paths; a path that is given twice counts once.
fn named(paths: &[PathBuf]) -> Result<Vec<Item>, CliError> {
    let looked: Vec<_> = paths.iter().map(|path| (path, Item::of(path))).collect();
    let documents = looked.iter().filter_map(|(_, item)| match item {
        Ok(Item { path, kind: Kind::Document(document), .. }) => Some(references::raw(path, document)),
        _ => None,
    });
    let raw: Vec<PathBuf> = documents.flatten().collect();
    let mut items: Vec<Item> = Vec::new();
    for (path, item) in looked {
        // A raw file has no header; a document among the other files describes it.
        let item =
            item.or_else(|unknown| Item::raw(path).filter(|item| raw.contains(&item.path)).ok_or(unknown))?;
        if items.iter().all(|other| other.path != item.path) {
            items.push(item);
        }
    }
    Ok(items)
}

impl View {
    /// Adds the items and the files that they need to the selection, and finds the sessions among them. `folder` is the folder that was
    /// searched, if any.
    fn add(&mut self, items: &[Item], rate: Option<f64>, folder: Option<&Path>) -> Result<(), CliError> {
        // Documents come last: their content depends on the names of the other files.
        for item in items.iter().filter(|item| !matches!(item.kind, Kind::Document(_))) {
            self.selection.insert(&item.name, Entry::of(&item.path)?)?;
        }
        for item in items {
            match &item.kind {
                Kind::Environment { .. } => self.add_arrays_of(&item.name, &item.path)?,
                Kind::Document(document) => {
                    let entry = references::add(self, item, items, document)?;
                    self.selection.insert(&item.name, entry)?;
                    self.selection.add_session(&item.name);
                }
                _ => {}
            }
        }
        // A file that a document refers to is part of that session, and no session of its own.
        let documents = items.iter().filter_map(|item| match &item.kind {
            Kind::Document(document) => Some(references::of(document)),
            _ => None,
        });
        let parts: Vec<String> = documents.flatten().collect();
        let arrays: Vec<&Item> = items.iter().filter(|item| !parts.contains(&item.name)).collect();
        let groups: Vec<&Item> =
            arrays.iter().copied().filter(|item| matches!(item.kind, Kind::Group)).collect();
        let has_document = items.iter().any(|item| matches!(item.kind, Kind::Document(_)));

        if let ([Item { kind: Kind::Array(header), .. }], None) = (items, folder)
            && header.shape.len() >= 2
        {
            self.add_beside(&items[0])?;
            self.selection.add_session(&items[0].name);
        } else if let Some(document) =
            if has_document { None } else { document::document(&arrays, rate, &mut self.notes)? }
        {
            self.add_made(&document)?;
        } else if let ([group], None, false) = (groups.as_slice(), folder, has_document)
            && let Some(document) = document::with_environment(group, &arrays)
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

    /// Adds the `.npz` of the same name, in which neurospatial stores an environment's arrays, unless another file was given for it.
    fn add_arrays_of(&mut self, name: &str, path: &Path) -> Result<(), CliError> {
        let Some(stem) = name.strip_suffix(".json") else { return Ok(()) };
        let name = format!("{stem}.npz");
        if self.selection.get(&name).is_none()
            && let Some(arrays) = beside(path, path.with_extension("npz").file_name())
        {
            self.selection.insert(&name, Entry::of(&arrays)?)?;
        }
        Ok(())
    }

    /// Adds the environment and time stamps beside a single array.
    fn add_beside(&mut self, array: &Item) -> Result<(), CliError> {
        for name in BESIDE {
            let Some(path) = beside(&array.path, Some(OsStr::new(name))) else { continue };
            if path == array.path {
                continue;
            }
            self.selection.insert(name, Entry::of(&path)?)?;
            self.add_arrays_of(name, &path)?;
        }
        Ok(())
    }
}

/// A file in the same folder as `path`; links out of the folder are not followed, since the user did not name their target.
fn beside(path: &Path, name: Option<&OsStr>) -> Option<PathBuf> {
    let folder = path.parent()?;
    let real = Reach::new([folder]).inside(&folder.join(name?))?;
    leads_below(folder, &real).then_some(real)
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

/// The error for supported files of which none is a session.
fn no_values(items: &[Item]) -> CliError {
    let list: Vec<String> =
        items.iter().map(|item| format!("{} is {}", item.shown.display(), item.kind.describe())).collect();
    CliError::View {
        what: "There is nothing to show".to_owned(),
        why: list.join(", "),
        how: "Add the array of shape (time, bin): replayscope view posterior.npy environment.json time.npy"
            .to_owned(),
    }
}

/// Whether a folder is a Zarr group.
fn is_group(folder: &Path) -> bool {
    is_session(folder)
}
