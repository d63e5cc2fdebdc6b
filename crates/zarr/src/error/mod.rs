//! Why an array cannot be read.

mod array;
mod source;

pub use array::ArrayError;
pub(crate) use array::Flaw;
pub use source::SourceError;

/// Any failure between an address and the values of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Bytes could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bytes were read but are not the array they should be.
    #[error(transparent)]
    Array(#[from] ArrayError),
}

impl Error {
    /// Short name for programs, as docs/handle.md lists them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::Array(ArrayError::Missing { .. }) => "not-found",
            Self::Array(_) => "array",
        }
    }

    /// Whether an array is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Array(ArrayError::Missing { .. }))
    }

    /// Whether an array is there, and of a type or with a codec that is not read.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Array(ArrayError::Unsupported { .. }))
    }
}
