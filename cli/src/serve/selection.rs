//! A selection of files under `/data/`, from any folders: nothing is copied, and nothing else is served.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hyper::body::Bytes;

use super::mount::{Resolved, below, file, query};
use crate::error::CliError;

/// Named files and folders, and which of them are sessions.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    entries: BTreeMap<String, Entry>,
    sessions: Vec<String>,
    rate: Option<f64>,
}

/// An entry of the selection. Paths have every link resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File(PathBuf),
    /// A folder with all of its content.
    Folder(PathBuf),
    /// Bytes in memory.
    Made(Bytes),
}

impl Entry {
    /// A file or folder that exists.
    pub fn of(path: &Path) -> Result<Self, CliError> {
        let real = path.canonicalize().map_err(CliError::io("view", path))?;
        Ok(if real.is_dir() { Self::Folder(real) } else { Self::File(real) })
    }

    /// The name in messages.
    fn shown(&self) -> String {
        match self {
            Self::File(path) | Self::Folder(path) => path.display().to_string(),
            Self::Made(_) => "the session made of the files".to_owned(),
        }
    }
}

impl Selection {
    /// An empty selection; `rate` in Hz becomes part of each session's URL.
    pub fn new(rate: Option<f64>) -> Self {
        Self { rate, ..Self::default() }
    }

    /// Adds an entry under a name, which may contain `/`.
    ///
    /// # Errors
    /// Where another entry has that name.
    pub fn insert(&mut self, name: &str, entry: Entry) -> Result<(), CliError> {
        match self.entries.get(name) {
            Some(there) if *there != entry => {
                Err(CliError::SameName { name: name.to_owned(), first: there.shown(), second: entry.shown() })
            }
            _ => {
                self.entries.insert(name.to_owned(), entry);
                Ok(())
            }
        }
    }

    /// The entry of a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the selection has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Marks an entry as a session; the first one is opened.
    pub fn add_session(&mut self, name: &str) {
        self.sessions.push(name.to_owned());
    }

    /// Query of the page for each session, such as `data/posterior.npy&rate=250`.
    pub fn sessions(&self) -> Vec<String> {
        let rate = self.rate.map_or(String::new(), |rate| format!("&rate={rate}"));
        self.sessions.iter().map(|name| format!("{}{rate}", query(name))).collect()
    }

    /// Resolves the segments of a path below `/data/`.
    pub(super) async fn resolve(&self, segments: &[String]) -> Resolved {
        let asked = segments.join("/");
        match self.entries.get(&asked) {
            Some(Entry::File(path)) => return file(path, path).await,
            Some(Entry::Made(bytes)) => return Resolved::Made(bytes.clone()),
            Some(Entry::Folder(_)) | None => {}
        }
        for (name, entry) in &self.entries {
            if let (Entry::Folder(root), Some(rest)) = (entry, asked.strip_prefix(&format!("{name}/"))) {
                return below(root, rest.split('/')).await;
            }
        }
        Resolved::Nothing
    }
}
