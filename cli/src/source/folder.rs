//! A folder on this machine.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use replayscope::source::{ByteSource, SourceError, Span};

/// Reads objects below a folder.
#[derive(Debug, Clone)]
pub struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// Nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn error(&self, key: &str, error: &std::io::Error) -> SourceError {
        let location = self.location(key);
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::NotFound { location },
            ErrorKind::PermissionDenied => SourceError::Forbidden { status: 403, location },
            _ => SourceError::Unreachable { reason: error.to_string(), location },
        }
    }

    fn read_now(&self, key: &str, span: Span) -> Result<Vec<u8>, SourceError> {
        let refuse = |error: std::io::Error| self.error(key, &error);
        let mut file = File::open(self.root.join(key)).map_err(refuse)?;
        let mut bytes = Vec::new();
        match span {
            Span::Whole => _ = file.read_to_end(&mut bytes).map_err(refuse)?,
            Span::Range(range) => {
                let wanted = range.end.saturating_sub(range.start);
                file.seek(SeekFrom::Start(range.start)).map_err(refuse)?;
                let got = file.take(wanted).read_to_end(&mut bytes).map_err(refuse)? as u64;
                if got < wanted {
                    return Err(SourceError::Short { wanted, got, location: self.location(key) });
                }
            }
        }
        Ok(bytes)
    }
}

impl ByteSource for FolderSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        ready(self.read_now(key, span)).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        let about = std::fs::metadata(self.root.join(key));
        ready(about.map(|about| about.len()).map_err(|error| self.error(key, &error))).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        if reference.contains("://") {
            super::open(reference)
        } else {
            Ok(Rc::new(Self::new(self.root.join(reference))))
        }
    }

    fn location(&self, key: &str) -> String {
        self.root.join(key).display().to_string()
    }
}
