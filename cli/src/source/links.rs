//! Links in a session's folder that lead out of it, as git-annex makes them: a note names the folder that the user has to name for
//! them to be followed.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::hidden::{annex, leads_below};

/// Most entries of a session that are checked: if chunks are links, the first ones are.
const LOOKED: usize = 1000;

/// The folder that the user has to name for links to that file, and others like it, to be followed.
pub fn holder(target: &Path) -> &Path {
    annex(target).or(target.parent()).unwrap_or(target)
}

/// A sentence about the links of a session that lead out of `root`, which alone is served; both paths have no links above them.
pub fn note(root: &Path, session: &Path) -> Option<String> {
    let (link, target) = first_out(root, session)?;
    let (link, shown) = (link.display(), session.display());
    let Some(target) = target else {
        return Some(format!(
            "{link} is a link to what is not there, and its values will be missing. Of git-annex, fetch it: \
             git annex get {shown}"
        ));
    };
    let common = session.ancestors().skip(1).find(|folder| holder(&target).starts_with(folder));
    let how = match common {
        Some(common) if common.parent().is_some() && leads_below(common, &target) => {
            format!("Serve a folder that holds both: replayscope serve {}", common.display())
        }
        _ => format!("Copy what its links lead to: cp -rL {shown} copy.zarr"),
    };
    let (target, root) = (target.display(), root.display());
    Some(format!(
        "{shown} is not served whole: {link} is a link to {target}, which {root} does not hold. {how}"
    ))
}

/// The first link that leads to nothing that is served, and its target if that exists.
fn first_out(root: &Path, session: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let mut waiting = VecDeque::from([session.to_path_buf()]);
    let mut looked = 0;
    while let Some(path) = waiting.pop_front() {
        looked += 1;
        let about = path.symlink_metadata().ok()?;
        if about.is_symlink() {
            match path.canonicalize() {
                Ok(real) if leads_below(root, &real) => {}
                target => return Some((path, target.ok())),
            }
        } else if about.is_dir() && looked + waiting.len() < LOOKED {
            let mut entries: Vec<PathBuf> =
                path.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path())).take(LOOKED).collect();
            entries.sort();
            waiting.extend(entries);
        }
    }
    None
}
