//! Why a file cannot be read as what it seems to be.

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
