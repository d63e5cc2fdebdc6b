//! What there is to view in a folder.

use std::path::Path;

use super::item::{Item, Kind, ending, plain};
use crate::error::CliError;
use crate::serve::{groups_in, notes_in};
use crate::source::Reach;

/// Endings that are looked into; an `.npz` is not, as it goes with its environment.
const KNOWN_ENDINGS: [&str; 8] = ["npy", "nc", "nc4", "h5", "hdf5", "nwb", "zip", "json"];

/// The files of a folder that are known, those at its top, and the Zarr groups in it, as deep as `serve` looks; then the
/// names of all other files. Links out of the folder are left out, since nobody named their target.
pub fn items(folder: &Path, notes: &mut Vec<String>) -> Result<(Vec<Item>, Vec<String>), CliError> {
    let root = folder.canonicalize().map_err(CliError::io("view", folder))?;
    let reach = Reach::new([&root]);
    let mut paths = Vec::new();
    for entry in root.read_dir().map_err(CliError::io("read", folder))? {
        let path = entry.map_err(CliError::io("read", folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut items, mut others) = (Vec::new(), Vec::new());
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = folder.join(&name);
        let ending = ending(path);
        if path.is_dir() || !KNOWN_ENDINGS.contains(&ending.as_str()) {
            others.push(name);
            continue;
        }
        let Some(real) = reach.inside(path) else {
            notes.push(format!(
                "{} is left out: it is a link out of the folder. To view it, name it: replayscope view {}",
                shown.display(),
                shown.display()
            ));
            continue;
        };
        match Kind::of(&real, &ending) {
            Ok(kind) => items.push(Item { name: plain(&name), path: real, shown, kind }),
            Err(unfit) => {
                // Any program writes JSON.
                if ending != "json" {
                    notes.push(format!("{} is left out: {}.", shown.display(), unfit.why));
                }
                others.push(name);
            }
        }
    }
    notes.extend(notes_in(&root));
    for name in groups_in(&root) {
        let path = root.join(&name);
        others.retain(|other| *other != name);
        if let Some(real) = reach.inside(&path) {
            items.push(Item { name: plain(&name), path: real, shown: folder.join(&name), kind: Kind::Group });
        }
    }
    Ok((items, others))
}
