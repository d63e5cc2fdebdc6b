//! Why a file cannot be read as what it seems to be.

use replayscope_zarr::array::ArrayError;
use replayscope_zarr::source::SourceError;

/// Any failure between a file and the virtual Zarr store that it is read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Bytes could not be read, or are not the array that they should be.
    #[error(transparent)]
    Zarr(#[from] replayscope_zarr::Error),
    /// The file is not what it seems to be.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Zarr(error.into())
    }
}

impl From<ArrayError> for Error {
    fn from(error: ArrayError) -> Self {
        Self::Zarr(error.into())
    }
}

/// What it was taken for, what is wrong with it, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("This cannot be read as {what}: {reason}. {how}: {location}")]
pub struct FileError {
    /// What it was taken for, such as `a .npy file`.
    pub what: &'static str,
    /// What is wrong with it, with values.
    pub reason: String,
    /// A line to paste, or what to do.
    pub how: &'static str,
    /// The file's URL or path.
    pub location: String,
}
