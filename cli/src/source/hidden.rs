//! Hidden files of a folder of data, and dot files that are not hidden.

use std::path::Path;

/// Dot files that are part of the data: those of Zarr's format 2.
const ZARR: [&str; 4] = [".zarray", ".zattrs", ".zgroup", ".zmetadata"];
/// The folder in which git-annex stores files; named files are links into it.
const ANNEX: &str = ".git/annex/objects";

/// Whether a path without links is below `root` and not hidden, or in git-annex's folder there.
pub fn leads_below(root: &Path, real: &Path) -> bool {
    real.strip_prefix(root).is_ok_and(|below| !is_hidden(below) || annex(below).is_some())
}

/// The git-annex folder that contains a path without links.
pub fn annex(real: &Path) -> Option<&Path> {
    real.ancestors().skip(1).find(|folder| folder.ends_with(ANNEX))
}

/// Whether a name in a path begins with a dot, except Zarr's own files.
pub fn is_hidden(path: &Path) -> bool {
    let mut names = path.iter().map(|name| name.to_string_lossy());
    let is_plain = names.next_back().is_some_and(|last| ZARR.contains(&&*last) || !last.starts_with('.'));
    path != Path::new("") && !(is_plain && names.all(|name| !name.starts_with('.')))
}
