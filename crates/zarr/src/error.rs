//! Why an array cannot be read.

use crate::array::ArrayError;
use crate::source::SourceError;

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
