//! Sources of the frames to pack.
//!
//! The writer does not depend on file formats: another format needs an implementation of [`Frames`] and a line in [`open`].

mod npy;
mod scaled;
mod session;

use std::path::{Path, PathBuf};

use replayscope_files::FileKind;

use crate::environment::Environment;
use crate::error::CliError;
use crate::session::Times;
use crate::writer::Precision;

pub use npy::NpyFrames;
pub use scaled::{Scale, Scaled};
pub use session::SessionFrames;

/// A field (time, bin), read once from start to end. `Send`, as one batch is read while another is compressed.
pub trait Frames: Send {
    /// Length of the time axis; at least one.
    fn frames(&self) -> u64;

    /// Length of the bin axis; at least one.
    fn bins(&self) -> u64;

    /// The precision of the values that [`Frames`] gives.
    fn precision(&self) -> Precision;

    /// The default precision of the stored values.
    fn usual_precision(&self) -> Precision {
        self.precision()
    }

    /// Units of the values, where known.
    fn units(&self) -> Option<String> {
        None
    }

    /// Overwrites `values` with the little-endian values of the next `frames` frames.
    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError>;

    /// The time axis, where the input has one.
    fn times(&self) -> Result<Option<Times>, CliError> {
        Ok(None)
    }

    /// The environment, where the input has one.
    fn environment(&self) -> Result<Option<Environment>, CliError> {
        Ok(None)
    }
}

/// Opens a folder or a file of any supported kind. `also` names paths outside of its folder that its document may refer to.
pub fn open(path: &Path, also: &[PathBuf]) -> Result<Box<dyn Frames>, CliError> {
    let kind = FileKind::of(&path.to_string_lossy());
    let of_session =
        path.is_dir() || matches!(kind, Some(FileKind::Hdf5 | FileKind::Zip | FileKind::Document));
    if path.exists() && of_session {
        return Ok(Box::new(SessionFrames::open(path, also)?));
    }
    Ok(Box::new(NpyFrames::open(path)?))
}
