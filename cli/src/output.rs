//! An output folder that appears whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// A folder written under a temporary name beside its target; dropped without [`OutputFolder::commit`], it is removed.
#[derive(Debug)]
pub struct OutputFolder {
    target: PathBuf,
    temporary: PathBuf,
    force: bool,
}

impl OutputFolder {
    /// Makes the temporary folder. Fails early, before any work, where the target exists and may not be replaced.
    pub fn begin(target: &Path, force: bool) -> Result<Self, CliError> {
        check_replaceable(target, force)?;
        let temporary = sibling(target, "partial")?;
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(CliError::io("create", parent))?;
        }
        // The same process number from an earlier run that was killed: what it left is nobody's.
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(CliError::io("remove", &temporary))?;
        }
        fs::create_dir(&temporary).map_err(CliError::io("create", &temporary))?;
        Ok(Self { target: target.to_path_buf(), temporary, force })
    }

    /// Where to write until the commit.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the folder its name, replacing what was there only now.
    pub fn commit(self) -> Result<(), CliError> {
        check_replaceable(&self.target, self.force)?;
        let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(CliError::io("rename", from));
        if self.target.exists() {
            let replaced = sibling(&self.target, "replaced")?;
            rename(&self.target, &replaced)?;
            if let Err(error) = rename(&self.temporary, &self.target) {
                rename(&replaced, &self.target)?;
                return Err(error);
            }
            fs::remove_dir_all(&replaced).map_err(CliError::io("remove", &replaced))
        } else {
            rename(&self.temporary, &self.target)
        }
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // After a commit it is gone already; a failure here has nobody left to tell.
        let _ = fs::remove_dir_all(&self.temporary);
    }
}

/// A hidden name in the same folder, so that the rename stays on one file system.
fn sibling(target: &Path, role: &str) -> Result<PathBuf, CliError> {
    let name = target.file_name().ok_or_else(|| CliError::NoName { path: target.to_path_buf() })?;
    let hidden = format!(".{}.{role}-{}", name.to_string_lossy(), std::process::id());
    Ok(target.with_file_name(hidden))
}

fn check_replaceable(target: &Path, force: bool) -> Result<(), CliError> {
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    let path = target.to_path_buf();
    if !force {
        return Err(CliError::Exists { path });
    }
    // --force is for sessions: a mistyped path must not cost anyone a home directory.
    let is_session = target.join("zarr.json").is_file();
    let is_empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if is_session || is_empty { Ok(()) } else { Err(CliError::NotReplaceable { path }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appears_whole_or_not_at_all() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a.zarr");
        let folder = OutputFolder::begin(&target, false).unwrap();
        fs::write(folder.path().join("zarr.json"), "{}").unwrap();
        assert!(!target.exists());
        folder.commit().unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);

        drop(OutputFolder::begin(&home.path().join("b.zarr"), false).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "an abandoned folder leaves nothing");
    }

    #[test]
    fn replaces_a_session_only_when_forced() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a.zarr");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("zarr.json"), "old").unwrap();
        assert!(matches!(OutputFolder::begin(&target, false), Err(CliError::Exists { .. })));
        let folder = OutputFolder::begin(&target, true).unwrap();
        fs::write(folder.path().join("zarr.json"), "new").unwrap();
        assert_eq!(fs::read_to_string(target.join("zarr.json")).unwrap(), "old");
        folder.commit().unwrap();
        assert_eq!(fs::read_to_string(target.join("zarr.json")).unwrap(), "new");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn force_does_not_touch_what_is_no_session() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("thesis");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("chapter1.tex"), "years").unwrap();
        assert!(matches!(OutputFolder::begin(&target, true), Err(CliError::NotReplaceable { .. })));
        assert!(matches!(OutputFolder::begin(Path::new("/"), true), Err(CliError::NotReplaceable { .. })));
    }
}
