//! Errors of the viewer.

use replayscope_render as render;
use replayscope_session as session;
use replayscope_zarr::array::ArrayError;
use replayscope_zarr::source::SourceError;

/// A failure of the viewer. Its text says what happened (with values), why, and what to do; a URL comes last.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The session, or a part of it, could not be read.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The graphics device is missing or failed.
    #[error(transparent)]
    Gpu(#[from] render::Error),
    /// Another session was opened, or this one closed, while a part of it was being fetched.
    #[error("The session was closed before this request was answered.")]
    Closed,
}

impl Error {
    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Session(error) => error.code(),
            Self::Gpu(error) => error.code(),
            Self::Closed => "closed",
        }
    }
}

/// The errors of the layers below the session, which are the session's.
macro_rules! from_session {
    ($($error:ty),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::Session(error.into())
            }
        }
    )*};
}
from_session!(replayscope_zarr::Error, SourceError, ArrayError);
