//! A folder on this machine.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use super::reach::{Lead, Reach};
use super::{WHOLE_LIMIT, http, links, regular};

/// Reads objects below a folder and in the other paths that the user named.
#[derive(Debug, Clone)]
pub struct FolderSource {
    root: PathBuf,
    reach: Rc<Reach>,
}

impl FolderSource {
    /// A source of a folder and of other named paths. Reads nothing yet.
    pub fn new(root: impl Into<PathBuf>, also: &[PathBuf]) -> Self {
        let root = root.into();
        let reach = Reach::new(also.iter().map(PathBuf::as_path).chain([root.as_path()]));
        Self { root, reach: Rc::new(reach) }
    }

    fn error(&self, key: &str, error: &std::io::Error) -> SourceError {
        let location = self.location(key);
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::NotFound { location },
            _ => SourceError::Unreadable {
                reason: error.to_string(),
                how: "Check the path and its permissions".to_owned(),
                location,
            },
        }
    }

    /// The path of an object.
    fn find(&self, key: &str) -> Result<PathBuf, SourceError> {
        match self.reach.lead(&self.root.join(key)) {
            Lead::Inside(real) => Ok(real),
            Lead::Outside(real) => Err(outside(&real, &self.suffices(key, &real), self.location(key))),
            Lead::Nowhere(error) => Err(self.error(key, &error)),
        }
    }

    /// The path that the user has to name (`--with`) for an object outside, and others like it, to be read.
    fn suffices(&self, key: &str, real: &Path) -> PathBuf {
        let path = self.root.join(key);
        if self.reach.inside(&self.root).is_none() {
            // A file, or a group with all of its content.
            let in_group = key.contains('/') || key == "zarr.json" || key.starts_with(".z");
            return self.root.canonicalize().ok().filter(|_| in_group).unwrap_or_else(|| real.to_path_buf());
        }
        let within = path.ancestors().take_while(|folder| *folder != self.root);
        match within.filter(|folder| folder.is_symlink()).find_map(|link| link.canonicalize().ok()) {
            Some(folder) if folder.is_dir() => folder,
            Some(file) => links::holder(&file).to_path_buf(),
            None => real.to_path_buf(),
        }
    }

    fn open_file(&self, key: &str) -> Result<(File, u64), SourceError> {
        let opened = regular::open(&self.find(key)?).and_then(|file| {
            let size = file.metadata()?.len();
            Ok((file, size))
        });
        opened.map_err(|error| self.error(key, &error))
    }

    fn read_now(&self, key: &str, span: Span) -> Result<Vec<u8>, SourceError> {
        let refuse = |error: std::io::Error| self.error(key, &error);
        let (mut file, size) = self.open_file(key)?;
        let whole = matches!(span, Span::Whole);
        let range = match span {
            Span::Whole if size > WHOLE_LIMIT => {
                return Err(SourceError::TooLarge { size, limit: WHOLE_LIMIT, location: self.location(key) });
            }
            Span::Whole => 0..size,
            Span::Range(range) => range,
        };
        let wanted = range.end.saturating_sub(range.start);
        let mut bytes = Vec::new();
        // Allocated at once: `read_to_end` would double the buffer and copy it each time.
        let there = wanted.min(size.saturating_sub(range.start));
        bytes.try_reserve_exact(there as usize).map_err(|error| refuse(error.into()))?;
        file.seek(SeekFrom::Start(range.start)).map_err(refuse)?;
        // Limited: some regular files have no end.
        let got = file.take(wanted).read_to_end(&mut bytes).map_err(refuse)? as u64;
        // The file may have become shorter; the caller reports what is missing.
        if got < wanted && !whole {
            return Err(SourceError::Short { wanted, got, location: self.location(key) });
        }
        Ok(bytes)
    }

    fn size_now(&self, key: &str) -> Result<u64, SourceError> {
        let about = regular::metadata(&self.find(key)?);
        about.map(|about| about.len()).map_err(|error| self.error(key, &error))
    }
}

/// The error for a path outside of everything that was named.
fn outside(real: &Path, suffices: &Path, location: String) -> SourceError {
    SourceError::Unreadable {
        reason: format!("it lies outside of the session's folder, at {}", real.display()),
        how: format!("Where that is meant, name it too: --with {}", suffices.display()),
        location,
    }
}

impl ByteSource for FolderSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        ready(self.read_now(key, span)).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(self.size_now(key)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        if reference.contains("://") {
            http::open(reference)
        } else {
            Ok(Rc::new(Self { root: self.root.join(reference), reach: self.reach.clone() }))
        }
    }

    fn location(&self, key: &str) -> String {
        self.root.join(key).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::super::open;
    use super::*;

    #[test]
    fn what_is_read_takes_no_more_memory_than_it_has_bytes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chunk"), vec![7; 1_500_000]).unwrap();
        let source = open(&folder.path().to_string_lossy(), &[]).unwrap();
        for (span, length) in [(Span::Whole, 1_500_000), (Span::Range(100_000..1_200_000), 1_100_000)] {
            let bytes = block_on(source.read("chunk", span)).unwrap();
            assert_eq!(bytes.len(), length);
            assert!(bytes.capacity() < length + 4096, "{} bytes for {length}", bytes.capacity());
        }
    }
}
