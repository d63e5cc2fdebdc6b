//! A byte source of files of the user's computer, which the page was given; no byte of them leaves the computer.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::{ByteSource, SourceError, Span};

/// Most bytes that are read at once: more would not fit beside the cache in 32-bit memory.
const WHOLE_LIMIT: f64 = 1_073_741_824.0;

/// Files by path below a folder.
#[derive(Clone)]
pub struct FilesSource {
    /// Sorted by path.
    files: Rc<Vec<(String, File)>>,
    /// Path of the folder: ends in `/`, or is empty.
    prefix: String,
    /// Resolves references that are URLs.
    web: Rc<dyn ByteSource>,
}

impl FilesSource {
    /// A source of files with their paths; `web` resolves references that are URLs.
    pub fn new(mut files: Vec<(String, File)>, web: Rc<dyn ByteSource>) -> Self {
        files.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { files: Rc::new(files), prefix: String::new(), web }
    }

    /// All paths, sorted.
    pub fn names(&self) -> Vec<String> {
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }

    fn file(&self, key: &str) -> Result<&File, SourceError> {
        let path = format!("{}{key}", self.prefix);
        let found = self.files.binary_search_by(|(other, _)| other.as_str().cmp(&path));
        found.map(|at| &self.files[at].1).map_err(|_| SourceError::NotFound { location: path })
    }

    async fn read_span(&self, key: &str, span: Span) -> Result<Vec<u8>, SourceError> {
        let file = self.file(key)?;
        let location = || self.location(key);
        let size = file.size();
        let (start, end) = match &span {
            Span::Whole if size > WHOLE_LIMIT => {
                return Err(SourceError::TooLarge {
                    size: size as u64,
                    limit: WHOLE_LIMIT as u64,
                    location: location(),
                });
            }
            Span::Whole => (0.0, size),
            Span::Range(range) => (range.start as f64, range.end as f64),
        };
        let failed = |_| SourceError::Changed { location: location() };
        let slice: Blob = file.slice_with_f64_and_f64(start, end).map_err(failed)?;
        let buffer = JsFuture::from(slice.array_buffer()).await.map_err(failed)?;
        let bytes = js_sys::Uint8Array::new(buffer.unchecked_ref()).to_vec();
        let wanted = (end - start) as u64;
        if bytes.len() as u64 == wanted {
            Ok(bytes)
        } else {
            Err(SourceError::Short { wanted, got: bytes.len() as u64, location: location() })
        }
    }
}

impl ByteSource for FilesSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        self.read_span(key, span).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(self.file(key).map(|file| file.size() as u64)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        if reference.contains("://") {
            return self.web.open(reference);
        }
        let mut parts: Vec<&str> = self.prefix.split('/').filter(|part| !part.is_empty()).collect();
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let prefix = if parts.is_empty() { String::new() } else { format!("{}/", parts.join("/")) };
        Ok(Rc::new(Self { prefix, ..self.clone() }))
    }

    fn location(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}
