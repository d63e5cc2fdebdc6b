//! Where the frames that are packed come from.
//!
//! The writer knows nothing of files: whoever reads another format implements [`Frames`] for it and adds a line to [`open()`].

mod npy;
mod open;
mod scaled;
mod session;

use crate::environment::Environment;
use crate::error::CliError;
use crate::session::Times;
use crate::writer::Precision;

pub use npy::NpyFrames;
pub use open::open;
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
