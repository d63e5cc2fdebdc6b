//! A zip archive as a source: each of its entries is an object.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use replayscope_codecs::inflate_raw;
use replayscope_json::MOST_BYTES;
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::kind::FileKind;
use crate::structure::Entry;

/// Bytes of a local header before the name, and the places in it of the two lengths that vary.
/// Format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3.7.
const LOCAL_HEADER: usize = 30;
const NAME_LENGTH: usize = 26;
const EXTRA_LENGTH: usize = 28;
/// An entry that is inflated is held in memory at once.
const MOST_INFLATED: u64 = 1 << 30;

/// An archive, its directory read.
pub struct Archive {
    folder: Rc<dyn ByteSource>,
    file: String,
    /// Sorted by name.
    entries: Vec<Entry>,
    /// Where the content of an entry begins, by its number, as far as local headers have been read.
    begins: RefCell<BTreeMap<usize, u64>>,
}

impl Archive {
    /// From the entries of the archive's directory, sorted by name.
    pub fn new(folder: Rc<dyn ByteSource>, file: &str, entries: Vec<Entry>) -> Self {
        Self { folder, file: file.to_owned(), entries, begins: RefCell::default() }
    }

    /// Names of all entries, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    fn find(&self, key: &str) -> Result<usize, SourceError> {
        let found = self.entries.binary_search_by(|entry| entry.name.as_str().cmp(key));
        found.map_err(|_| SourceError::NotFound { location: self.location(key) })
    }

    /// The whole content: local header and content in one range.
    async fn whole(&self, number: usize) -> Result<Vec<u8>, SourceError> {
        let entry = &self.entries[number];
        let location = || self.location(&entry.name);
        let (_, file) = entry.name.rsplit_once('/').unwrap_or(("", &entry.name));
        let is_text = FileKind::of(file) == Some(FileKind::Document) || file.starts_with(".z");
        let limit = if is_text { MOST_BYTES as u64 } else { MOST_INFLATED };
        if entry.size > limit {
            return Err(SourceError::TooLarge { size: entry.size, limit, location: location() });
        }
        let mut bytes = self.folder.read(&self.file, Span::Range(entry.place.clone())).await?;
        let short =
            |got: usize| SourceError::Short { wanted: entry.size, got: got as u64, location: location() };
        let begin = begin(&bytes).filter(|begin| *begin <= bytes.len()).ok_or_else(|| short(0))?;
        if entry.deflated {
            let content = inflate_raw(&bytes[begin..], entry.size as usize);
            return content.ok().filter(|content| content.len() as u64 == entry.size).ok_or_else(|| short(0));
        }
        bytes.drain(..begin);
        if (bytes.len() as u64) < entry.size {
            return Err(short(bytes.len()));
        }
        bytes.truncate(entry.size as usize);
        Ok(bytes)
    }

    /// A part of the content; of a stored entry only that is read.
    async fn part(&self, number: usize, within: Range<u64>) -> Result<Vec<u8>, SourceError> {
        let entry = &self.entries[number];
        let short = |got: u64| SourceError::Short {
            wanted: within.end - within.start,
            got,
            location: self.location(&entry.name),
        };
        if within.end > entry.size {
            return Err(short(entry.size.saturating_sub(within.start)));
        }
        if entry.deflated {
            let whole = self.whole(number).await?;
            return Ok(whole[within.start as usize..within.end as usize].to_vec());
        }
        let known = self.begins.borrow().get(&number).copied();
        let content = if let Some(content) = known {
            content
        } else {
            let end = (entry.place.start + LOCAL_HEADER as u64).min(entry.place.end);
            let header = self.folder.read(&self.file, Span::Range(entry.place.start..end)).await?;
            let content = entry.place.start + begin(&header).ok_or_else(|| short(0))? as u64;
            self.begins.borrow_mut().insert(number, content);
            content
        };
        if content + entry.size > entry.place.end {
            return Err(short(0));
        }
        self.folder.read(&self.file, Span::Range(content + within.start..content + within.end)).await
    }
}

/// Where an entry's content begins after its local header.
fn begin(header: &[u8]) -> Option<usize> {
    let word = |at: usize| Some(usize::from(u16::from_le_bytes(*header.get(at..at + 2)?.first_chunk()?)));
    header.starts_with(b"PK\x03\x04").then_some(())?;
    Some(LOCAL_HEADER + word(NAME_LENGTH)? + word(EXTRA_LENGTH)?)
}

impl ByteSource for Archive {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        match (self.find(key), span) {
            (Err(error), _) => ready(Err(error)).boxed_local(),
            (Ok(number), Span::Whole) => self.whole(number).boxed_local(),
            (Ok(number), Span::Range(range)) => self.part(number, range).boxed_local(),
        }
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(self.find(key).map(|number| self.entries[number].size)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.folder.open(reference)
    }

    fn location(&self, key: &str) -> String {
        let file = self.folder.location(&self.file);
        if key.is_empty() { file } else { format!("{file}#{key}") }
    }
}
