//! How far a session may reach on this machine: into what somebody named, links resolved. A document that came from elsewhere
//! does not decide what else is read, or served.

use std::io;
use std::path::{Path, PathBuf};

/// Files, and folders with all that is in them.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Every link resolved.
    named: Vec<PathBuf>,
}

/// Where a path leads, every link resolved.
#[derive(Debug)]
pub enum Lead {
    /// To something within reach.
    Inside(PathBuf),
    /// To something else.
    Outside(PathBuf),
    /// To nothing that the system finds.
    Nowhere(io::Error),
}

impl Reach {
    /// To what these paths lead to, as far as they lead to anything.
    pub fn new<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { named: paths.into_iter().filter_map(|path| path.as_ref().canonicalize().ok()).collect() }
    }

    /// Where a path leads.
    pub fn lead(&self, path: &Path) -> Lead {
        match path.canonicalize() {
            Ok(real) if self.named.iter().any(|named| real.starts_with(named)) => Lead::Inside(real),
            Ok(real) => Lead::Outside(real),
            Err(error) => Lead::Nowhere(error),
        }
    }

    /// What a path leads to, if that is within reach.
    pub fn inside(&self, path: &Path) -> Option<PathBuf> {
        match self.lead(path) {
            Lead::Inside(real) => Some(real),
            Lead::Outside(_) | Lead::Nowhere(_) => None,
        }
    }
}
