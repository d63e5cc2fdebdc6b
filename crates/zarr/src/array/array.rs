//! An array read along time: what it is, and how its frames are cut into chunks.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use replayscope_codecs::{DataType, Packing, Table};

use crate::array::checked::{CheckedMetadata, check_kind, check_sizes, key_encoding};
use crate::array::chunk_key::ChunkKeyEncoding;
use crate::array::codec::Codecs;
use crate::array::columns::Columns;
use crate::array::grid::Grid;
use crate::array::metadata::{ArrayMetadata, join as join_path};
use crate::array::shard::Indexes;
use crate::error::{ArrayError, Error, Flaw};
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
    pub(super) keys: ChunkKeyEncoding,
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
        let checked = CheckedMetadata::new(&metadata, stored_dtype).map_err(located)?;
        let stored_width = check_sizes(&checked.grid, stored_dtype, &metadata.location)?;
        let columns = Columns::from_attributes(&metadata, stored_width).map_err(located)?;
        let keys = key_encoding(&metadata).map_err(located)?;
        let shards = checked.sharding.map(Indexes::new);
        let CheckedMetadata { dtype, packing, fill, grid, codecs, .. } = checked;
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

    /// The same stored array, read as other metadata say.
    pub fn with_metadata(&self, metadata: ArrayMetadata) -> Result<Self, Error> {
        Self::new(self.source.clone(), &self.path, metadata)
    }

    /// The metadata as they were written.
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

    /// Identifies the array: its location, and which of its columns are shown.
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
        self.grid.inner_shape[0].min(self.frames().max(1))
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
        frame / self.grid.inner_shape[0]
    }

    /// The frames of a chunk; empty beyond the last.
    pub fn frames_of(&self, chunk: u64) -> Range<u64> {
        self.grid.frames_of(chunk)
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
        join_path(&self.path, &self.keys.key(coordinates))
    }

    /// The most bytes a stored inner chunk can have: no codec makes an inner chunk twice as large.
    pub(super) fn encoded_bound(&self) -> u64 {
        let elements = self.grid.inner_shape.iter().product::<u64>();
        2 * elements * self.stored_dtype.size() as u64 + (64 << 10)
    }
}
