//! Where the frames that are packed come from.
//!
//! The writer knows nothing of files: whoever reads another format implements [`Frames`] for it and adds a line to [`open`].

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

/// A field (time, bin), read once from front to back. `Send`, as one batch is read while another is compressed.
pub trait Frames: Send {
    /// Length of the time axis; at least one.
    fn frames(&self) -> u64;

    /// Length of the bin axis; at least one.
    fn bins(&self) -> u64;

    /// The precision that its values are read in.
    fn precision(&self) -> Precision;

    /// The precision that they are stored in where nobody says which.
    fn usual_precision(&self) -> Precision {
        self.precision()
    }

    /// Units of its values, where it says.
    fn units(&self) -> Option<String> {
        None
    }

    /// Makes `values`, which hold anything, the little-endian values of the next `frames` frames.
    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError>;

    /// When its frames are, where it says.
    fn times(&self) -> Result<Option<Times>, CliError> {
        Ok(None)
    }

    /// Its environment, where it holds one.
    fn environment(&self) -> Result<Option<Environment>, CliError> {
        Ok(None)
    }
}

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
