//! The paths of this machine that a session may read: those that the user named, with links resolved. A document from another source
//! must not decide what else is read or served.

use std::io;
use std::path::{Path, PathBuf};

/// The allowed files, and folders with all of their content.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The paths, with every link resolved.
    named: Vec<PathBuf>,
}

/// The target of a path, with every link resolved.
#[derive(Debug)]
pub enum Lead {
    /// The target is allowed.
    Inside(PathBuf),
    /// The target exists, but is not allowed.
    Outside(PathBuf),
    /// The target does not exist.
    Nowhere(io::Error),
}

impl Reach {
    /// Allows the targets of these paths, as far as they exist.
    pub fn new<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { named: paths.into_iter().filter_map(|path| path.as_ref().canonicalize().ok()).collect() }
    }

    /// Resolves a path.
    pub fn lead(&self, path: &Path) -> Lead {
        match path.canonicalize() {
            Ok(real) if self.named.iter().any(|named| real.starts_with(named)) => Lead::Inside(real),
            Ok(real) => Lead::Outside(real),
            Err(error) => Lead::Nowhere(error),
        }
    }

    /// The target of a path, if it is allowed.
    pub fn inside(&self, path: &Path) -> Option<PathBuf> {
        match self.lead(path) {
            Lead::Inside(real) => Some(real),
            Lead::Outside(_) | Lead::Nowhere(_) => None,
        }
    }
}
