//! A folder that counts what is read of it, with more files on it than lie on disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use futures_executor::block_on;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use replayscope_session::Error;
use replayscope_session::{Opening, Session, open_in};
use replayscope_zarr::array::{Array, Format2, format2_node};
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::common::DiskSource;

/// Reads so far: which object, and how many bytes came.
pub type Log = Rc<RefCell<Vec<(String, u64)>>>;

#[derive(Clone)]
pub struct Shelf {
    disk: Rc<dyn ByteSource>,
    extra: Rc<BTreeMap<String, Vec<u8>>>,
    pub log: Log,
}

impl Shelf {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { disk: DiskSource::new(folder), extra: Rc::default(), log: Log::default() }
    }

    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Rc::make_mut(&mut self.extra).insert(name.to_owned(), bytes.into());
        self
    }

    pub fn open(&self, name: &str) -> Result<Session, Error> {
        self.open_as(name, Opening::default())
    }

    pub fn open_as(&self, name: &str, opening: Opening) -> Result<Session, Error> {
        block_on(open_in(Format2::over(Rc::new(self.clone()), format2_node), name, opening))
    }

    /// The message of an error, which ends with what it is about.
    pub fn refused(&self, name: &str) -> String {
        self.open(name).unwrap_err().to_string()
    }

    pub fn bytes(&self) -> u64 {
        self.log.borrow().iter().map(|(_, bytes)| bytes).sum()
    }
}

impl ByteSource for Shelf {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        let here = self.extra.get(key).map(|bytes| match &span {
            Span::Whole => Ok(bytes.clone()),
            Span::Range(range) => {
                let part = bytes.get(range.start as usize..range.end as usize);
                part.map(<[u8]>::to_vec).ok_or_else(|| SourceError::Short {
                    wanted: range.end - range.start,
                    got: 0,
                    location: self.location(key),
                })
            }
        });
        let log = self.log.clone();
        async move {
            let bytes = match here {
                Some(bytes) => bytes,
                None => self.disk.read(key, span).await,
            }?;
            log.borrow_mut().push((key.to_owned(), bytes.len() as u64));
            Ok(bytes)
        }
        .boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        match self.extra.get(key) {
            Some(bytes) => ready(Ok(bytes.len() as u64)).boxed_local(),
            None => self.disk.size(key),
        }
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.disk.open(reference)
    }

    fn location(&self, key: &str) -> String {
        self.disk.location(key)
    }
}

/// A frame of an array, as bits.
pub fn frame(array: &Array, frame: u64) -> Vec<u32> {
    let decoded = array.decode(&block_on(array.fetch(array.chunk_of(frame))).unwrap()).unwrap();
    let row = decoded.values.row((frame - decoded.frames.start) as usize);
    row.iter().map(|value| value.to_bits()).collect()
}

/// All of an array, as bits.
pub fn all(array: &Array) -> Vec<u32> {
    (0..array.frames()).flat_map(|at| frame(array, at)).collect()
}

/// Little-endian float32, as bits.
pub fn bits(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}
