//! Where bytes come from: one trait, asynchronous range reads, a dropped future is an aborted read.

mod memory;
mod retry;
mod waits;

use std::ops::Range;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, ready};

use crate::error::Error;
pub use crate::error::SourceError;
use crate::json::Json;
pub use memory::MemorySource;
pub use retry::{Backoff, RetryingSource};
pub use waits::{WaitNotice, Waits, asked_seconds};

/// Which bytes of an object to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// The whole object, for metadata and for chunks stored as objects of their own.
    Whole,
    /// Bytes `start..end`; never empty.
    Range(Range<u64>),
}

/// A rooted place that holds named objects: a folder on a web server, on disk or in memory.
///
/// Keys are `/`-separated and relative to the root (`posterior/c/0/0`). Dropping a returned future aborts the
/// read; an abort is not an error.
pub trait ByteSource {
    /// Reads exactly the bytes of `span`; fewer is [`SourceError::Short`].
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>>;

    /// Length of an object in bytes. Costs a request of its own: ask only where the size is really needed.
    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>>;

    /// Opens another root, given relative to this one or absolute.
    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError>;

    /// The metadata of the Zarr node at a path, as format 3 writes it, where they are no `zarr.json` to read: of a virtual store,
    /// which is a file presented as a hierarchy, and of format 2.
    fn node<'a>(&'a self, _path: &'a str) -> LocalBoxFuture<'a, Result<Option<Json>, Error>> {
        Box::pin(ready(Ok(None)))
    }

    /// What to call an object in a message: its URL or path.
    fn location(&self, key: &str) -> String;
}
