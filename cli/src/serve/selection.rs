//! Files of a person's choice under `/data/`, wherever they lie: nothing is copied, and nothing beside them is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hyper::body::Bytes;

use super::mount::{Found, below, file, query};
use crate::error::CliError;

/// Named files and folders, and which of them are sessions.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    entries: BTreeMap<String, Entry>,
    sessions: Vec<String>,
    rate: Option<f64>,
}

/// What a name stands for. Paths have every link resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File(PathBuf),
    /// A folder with all that is in it.
    Folder(PathBuf),
    /// Bytes that are in no file.
    Made(Bytes),
}

impl Entry {
    /// A file or folder that exists.
    pub fn of(path: &Path) -> Result<Self, CliError> {
        let real = path.canonicalize().map_err(CliError::io("view", path))?;
        Ok(if real.is_dir() { Self::Folder(real) } else { Self::File(real) })
    }

    /// What to call it in messages.
    fn shown(&self) -> String {
        match self {
            Self::File(path) | Self::Folder(path) => path.display().to_string(),
            Self::Made(_) => "the session made of the files".to_owned(),
        }
    }
}

impl Selection {
    /// `rate`, in Hz, becomes a part of each session's URL.
    pub fn new(rate: Option<f64>) -> Self {
        Self { rate, ..Self::default() }
    }

    /// Puts an entry under a name, which may hold `/`. Fails where something else has that name.
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

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Says that an entry is a session; the first one is opened.
    pub fn add_session(&mut self, name: &str) {
        self.sessions.push(name.to_owned());
    }

    /// Queries of the page, one a session: `data/posterior.npy&rate=250`.
    pub fn sessions(&self) -> Vec<String> {
        let rate = self.rate.map_or(String::new(), |rate| format!("&rate={rate}"));
        self.sessions.iter().map(|name| format!("{}{rate}", query(name))).collect()
    }

    /// What the segments of a path below `/data/` lead to.
    pub(super) async fn resolve(&self, segments: &[String]) -> Found {
        let asked = segments.join("/");
        match self.entries.get(&asked) {
            Some(Entry::File(path)) => return file(path, path).await,
            Some(Entry::Made(bytes)) => return Found::Made(bytes.clone()),
            Some(Entry::Folder(_)) | None => {}
        }
        for (name, entry) in &self.entries {
            if let (Entry::Folder(root), Some(rest)) = (entry, asked.strip_prefix(&format!("{name}/"))) {
                return below(root, rest.split('/')).await;
            }
        }
        Found::Nothing
    }
}
