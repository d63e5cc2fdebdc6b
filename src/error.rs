//! One error type for everything that can go wrong between a URL and a pixel.

use crate::array::ArrayError;
use crate::environment::EnvironmentError;
use crate::gpu::GpuError;
use crate::session::SessionError;
use crate::source::SourceError;

/// Any failure of the viewer. Its text says what happened (with values), why, and what to do; a URL comes last.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Bytes could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bytes were read but are not the array they should be.
    #[error(transparent)]
    Array(#[from] ArrayError),
    /// The session's parts are missing or disagree.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The environment cannot be turned into polygons.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The graphics device is missing or failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
}

impl Error {
    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) | Self::Array(ArrayError::Source(error)) => error.code(),
            Self::Array(ArrayError::Missing { .. }) => "not-found",
            Self::Array(_) => "array",
            Self::Session(_) => "session",
            Self::Environment(_) => "environment",
            Self::Gpu(GpuError::NoWebGpu { .. }) => "no-webgpu",
            Self::Gpu(GpuError::DeviceLost { .. }) => "device-lost",
            Self::Gpu(_) => "gpu",
        }
    }
}
