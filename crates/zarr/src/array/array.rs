//! An array read along time: what it is, and how its frames are cut into chunks.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use replayscope_codecs::{DataType, Fault, Packing, Table};

use super::codec::Codecs;
use super::columns::Columns;
use super::flaw::Flaw;
use super::grid::{Grid, KeyEncoding};
use super::layout::{Layout, check_kind, check_sizes, key_encoding};
use super::metadata::ArrayMetadata;
use super::path::join;
use super::shard::Indexes;
use crate::error::{ArrayError, Error};
use crate::source::ByteSource;

/// A Zarr array whose first dimension is time (or whatever it is read along).
pub struct Array {
    pub(super) source: Rc<dyn ByteSource>,
    pub(super) path: String,
    pub(super) metadata: ArrayMetadata,
    /// As stored.
    pub(super) stored_dtype: DataType,
    /// As read: CF may turn signed into unsigned.
    pub(super) dtype: DataType,
    pub(super) packing: Packing,
    /// The value of each code, where elements are few enough to stay codes; made when the first chunk comes.
    pub(super) table: OnceCell<Option<Table>>,
    pub(super) grid: Grid,
    pub(super) keys: KeyEncoding,
    pub(super) codecs: Codecs,
    /// One element of the fill value, raw.
    pub(super) fill: Vec<u8>,
    /// Elements of a stored frame.
    pub(super) stored_width: usize,
    /// Which of them are shown.
    pub(super) columns: Option<Columns>,
    pub(super) shards: Option<Indexes>,
}

impl Array {
    /// Checks that an array can be read; reads nothing. `path` is the array's folder below the source's root.
    pub fn new(source: Rc<dyn ByteSource>, path: &str, metadata: ArrayMetadata) -> Result<Self, Error> {
        let located = |flaw: Flaw| flaw.at(&metadata.location);
        check_kind(&metadata).map_err(located)?;
        let stored_dtype = metadata.dtype()?;
        let layout = Layout::new(&metadata, stored_dtype).map_err(located)?;
        let stored_width = check_sizes(&layout.grid, stored_dtype, &metadata.location)?;
        let columns = Columns::from_attributes(&metadata, stored_width).map_err(located)?;
        let keys = key_encoding(&metadata).map_err(located)?;
        let shards = layout.sharding.map(Indexes::new);
        let Layout { dtype, packing, fill, grid, codecs, .. } = layout;
        let path = path.to_owned();
        Ok(Self {
            source,
            path,
            metadata,
            stored_dtype,
            dtype,
            packing,
            table: OnceCell::new(),
            grid,
            keys,
            codecs,
            fill,
            stored_width,
            columns,
            shards,
        })
    }

    /// The same stored array, told otherwise.
    pub fn with_metadata(&self, metadata: ArrayMetadata) -> Result<Self, Error> {
        Self::new(self.source.clone(), &self.path, metadata)
    }

    /// As written.
    pub fn metadata(&self) -> &ArrayMetadata {
        &self.metadata
    }

    /// The array's folder below the source's root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The array's folder for people: its URL or path.
    pub fn location(&self) -> String {
        self.source.location(&self.path)
    }

    /// What tells it from every other array: where it is, and which columns of it are shown.
    pub fn identity(&self) -> String {
        let columns = self.columns.as_ref().map(Columns::ends);
        columns.map_or_else(|| self.location(), |ends| format!("{} {ends:?}", self.location()))
    }

    /// Length of the first dimension.
    pub fn frames(&self) -> u64 {
        self.grid.shape[0]
    }

    /// Elements of a frame: the product of the other dimensions, 1 where there are none; or as many as are shown of them.
    pub fn width(&self) -> usize {
        self.columns.as_ref().map_or(self.stored_width, Columns::bins)
    }

    /// Frames in the smallest unit that can be read; the last chunk may hold fewer.
    pub fn chunk_frames(&self) -> u64 {
        self.grid.piece[0].min(self.frames().max(1))
    }

    /// Bytes of a decoded chunk in memory.
    pub fn chunk_bytes(&self) -> u64 {
        let size =
            if self.sums() { size_of::<f32>() } else { self.dtype.size().min(size_of::<f32>()) } as u64;
        self.chunk_frames().saturating_mul(self.width() as u64).saturating_mul(size)
    }

    /// Bytes of a chunk as it is stored, with its shard's index: exactly, or at most, where it is compressed.
    pub fn stored_bytes(&self) -> u64 {
        let elements = self.chunk_frames().saturating_mul(self.stored_width as u64);
        let decoded = elements.saturating_mul(self.stored_dtype.size() as u64);
        // What cannot be compressed becomes a little more.
        let chunk = self.codecs.encoded_len(elements).unwrap_or(decoded.saturating_add(decoded / 128 + 64));
        chunk.saturating_add(self.shards.as_ref().and_then(Indexes::index_len).unwrap_or(0))
    }

    /// Whether decoding is more than copying.
    pub fn is_compressed(&self) -> bool {
        !self.codecs.is_plain()
    }

    /// Units of that size along time.
    pub fn chunks(&self) -> u64 {
        self.grid.chunks()
    }

    /// The chunk that holds a frame.
    pub fn chunk_of(&self, frame: u64) -> u64 {
        frame / self.grid.piece[0]
    }

    /// The frames of a chunk; empty beyond the last.
    pub fn frames_of(&self, chunk: u64) -> Range<u64> {
        self.grid.frames_of(chunk)
    }

    /// Whether it may hold values that float32 cannot, see [`Decoded::lost`](super::Decoded::lost): a sum may be beyond what each of its parts is.
    pub fn is_wide(&self) -> bool {
        self.sums() || self.dtype.is_wide(&self.packing)
    }

    /// Whether a value is the sum of several stored ones.
    pub(super) fn sums(&self) -> bool {
        self.columns.as_ref().is_some_and(Columns::sums)
    }

    pub(super) fn check(&self, chunk: u64) -> Result<(), Error> {
        let chunks = self.chunks();
        if chunk < chunks {
            Ok(())
        } else {
            Err(ArrayError::NoSuchChunk { chunk, chunks, location: self.location() }.into())
        }
    }

    pub(super) fn key(&self, coordinates: &[u64]) -> String {
        join(&self.path, &self.keys.key(coordinates))
    }

    /// Says where a fault was found: `piece` is its coordinates, or nothing where it concerns all pieces.
    pub(super) fn fault(&self, chunk: u64, piece: &[u64], fault: Fault) -> Error {
        let location = match &self.shards {
            _ if piece.is_empty() => self.location(),
            None => self.source.location(&self.key(piece)),
            Some(shards) => self.source.location(&self.key(&shards.sharding.locate(piece).0)),
        };
        match fault {
            Fault::Checksum { codec, stored, computed } => {
                ArrayError::Checksum { chunk, codec, stored, computed, location }
            }
            Fault::Corrupt { codec, reason } => ArrayError::Corrupt { chunk, codec, reason, location },
            Fault::Memory { bytes } => ArrayError::OutOfMemory { bytes, location },
        }
        .into()
    }
}
