//! Opens files that were dropped or given together: finds the session among them and assigns the others.

use std::rc::Rc;

use replayscope_files::FileKind;
use replayscope_json::Json;
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::document::{
    EnvironmentRef, FieldEntry, OverlayEntry, PositionEntry, PositionType, SessionDocument, TimeRef,
};
use crate::error::{Error, SessionError};
use crate::opening::inferred::entry;
use crate::opening::names::listed;
use crate::opening::open::{open, open_document, open_group_file, open_in};
use crate::opening::openers::FileFormat;
use crate::opening::options::Opening;
use crate::session::Session;

/// Files that mark the folder of a Zarr group.
const GROUPS: [&str; 3] = ["zarr.json", ".zmetadata", ".zgroup"];
/// Most JSON files that are read in search of an environment.
const MOST_JSON_FILES: usize = 20;

/// Opens files that were dropped or given together: a Zarr folder; a `session.json`; a netCDF, HDF5 or zip file with an environment;
/// or arrays with an environment and time stamps. `names` are the paths of all files below `folder`.
///
/// # Errors
/// Where none or several of the files are sessions, or one cannot be read.
pub async fn open_dropped(
    folder: Rc<dyn ByteSource>,
    names: &[String],
    opening: Opening,
) -> Result<Session, Error> {
    if let Some(root) = group_root(names)? {
        let source = if root.is_empty() { folder } else { folder.open(&format!("{root}/"))? };
        return open(source, opening).await;
    }
    let of_kind =
        |kind| names.iter().filter(move |name| FileKind::of(name) == Some(kind)).collect::<Vec<_>>();
    let documents = of_kind(FileKind::Document);
    if let Some(name) = documents.iter().find(|name| file_name(name) == "session.json") {
        let (folder, name) = split(&folder, name)?;
        return open_in(folder, name, opening).await;
    }
    let environment = environment_of(&folder, &documents).await;
    let groups: Vec<&String> = of_kind(FileKind::Hdf5).into_iter().chain(of_kind(FileKind::Zip)).collect();
    if groups.len() > 1 {
        return Err(SessionError::Several { found: listed(&mut groups.into_iter().cloned()) }.into());
    }
    if let Some(name) = groups.first() {
        let document = SessionDocument { environment, ..SessionDocument::default() };
        let kind = FileKind::of(name).unwrap_or(FileKind::Hdf5);
        return open_group_file(folder, name, kind, document, opening).await;
    }
    let arrays = shapes(&folder, &of_kind(FileKind::Npy), opening).await?;
    if arrays.is_empty() {
        return Err(SessionError::NothingKnown { found: listed(&mut names.iter().cloned()) }.into());
    }
    let (document, name) = document_of(&arrays, environment);
    open_document(folder, &name, document, opening).await
}

/// The folder of the topmost Zarr group; "" is `folder` itself. `None` without a group; an error where there are several.
fn group_root(names: &[String]) -> Result<Option<String>, SessionError> {
    let folder = |name: &String| match name.rsplit_once('/') {
        Some((folder, file)) => GROUPS.contains(&file).then(|| folder.to_owned()),
        None => GROUPS.contains(&name.as_str()).then(String::new),
    };
    let mut roots: Vec<String> = names.iter().filter_map(folder).collect();
    let depth = |root: &str| if root.is_empty() { 0 } else { 1 + root.matches('/').count() };
    let Some(least) = roots.iter().map(|root| depth(root)).min() else { return Ok(None) };
    roots.retain(|root| depth(root) == least);
    roots.sort();
    roots.dedup();
    match &roots[..] {
        [root] => Ok(Some(root.clone())),
        _ => Err(SessionError::Several { found: listed(&mut roots.iter().cloned()) }),
    }
}

/// The environment among JSON files, if one of them is.
async fn environment_of(folder: &Rc<dyn ByteSource>, documents: &[&String]) -> Option<EnvironmentRef> {
    for name in documents.iter().take(MOST_JSON_FILES) {
        let Ok((folder, file)) = split(folder, name) else { continue };
        let Ok(bytes) = folder.read(file, Span::Whole).await else { continue };
        let Ok(json) = Json::parse(&bytes) else { continue };
        if json.get("layout_type").is_some() {
            return Some(EnvironmentRef::Ref((*name).clone()));
        }
    }
    None
}

/// The name and shape of each array.
async fn shapes(
    folder: &Rc<dyn ByteSource>,
    names: &[&String],
    opening: Opening,
) -> Result<Vec<(String, Vec<u64>)>, Error> {
    let mut shapes = Vec::new();
    for name in names {
        let (folder, file) = split(folder, name)?;
        let format = FileFormat::Kind(FileKind::Npy);
        let array = opening.openers.file(folder, file.to_owned(), format).await?;
        let node = array.node("").await?.unwrap_or_default();
        let shape = node.get("shape").and_then(Json::as_array).unwrap_or_default();
        shapes.push(((*name).clone(), shape.iter().filter_map(Json::as_u64).collect()));
    }
    Ok(shapes)
}

/// A document in which the largest array and others of its shape are fields, with time stamps, positions and the environment; and the
/// name of the largest.
fn document_of(
    arrays: &[(String, Vec<u64>)],
    environment: Option<EnvironmentRef>,
) -> (SessionDocument, String) {
    let is_named = |name: &str, word: &str| file_name(name).to_ascii_lowercase().contains(word);
    let values = |shape: &[u64]| shape.iter().fold(1_u64, |product, length| product.saturating_mul(*length));
    let wide = arrays.iter().filter(|(_, shape)| shape.len() >= 2);
    let largest = wide.max_by_key(|(_, shape)| values(shape)).unwrap_or(&arrays[0]);
    let frames = largest.1.first().copied().unwrap_or_default();
    let fields: Vec<FieldEntry> =
        arrays.iter().filter(|(_, shape)| *shape == largest.1).map(|(name, _)| entry(name)).collect();
    let stamps = arrays.iter().find(|(name, shape)| **shape == [frames] && is_named(name, "time"));
    let time = stamps.map(|(name, _)| TimeRef::Array { array: name.clone() });
    let positions =
        arrays.iter().filter(|(name, shape)| **shape == [frames, 2] && is_named(name, "position"));
    let overlays = positions.filter(|(name, _)| *name != largest.0).filter_map(|(name, _)| {
        Some(OverlayEntry::Position(PositionEntry {
            kind: PositionType::Position,
            name: entry(name).name,
            array: name.clone(),
            time: time.clone()?,
            color: "#ff3b30".to_owned(),
            size: 10.0,
            trail_length: 1.0,
        }))
    });
    let overlays = overlays.collect();
    let document =
        SessionDocument { time, environment, fields: Some(fields), overlays, ..SessionDocument::default() };
    (document, file_name(&largest.0).to_owned())
}

fn split<'a>(
    folder: &Rc<dyn ByteSource>,
    name: &'a str,
) -> Result<(Rc<dyn ByteSource>, &'a str), SourceError> {
    match name.rsplit_once('/') {
        None => Ok((folder.clone(), name)),
        Some((path, file)) => Ok((folder.open(&format!("{path}/"))?, file)),
    }
}

fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, file)| file)
}
