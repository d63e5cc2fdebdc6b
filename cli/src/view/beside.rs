//! Files that belong to another one by lying beside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::serve::{Entry, Selection};
use crate::source::{Reach, leads_below};

/// A file in the same folder as `path`; links out of it are not followed, since nobody named their target.
pub fn beside(path: &Path, name: Option<&OsStr>) -> Option<PathBuf> {
    let folder = path.parent()?;
    let real = Reach::new([folder]).inside(&folder.join(name?))?;
    leads_below(folder, &real).then_some(real)
}

/// neurospatial keeps an environment's arrays in an `.npz` of the same name, unless another file was given for it.
pub fn add_arrays_of(selection: &mut Selection, name: &str, path: &Path) -> Result<(), CliError> {
    let Some(stem) = name.strip_suffix(".json") else { return Ok(()) };
    let name = format!("{stem}.npz");
    if selection.get(&name).is_none()
        && let Some(arrays) = beside(path, path.with_extension("npz").file_name())
    {
        selection.insert(&name, Entry::of(&arrays)?)?;
    }
    Ok(())
}
