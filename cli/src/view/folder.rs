//! Lists what can be viewed in a folder.

use std::path::Path;

use super::item::{Item, Kind, ending, plain};
use crate::error::CliError;
use crate::serve::{groups_in, notes_in};
use crate::source::Reach;

/// Extensions of files that are recognised; an `.npz` belongs to its environment and is not listed.
const KNOWN_ENDINGS: [&str; 8] = ["npy", "nc", "nc4", "h5", "hdf5", "nwb", "zip", "json"];

/// The recognised files at the top of a folder and the Zarr groups in it, as deep as `serve` searches; then the names of all other
/// files. Links out of the folder are left out, since the user did not name their target.
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
                // JSON files may be of any program.
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
