//! Stamps: a file that names what a result was made from, so that nothing is made twice and nothing stale is served.
//!
//! Contents are hashed, not times: a branch switched there and back, or a fresh checkout, must not fool it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::repo;

/// A fingerprint of files (folders are walked) under the repository's root, and of `more`.
/// A missing file counts as missing.
pub fn fingerprint(paths: &[&str], more: &[String]) -> Result<String> {
    let root = repo::root();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        hash(&root.join(path), &mut hasher)?;
    }
    more.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.strip_prefix(repo::root()).unwrap_or(path).hash(hasher);
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| hash(entry, hasher));
    }
    match fs::read(path) {
        Ok(bytes) => bytes.hash(hasher),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "missing".hash(hasher),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    Ok(())
}

/// Whether `stamp` says `fingerprint`.
pub fn holds(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}

/// Writes `fingerprint`, once what it stands for is complete.
pub fn set(stamp: &Path, fingerprint: &str) -> Result<()> {
    fs::write(stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_contents_names_and_absence_and_nothing_else() {
        let folder = repo::scratch("stamp-test").unwrap();
        let of = || fingerprint(&["target/xtask/stamp-test"], &[]).unwrap();
        fs::write(folder.join("a"), "1").unwrap();
        let first = of();
        fs::write(folder.join("a"), "1").unwrap();
        assert_eq!(of(), first, "written again, the same");
        fs::write(folder.join("a"), "2").unwrap();
        assert_ne!(of(), first);
        fs::rename(folder.join("a"), folder.join("b")).unwrap();
        fs::write(folder.join("b"), "1").unwrap();
        assert_ne!(of(), first, "the same bytes by another name");
        fs::remove_dir_all(&folder).unwrap();
        assert_ne!(of(), first);
        assert_ne!(fingerprint(&[], &["a".into()]).unwrap(), fingerprint(&[], &["b".into()]).unwrap());
    }
}
