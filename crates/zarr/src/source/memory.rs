//! A source in memory: fixtures and tests, natively and in the browser.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};

use super::{ByteSource, Span};
use crate::error::SourceError;

/// Objects by key, and a log of every read in order, so that tests can count them.
#[derive(Debug, Default)]
pub struct MemorySource {
    objects: BTreeMap<String, Vec<u8>>,
    reads: RefCell<Vec<(String, Span)>>,
}

impl MemorySource {
    /// Holds the given objects.
    pub fn new(objects: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self { objects: objects.into_iter().collect(), reads: RefCell::default() }
    }

    /// Every read so far, in the order asked; a size query is a read of an empty range.
    pub fn reads(&self) -> Vec<(String, Span)> {
        self.reads.borrow().clone()
    }

    fn object(&self, key: &str) -> Result<&Vec<u8>, SourceError> {
        self.objects.get(key).ok_or_else(|| SourceError::NotFound { location: self.location(key) })
    }
}

impl ByteSource for MemorySource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        self.reads.borrow_mut().push((key.to_owned(), span.clone()));
        let bytes = self.object(key).and_then(|object| match span {
            Span::Whole => Ok(object.clone()),
            Span::Range(range) => object
                .get(range.start as usize..range.end as usize)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| SourceError::Short {
                    wanted: range.end - range.start,
                    got: (object.len() as u64).saturating_sub(range.start),
                    location: self.location(key),
                }),
        });
        ready(bytes).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.reads.borrow_mut().push((key.to_owned(), Span::Range(0..0)));
        ready(self.object(key).map(|object| object.len() as u64)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        let prefix = format!("{}/", reference.trim_end_matches('/'));
        let below = self
            .objects
            .iter()
            .filter_map(|(key, bytes)| Some((key.strip_prefix(&prefix)?.to_owned(), bytes.clone())));
        Ok(Rc::new(Self::new(below)))
    }

    fn location(&self, key: &str) -> String {
        format!("memory:{key}")
    }
}
