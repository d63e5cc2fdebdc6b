//! One error type for everything that can go wrong between a URL and a pixel.

use std::sync::Arc;

use replayscope_render::Error as RenderError;

use crate::array::ArrayError;
use crate::environment::EnvironmentError;
use crate::file::FileError;
use crate::session::SessionError;
use crate::source::SourceError;
use crate::zarr;

/// Any failure of the viewer. Its text says what happened (with values), why, and what to do; a URL comes last.
///
/// Shared, as one failed read may be told to several who wait for it, and from thread to thread in the command line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error(Arc<ErrorKind>);

/// What failed.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ErrorKind {
    /// Bytes could not be read.
    #[error(transparent)]
    Source(SourceError),
    /// A file is not what it seems to be.
    #[error(transparent)]
    File(FileError),
    /// Bytes were read but are not the array they should be.
    #[error(transparent)]
    Array(ArrayError),
    /// The session's parts are missing or disagree.
    #[error(transparent)]
    Session(SessionError),
    /// The environment cannot be turned into polygons.
    #[error(transparent)]
    Environment(EnvironmentError),
    /// The graphics device is missing or failed.
    #[error(transparent)]
    Gpu(RenderError),
    /// The session was closed while something of it was on its way.
    #[error("Another session took the place of the one that was asked.")]
    Closed,
}

impl Error {
    /// [`ErrorKind::Closed`].
    pub fn closed() -> Self {
        Self(Arc::new(ErrorKind::Closed))
    }

    /// What failed, with its values.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Source(error) => error.code(),
            ErrorKind::Array(ArrayError::Missing { .. }) => "not-found",
            ErrorKind::Array(_) => "array",
            ErrorKind::File(_) => "file",
            ErrorKind::Session(SessionError::NoTime) => "no-time",
            ErrorKind::Session(_) => "session",
            ErrorKind::Environment(_) => "environment",
            ErrorKind::Gpu(error) => error.code(),
            ErrorKind::Closed => "closed",
        }
    }
}

impl From<zarr::Error> for Error {
    fn from(error: zarr::Error) -> Self {
        match error {
            zarr::Error::Source(error) => error.into(),
            zarr::Error::Array(error) => error.into(),
        }
    }
}

macro_rules! from {
    ($($kind:ident($error:ident)),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self(Arc::new(ErrorKind::$kind(error)))
            }
        }
    )*};
}
from!(
    Source(SourceError),
    File(FileError),
    Array(ArrayError),
    Session(SessionError),
    Environment(EnvironmentError),
    Gpu(RenderError)
);
