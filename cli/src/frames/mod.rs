//! Sources of the frames to pack.
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
