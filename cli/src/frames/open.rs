//! Which reader of frames a path needs.

use std::path::{Path, PathBuf};

use replayscope_files::FileKind;

use super::Frames;
use super::npy::NpyFrames;
use super::session::SessionFrames;
use crate::error::CliError;

/// Opens a folder or a file, whatever it is; of what its document refers to elsewhere, what `also` names.
pub fn open(path: &Path, also: &[PathBuf]) -> Result<Box<dyn Frames>, CliError> {
    let kind = FileKind::of(&path.to_string_lossy());
    let of_session =
        path.is_dir() || matches!(kind, Some(FileKind::Hdf5 | FileKind::Zip | FileKind::Document));
    if path.exists() && of_session {
        return Ok(Box::new(SessionFrames::open(path, also)?));
    }
    Ok(Box::new(NpyFrames::open(path)?))
}
