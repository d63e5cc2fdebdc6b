//! What is hidden in a folder of data, and what only seems to be.

use std::path::Path;

/// The files whose names begin with a dot and that are a part of the data: those of Zarr's format 2.
const ZARR: [&str; 4] = [".zarray", ".zattrs", ".zgroup", ".zmetadata"];
/// Where git-annex keeps files; what has a name is a link into it.
const ANNEX: &str = ".git/annex/objects";

/// Whether a path without links is in `root` and nothing hidden there, or where git-annex keeps what its links lead to.
pub fn leads_below(root: &Path, real: &Path) -> bool {
    real.strip_prefix(root).is_ok_and(|below| !is_hidden(below) || annex(below).is_some())
}

/// The folder of git-annex that a path without links lies in.
pub fn annex(real: &Path) -> Option<&Path> {
    real.ancestors().skip(1).find(|folder| folder.ends_with(ANNEX))
}

/// Whether a name in a path begins with a dot, but for Zarr's own files.
pub fn is_hidden(path: &Path) -> bool {
    let mut names = path.iter().map(|name| name.to_string_lossy());
    let is_plain = names.next_back().is_some_and(|last| ZARR.contains(&&*last) || !last.starts_with('.'));
    path != Path::new("") && !(is_plain && names.all(|name| !name.starts_with('.')))
}
