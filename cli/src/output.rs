//! An output folder that appears atomically, once it is complete.

mod foreign;
mod written;

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
    /// Makes the temporary folder. Fails early, before any work, where the target exists and may not be replaced, or where it
    /// and one of the `inputs` contain one another.
    pub fn begin(target: &Path, force: bool, inputs: &[&Path]) -> Result<Self, CliError> {
        check_apart(target, inputs)?;
        check_replaceable(target, force)?;
        let temporary = sibling(target, "partial")?;
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(CliError::io("create", parent))?;
        }
        // A killed earlier run with the same process number may have left the folder.
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(CliError::io("remove", &temporary))?;
        }
        fs::create_dir(&temporary).map_err(CliError::io("create", &temporary))?;
        Ok(Self { target: target.to_path_buf(), temporary, force })
    }

    /// The folder to write into before the commit.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Renames the folder to its target; an existing target is replaced only now.
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
        // After a commit the folder is gone already; an error here cannot be reported.
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
    // --force replaces only sessions: a mistyped path must not remove a home directory, or notes in a session.
    match foreign::find(target) {
        None => Ok(()),
        Some(foreign::Foreign { path: found, part }) => {
            let part = if part.is_empty() { part } else { format!(" (its `{part}`)") };
            Err(CliError::NotReplaceable { path, found, part })
        }
    }
}

/// An error where an input is the target, lies in it, or contains it; links are followed.
fn check_apart(target: &Path, inputs: &[&Path]) -> Result<(), CliError> {
    let place = resolved(target);
    for input in inputs {
        // A URL, or a missing file, which reading it reports.
        let Ok(found) = input.canonicalize() else { continue };
        if found.starts_with(&place) || place.starts_with(&found) {
            return Err(CliError::InputAndOutput {
                input: input.to_path_buf(),
                output: target.to_path_buf(),
            });
        }
    }
    Ok(())
}

/// A path with its links resolved; its last components need not exist.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for known in absolute.ancestors() {
        if let (Ok(start), Ok(rest)) = (known.canonicalize(), absolute.strip_prefix(known)) {
            return start.join(rest);
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::{CoordinateLayout, GroupWriter};

    /// As `pack` leaves one, with a group in it.
    fn write_session(folder: &Path) {
        let mut group = GroupWriter::new(folder);
        let layout = CoordinateLayout { rows: 3, dimension: "time", columns: None, units: None };
        group.write_coordinate("time", &layout, [0.0, 1.0, 2.0].into_iter()).unwrap();
        group.add_group("environment").unwrap();
        let corners = CoordinateLayout { columns: Some((2, "xy")), ..layout };
        group.write_coordinate("environment/polygon_vertices", &corners, [0.0; 6].into_iter()).unwrap();
        group.write_coordinate("posterior", &corners, [0.0; 6].into_iter()).unwrap();
        group.finish(&attributes()).unwrap();
    }

    fn attributes() -> serde_json::Value {
        serde_json::json!({ "units": "cm", "replayscope": {
            "version": 1, "time": { "start": 0, "rate": 500 },
            "fields": [{ "name": "posterior", "array": "posterior" }],
        } })
    }

    #[test]
    fn appears_whole_or_not_at_all() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a.zarr");
        let folder = OutputFolder::begin(&target, false, &[]).unwrap();
        fs::write(folder.path().join("zarr.json"), "{}").unwrap();
        assert!(!target.exists());
        folder.commit().unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);

        drop(OutputFolder::begin(&home.path().join("b.zarr"), false, &[]).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "an abandoned folder leaves nothing");
    }

    #[test]
    fn replaces_a_session_only_when_forced() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a.zarr");
        write_session(&target);
        assert!(matches!(OutputFolder::begin(&target, false, &[]), Err(CliError::Exists { .. })));
        let folder = OutputFolder::begin(&target, true, &[]).unwrap();
        fs::write(folder.path().join("zarr.json"), "new").unwrap();
        assert!(target.join("posterior/c/0/0").is_file(), "the old one stands until the new one does");
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
        assert!(matches!(OutputFolder::begin(&target, true, &[]), Err(CliError::NotReplaceable { .. })));
        assert!(matches!(
            OutputFolder::begin(Path::new("/"), true, &[]),
            Err(CliError::NotReplaceable { .. })
        ));
    }

    /// A thesis in a folder that has a zarr.json, notes in a session, a link, a group that xarray wrote: each stays, and is reported.
    #[test]
    fn force_replaces_nothing_that_pack_would_not_have_written() {
        let home = tempfile::tempdir().unwrap();
        for inside in [
            "thesis/chapter1.tex",
            "events.csv",
            ".zattrs",
            "posterior/notes.txt",
            "posterior/c/0/notes",
            "posterior/c/notes/0",
            "environment/photo.png",
            "environment/polygon_vertices/c/0/0.bak",
        ] {
            let target = home.path().join("lab");
            write_session(&target);
            let file = target.join(inside);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "years").unwrap();
            let error = OutputFolder::begin(&target, true, &[]).unwrap_err();
            let CliError::NotReplaceable { found, .. } = &error else { panic!("{inside}: {error}") };
            assert!(file.starts_with(found) && found.starts_with(&target), "{inside}: {}", found.display());
            assert!(error.to_string().contains(&found.display().to_string()));
            assert_eq!(fs::read_to_string(&file).unwrap(), "years");
            fs::remove_dir_all(&target).unwrap();
        }
        // No session of ours, though it has the document of a Zarr group.
        let target = home.path().join("other.zarr");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("zarr.json"), r#"{"zarr_format": 3, "node_type": "group"}"#).unwrap();
        assert!(matches!(OutputFolder::begin(&target, true, &[]), Err(CliError::NotReplaceable { .. })));
    }

    /// Sessions of other authors, or with more in them, whose own root document lists all that there is.
    #[test]
    fn force_replaces_no_session_that_others_wrote() {
        let rows = CoordinateLayout { rows: 3, dimension: "time", columns: None, units: None };
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a.zarr");
        let refused = |named: &str| {
            let error = OutputFolder::begin(&target, true, &[]).unwrap_err();
            assert!(matches!(error, CliError::NotReplaceable { .. }), "{named}: {error}");
            assert!(error.to_string().contains(named), "{named}: {error}");
            fs::remove_dir_all(&target).unwrap();
        };
        for array in [
            "lfp",
            "spikes",
            "raw/lfp",
            "environment/lfp",
            "posterior_max/lfp",
            "posterior_max/0",
            "posterior_max",
            "position",
            "posterior_sum/1",
            "c",
        ] {
            let mut group = GroupWriter::new(&target);
            for name in ["posterior", "time", array] {
                group.write_coordinate(name, &rows, [0.0; 3].into_iter()).unwrap();
            }
            group.finish(&attributes()).unwrap();
            refused(array);
        }
        // A part of the root, which only they would have written.
        let text = |pointer: &str| pointer.trim_start_matches('/').to_owned();
        for (pointer, value) in [
            ("/experiment", serde_json::json!("the only copy")),
            ("/replayscope/notes", "mine".into()),
            ("/replayscope/fields/0/range", serde_json::json!([0, 1])),
            ("/replayscope/fields/1", serde_json::json!({ "name": "lfp", "array": "time" })),
            ("/replayscope/fields/0/name", "lfp".into()),
            ("/replayscope/overlays", serde_json::json!([{ "array": "time" }])),
            ("/replayscope/fields", serde_json::Value::Null),
            ("/replayscope/time", serde_json::Value::Null),
        ] {
            let mut given = attributes();
            let (place, key) = pointer.rsplit_once('/').unwrap();
            match given.pointer_mut(place).unwrap() {
                serde_json::Value::Array(list) => list.push(value),
                object if value.is_null() => _ = object.as_object_mut().unwrap().remove(key),
                object => object[key] = value,
            }
            let mut group = GroupWriter::new(&target);
            group.write_coordinate("posterior", &rows, [0.0; 3].into_iter()).unwrap();
            group.finish(&given).unwrap();
            let part = text(pointer).replace("fields/0/", "fields/").replace("fields/1", "fields");
            let named =
                if given.pointer(pointer).is_none() { "zarr.json" } else { part.trim_end_matches("/name") };
            refused(named);
        }
        // Written into by another program.
        for (document, from, to) in [
            ("zarr.json", "blosc", "zstd"),
            ("time/zarr.json", "\"attributes\":{}", "\"attributes\":{\"by\":\"hand\"}"),
        ] {
            write_session(&target);
            let path = target.join(document);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
            refused("zarr.json");
        }
    }

    #[cfg(unix)]
    #[test]
    fn force_follows_no_link() {
        let home = tempfile::tempdir().unwrap();
        let (session, link) = (home.path().join("a.zarr"), home.path().join("link.zarr"));
        write_session(&session);
        std::os::unix::fs::symlink(&session, &link).unwrap();
        assert!(matches!(OutputFolder::begin(&link, true, &[]), Err(CliError::NotReplaceable { .. })));
        std::os::unix::fs::symlink("/", session.join("posterior/c/1")).unwrap();
        assert!(matches!(OutputFolder::begin(&session, true, &[]), Err(CliError::NotReplaceable { .. })));
    }

    #[test]
    fn input_and_output_do_not_contain_one_another() {
        let home = tempfile::tempdir().unwrap();
        let parent = home.path().join("par");
        let session = parent.join("in.zarr");
        write_session(&session);
        for output in [
            &parent,
            &session,
            &session.join("posterior"),
            &session.join("new"),
            &parent.join("../par/in.zarr"),
        ] {
            for force in [false, true] {
                let error = OutputFolder::begin(output, force, &[&session]).unwrap_err();
                assert!(matches!(error, CliError::InputAndOutput { .. }), "{}: {error}", output.display());
            }
        }
        let array = session.join("posterior");
        assert!(OutputFolder::begin(&session, true, &[Path::new("https://host/a.zarr"), &array]).is_err());
        OutputFolder::begin(&parent.join("out.zarr"), false, &[&session, Path::new("https://host/a.zarr")])
            .unwrap();
        assert!(session.join("posterior/c/0/0").is_file());
    }

    #[cfg(unix)]
    #[test]
    fn an_input_behind_a_link_is_found() {
        let home = tempfile::tempdir().unwrap();
        let (session, link) = (home.path().join("a.zarr"), home.path().join("link"));
        write_session(&session);
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        let output = link.join("a.zarr");
        assert!(matches!(
            OutputFolder::begin(&output, true, &[&session]),
            Err(CliError::InputAndOutput { .. })
        ));
    }
}
