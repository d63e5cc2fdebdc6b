//! An array read along time: a chunk of frames → byte ranges → values.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use ndarray::Array2;
use replayscope_codecs::{DataType, Fault, Lost, Packing, Table, Values, reserve};

use super::MAX_DECODED_BYTES;
use super::cf;
use super::codec::Codecs;
use super::columns::Columns;
use super::error::{ArrayError, Flaw};
use super::fill::fill;
use super::grid::{Grid, KeyEncoding};
use super::group::join as join_path;
use super::metadata::ArrayMetadata;
use super::shard::{Index, Indexes, Sharding};
use crate::Error;
use crate::argsort::argsort;
use crate::futures::join;
use crate::json::Json;
use crate::source::{ByteSource, SourceError, Span};

/// Pieces of one chunk in time that are asked for at once: as many as a browser opens connections to a host.
const PIECES_IN_FLIGHT: usize = 6;
/// Pieces of a shard this close together are read in one range: a request costs more than these bytes.
const GAP: u64 = 32 << 10;
/// More pieces than this for one chunk in time, and no frame would come in any useful time.
const MAX_PIECES: u64 = 1 << 14;

/// A Zarr array whose first dimension is time (or whatever it is read along).
pub struct Array {
    source: Rc<dyn ByteSource>,
    path: String,
    metadata: ArrayMetadata,
    /// As stored.
    stored_dtype: DataType,
    /// As read: CF may turn signed into unsigned.
    dtype: DataType,
    packing: Packing,
    /// The value of each code, where elements are few enough to stay codes; made when the first chunk comes.
    table: OnceCell<Option<Table>>,
    grid: Grid,
    keys: KeyEncoding,
    codecs: Codecs,
    /// One element of the fill value, raw.
    fill: Vec<u8>,
    /// Elements of a stored frame.
    stored_width: usize,
    /// Which of them are shown.
    columns: Option<Columns>,
    shards: Option<Indexes>,
}

/// The bytes of one chunk in time as they are stored.
#[derive(Debug, Clone)]
pub struct Encoded {
    chunk: u64,
    reads: Vec<Vec<u8>>,
    /// In C order; which read a piece is in, and where. `None` is not stored.
    pieces: Vec<Option<(usize, Range<usize>)>>,
}

impl Encoded {
    /// Which chunk along time.
    pub fn chunk(&self) -> u64 {
        self.chunk
    }

    /// Bytes that were read and are held.
    pub fn len(&self) -> usize {
        self.reads.iter().map(Vec::len).sum()
    }

    /// What was read.
    pub fn reads(&self) -> &[Vec<u8>] {
        &self.reads
    }

    /// Where each piece lies: which read, its start and its end in it; the read is −1 where a piece is not stored.
    pub fn places(&self) -> Vec<[i64; 3]> {
        let place = |piece: &Option<(usize, Range<usize>)>| {
            piece
                .as_ref()
                .map_or([-1, 0, 0], |(read, at)| [*read, at.start, at.end].map(|number| number as i64))
        };
        self.pieces.iter().map(place).collect()
    }

    /// Back from [`Encoded::reads`] and [`Encoded::places`].
    pub fn from_places(chunk: u64, reads: Vec<Vec<u8>>, places: Vec<[i64; 3]>) -> Self {
        let piece = |[read, start, end]: [i64; 3]| {
            (read >= 0).then_some((read as usize, start as usize..end as usize))
        };
        Self { chunk, reads, pieces: places.into_iter().map(piece).collect() }
    }

    /// Whether nothing was read, because nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every piece is stored; see [`Decoded::stored`].
    pub fn is_stored(&self) -> bool {
        self.pieces.iter().all(Option::is_some)
    }
}

/// What [`Array::unpack`] made of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Unpacked {
    /// Little-endian elements, as [`Values`] keep them.
    pub elements: Vec<u8>,
    /// How many of the values float32 cannot hold.
    pub lost: Lost,
}

/// The values of one chunk in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Which frames.
    pub frames: Range<u64>,
    /// One row a frame, one column a bin.
    pub values: Values,
    /// How many of the stored values float32 cannot hold.
    pub lost: Lost,
    /// False where the chunk, or any piece of it, is not stored: those values are the fill value, and no data.
    pub stored: bool,
    /// Bytes that were read for it.
    pub encoded_bytes: u64,
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

    /// Reads the bytes of a chunk in time; dropping the future aborts what is on its way.
    ///
    /// A whole chunk is one read. A piece of a shard is one range, and one more for the shard's index when the shard
    /// is first touched (with its size before that, where the index is at the end). Bins that are cut make several
    /// pieces; those that lie together in a shard are read together.
    pub async fn fetch(&self, chunk: u64) -> Result<Encoded, Error> {
        self.check(chunk)?;
        let pieces = self.grid.pieces(chunk);
        let reads = match &self.shards {
            None => pieces
                .iter()
                .enumerate()
                .map(|(number, piece)| Read::whole(self.key(piece), number))
                .collect(),
            Some(shards) => {
                let touched = self.touched(chunk, shards);
                let indexes = self.indexes(&touched, shards).await?;
                self.ranges(chunk, touched, &indexes)?
            }
        };
        let bytes = reads.iter().map(|read| Box::pin(self.read(read)) as _).collect();
        let bytes: Vec<Option<Vec<u8>>> = join(bytes, PIECES_IN_FLIGHT).await?;
        let mut encoded = Encoded { chunk, reads: Vec::new(), pieces: vec![None; pieces.len()] };
        for (bytes, read) in bytes.into_iter().zip(reads) {
            let Some(bytes) = bytes else { continue };
            for (number, within) in read.pieces {
                encoded.pieces[number] =
                    Some((encoded.reads.len(), within.start..within.end.min(bytes.len())));
            }
            encoded.reads.push(bytes);
        }
        Ok(encoded)
    }

    /// Reads the shard indexes that a chunk's ranges stand in, so that fetching it later is one round trip.
    pub async fn prepare(&self, chunk: u64) -> Result<(), Error> {
        match &self.shards {
            None => Ok(()),
            Some(shards) => self.indexes(&self.touched(chunk, shards), shards).await.map(drop),
        }
    }

    /// The shards that hold the pieces of a chunk in time.
    fn touched(&self, chunk: u64, shards: &Indexes) -> Vec<Touched> {
        let pieces = self.grid.pieces(chunk);
        let places: Vec<_> = pieces.iter().map(|piece| shards.sharding.locate(piece)).collect();
        let order = argsort(places.len(), &mut |a, b| places[a].0.cmp(&places[b].0));
        let together = order.chunk_by(|a, b| places[*a].0 == places[*b].0);
        let touched = together.map(|numbers| Touched {
            key: self.key(&places[numbers[0]].0),
            slots: numbers.iter().map(|&number| (number, places[number].1)).collect(),
        });
        touched.collect()
    }

    async fn indexes(&self, touched: &[Touched], shards: &Indexes) -> Result<Vec<Option<Rc<Index>>>, Error> {
        let indexes = touched.iter().map(|shard| Box::pin(shards.get(&self.source, shard.key.clone())) as _);
        join(indexes.collect(), PIECES_IN_FLIGHT).await
    }

    /// What to read of shards: pieces that lie close together in one range.
    fn ranges(
        &self,
        chunk: u64,
        touched: Vec<Touched>,
        indexes: &[Option<Rc<Index>>],
    ) -> Result<Vec<Read>, Error> {
        let mut reads: Vec<Read> = Vec::new();
        for (Touched { key, slots }, index) in touched.into_iter().zip(indexes) {
            let Some(index) = index else { continue };
            let mut ranges = Vec::new();
            for (number, slot) in slots {
                let range =
                    index.range(slot, self.encoded_bound()).map_err(|reason| ArrayError::ShardIndex {
                        reason: format!("chunk {chunk}: {reason}"),
                        location: self.source.location(&key),
                    })?;
                ranges.extend(range.map(|range| (number, range)));
            }
            let first = reads.len();
            for at in argsort(ranges.len(), &mut |a, b| ranges[a].1.start.cmp(&ranges[b].1.start)) {
                let (number, range) = ranges[at].clone();
                let near = reads[first..]
                    .last()
                    .is_some_and(|read| range.start <= read.range.end.saturating_add(GAP));
                if !near {
                    reads.push(Read { key: key.clone(), range: range.clone(), pieces: Vec::new() });
                }
                if let Some(read) = reads.last_mut() {
                    read.range.end = read.range.end.max(range.end);
                    let [start, end] = [range.start, range.end].map(|at| (at - read.range.start) as usize);
                    read.pieces.push((number, start..end));
                }
            }
        }
        Ok(reads)
    }

    /// `None` where an object is not there: by Zarr's rule such a chunk holds the fill value.
    async fn read(&self, read: &Read) -> Result<Option<Vec<u8>>, Error> {
        let whole = read.range == WHOLE;
        let span = if whole { Span::Whole } else { Span::Range(read.range.clone()) };
        match self.source.read(&read.key, span).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(SourceError::NotFound { .. }) if whole => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Decodes: float32 bit for bit, codes of one or two bytes as they are, everything else to float32; CF packing undone.
    pub fn decode(&self, encoded: &Encoded) -> Result<Decoded, Error> {
        self.decoded(encoded, self.unpack(encoded)?)
    }

    /// The first and longer part of [`Array::decode`], which may be done elsewhere.
    pub fn unpack(&self, encoded: &Encoded) -> Result<Unpacked, Error> {
        let raw = self.raw(encoded)?;
        let located = |fault| self.fault(encoded.chunk, &[], fault);
        let (size, stored) = (self.stored_dtype.size(), self.stored_width);
        let raw = match &self.columns {
            None => raw.into_owned(),
            Some(columns) if columns.sums() => {
                let mut lost = Lost::default();
                let values = self.dtype.to_f64(&raw, &self.packing).map_err(located)?;
                let sums = columns.sum(&values, stored).map_err(located)?;
                let mut elements = reserve(sums.len() * size_of::<f32>()).map_err(located)?;
                elements.extend(sums.into_iter().flat_map(|sum| lost.narrow(sum).to_le_bytes()));
                return Ok(Unpacked { elements, lost });
            }
            Some(columns) => columns.pick(&raw, size, stored).map_err(located)?,
        };
        let (elements, mut lost) = self.dtype.keep(raw, &self.packing).map_err(located)?;
        if let Some(table) = self.table() {
            lost += table.lost(&elements);
        }
        Ok(Unpacked { elements, lost })
    }

    /// The rest of [`Array::decode`].
    pub fn decoded(&self, encoded: &Encoded, unpacked: Unpacked) -> Result<Decoded, Error> {
        let Unpacked { elements, lost } = unpacked;
        let rows = self.rows_of(encoded.chunk);
        let values = Values::new(self.width(), elements, self.table().map(Table::values))
            .filter(|values| values.rows() == rows || values.is_empty());
        let values = values.ok_or(Fault::Memory { bytes: self.chunk_bytes() });
        let values = values.map_err(|fault| self.fault(encoded.chunk, &[], fault))?;
        let (frames, stored) = (self.frames_of(encoded.chunk), encoded.is_stored());
        Ok(Decoded { frames, values, lost, stored, encoded_bytes: encoded.len() as u64 })
    }

    /// The value of each code; `None` where elements are no codes, as a sum of several is none.
    fn table(&self) -> Option<&Table> {
        let make = || if self.sums() { None } else { self.dtype.table(&self.packing) };
        self.table.get_or_init(make).as_ref()
    }

    /// Decodes to float64, for time and coordinates and where [`Array::is_wide`]; (frames, bins) as [`Array::decode`].
    pub fn decode_f64(&self, encoded: &Encoded) -> Result<Array2<f64>, Error> {
        let raw = self.raw(encoded)?;
        let (size, stored) = (self.stored_dtype.size(), self.stored_width);
        let numbers = |raw: &[u8]| self.dtype.to_f64(raw, &self.packing);
        let values = match &self.columns {
            None => numbers(&raw),
            Some(columns) if columns.sums() => numbers(&raw).and_then(|values| columns.sum(&values, stored)),
            Some(columns) => columns.pick(&raw, size, stored).and_then(|picked| numbers(&picked)),
        };
        let shape = (self.rows_of(encoded.chunk), self.width());
        let rows = values.and_then(|values| {
            Array2::from_shape_vec(shape, values).map_err(|_| Fault::Memory { bytes: MAX_DECODED_BYTES })
        });
        rows.map_err(|fault| self.fault(encoded.chunk, &[], fault))
    }

    /// Whether it may hold values that float32 cannot, see [`Decoded::lost`]: a sum may be beyond what each of its parts is.
    pub fn is_wide(&self) -> bool {
        self.sums() || self.dtype.is_wide(&self.packing)
    }

    /// Whether a value is the sum of several stored ones.
    fn sums(&self) -> bool {
        self.columns.as_ref().is_some_and(Columns::sums)
    }

    /// How many frames a chunk has.
    fn rows_of(&self, chunk: u64) -> usize {
        let frames = self.frames_of(chunk);
        (frames.end - frames.start) as usize
    }

    /// Raw elements of a chunk in time: its frames, all bins.
    fn raw<'a>(&self, encoded: &'a Encoded) -> Result<Cow<'a, [u8]>, Error> {
        self.check(encoded.chunk)?;
        let frames = self.rows_of(encoded.chunk);
        let size = self.stored_dtype.size();
        let len = frames * self.stored_width * size;
        let shape: Vec<_> = self.grid.piece.iter().map(|length| *length as usize).collect();
        let elements = |piece: &[u64], stored: &'a (usize, Range<usize>)| {
            let bytes =
                encoded.reads.get(stored.0).and_then(|read| read.get(stored.1.clone())).unwrap_or_default();
            self.codecs.decode(bytes, &shape).map_err(|fault| self.fault(encoded.chunk, piece, fault))
        };
        let pieces = self.grid.pieces(encoded.chunk);
        if let ([piece], [Some(stored)], true) =
            (pieces.as_slice(), encoded.pieces.as_slice(), self.grid.whole_frames())
        {
            // The common case: one piece holds whole frames, and only frames beyond the end are padding.
            return Ok(match elements(piece, stored)? {
                Cow::Borrowed(raw) => Cow::Borrowed(&raw[..len]),
                Cow::Owned(mut raw) => {
                    raw.truncate(len);
                    Cow::Owned(raw)
                }
            });
        }
        let mut out = reserve(len).map_err(|fault| self.fault(encoded.chunk, &[], fault))?;
        out.extend_from_slice(&self.fill[..size.min(len)]);
        while out.len() < len {
            out.extend_from_within(..out.len().min(len - out.len()));
        }
        for (piece, stored) in pieces.iter().zip(&encoded.pieces) {
            if let Some(stored) = stored {
                self.grid.place(piece, &elements(piece, stored)?, size, frames as u64, &mut out);
            }
        }
        Ok(Cow::Owned(out))
    }

    fn check(&self, chunk: u64) -> Result<(), Error> {
        let chunks = self.chunks();
        if chunk < chunks {
            Ok(())
        } else {
            Err(ArrayError::NoSuchChunk { chunk, chunks, location: self.location() }.into())
        }
    }

    fn key(&self, coordinates: &[u64]) -> String {
        join_path(&self.path, &self.keys.key(coordinates))
    }

    /// The most bytes a stored piece can have: no codec makes a piece twice as large.
    fn encoded_bound(&self) -> u64 {
        let elements = self.grid.piece.iter().product::<u64>();
        2 * elements * self.stored_dtype.size() as u64 + (64 << 10)
    }

    /// Says where a fault was found: `piece` is its coordinates, or nothing where it concerns all pieces.
    fn fault(&self, chunk: u64, piece: &[u64], fault: Fault) -> Error {
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

/// A shard, and which pieces of a chunk in time it holds.
struct Touched {
    key: String,
    /// Number of each piece within the chunk, and its place in the shard's index.
    slots: Vec<(usize, usize)>,
}

/// What is read at once, and which pieces of a chunk in time lie where in it.
struct Read {
    key: String,
    range: Range<u64>,
    pieces: Vec<(usize, Range<usize>)>,
}

/// The range of an object that is read whole, however long it is.
const WHOLE: Range<u64> = 0..u64::MAX;

impl Read {
    fn whole(key: String, number: usize) -> Self {
        Self { key, range: WHOLE, pieces: vec![(number, 0..usize::MAX)] }
    }
}

/// How an array's elements are laid out, as its metadata says.
struct Layout {
    dtype: DataType,
    packing: Packing,
    fill: Vec<u8>,
    grid: Grid,
    codecs: Codecs,
    sharding: Option<Sharding>,
}

impl Layout {
    fn new(metadata: &ArrayMetadata, stored_dtype: DataType) -> Result<Self, Flaw> {
        let dtype = cf::sign(&metadata.attributes, stored_dtype);
        let packing = cf::packing(&metadata.attributes, stored_dtype, dtype).map_err(Flaw::Invalid)?;
        let fill = fill(stored_dtype, &metadata.fill_value).map_err(Flaw::Invalid)?;
        let mut piece = chunk_shape(metadata)?;
        let mut chain = &metadata.codecs;
        let sharding = match chain.as_slice() {
            [only] if only.name == "sharding_indexed" => Some(Sharding::from_extension(only, &piece)?),
            _ => None,
        };
        if let Some(sharding) = &sharding {
            (piece, chain) = (sharding.piece.clone(), &sharding.codecs);
        }
        let codecs = Codecs::from_extensions(chain, piece.len(), stored_dtype)?;
        Ok(Self {
            dtype,
            packing,
            fill,
            grid: Grid { shape: metadata.shape.clone(), piece },
            codecs,
            sharding,
        })
    }
}

fn check_kind(metadata: &ArrayMetadata) -> Result<(), Flaw> {
    if !metadata.not_understood.is_empty() {
        let what = format!("The extension {}", metadata.not_understood.join(", "));
        let hint = "Write the array without it, as xarray's to_zarr(zarr_format=3) does";
        return Err(Flaw::Unsupported(what, hint));
    }
    if metadata.shape.is_empty() {
        let what = "A single number (an array without dimensions)".to_owned();
        return Err(Flaw::Unsupported(what, "Arrays have time as their first dimension"));
    }
    Ok(())
}

fn key_encoding(metadata: &ArrayMetadata) -> Result<KeyEncoding, Flaw> {
    let encoding = &metadata.chunk_key_encoding;
    KeyEncoding::from_extension(encoding).ok_or_else(|| {
        let separator = encoding.configuration.get("separator").map(Json::brief).unwrap_or_default();
        let what = format!("Chunk key encoding `{}` {separator}", encoding.name);
        Flaw::Unsupported(what, "`default` and `v2` with separator / or . are")
    })
}

const GRID_HINT: &str = "Only regular chunks are. Rewrite it once: \
     python -c \"import xarray as xr; xr.open_zarr('IN.zarr').drop_encoding().to_zarr('OUT.zarr', zarr_format=3)\" —";

fn chunk_shape(metadata: &ArrayMetadata) -> Result<Vec<u64>, Flaw> {
    let grid = &metadata.chunk_grid;
    if grid.name != "regular" {
        return Err(Flaw::Unsupported(format!("Chunk grid `{}`", grid.name), GRID_HINT));
    }
    let shape = grid.counts("chunk_shape").filter(|shape| shape.len() == metadata.shape.len());
    let shape = shape.ok_or_else(|| Flaw::Invalid("`chunk_shape` does not fit `shape`".to_owned()))?;
    // zarr-python writes chunks of length 0 for dimensions of length 0.
    if shape.iter().zip(&metadata.shape).any(|(chunk, length)| *chunk == 0 && *length != 0) {
        return Err(Flaw::Invalid(format!("`chunk_shape` is {shape:?}")));
    }
    Ok(shape.into_iter().map(|length| length.max(1)).collect())
}

/// Checks everything that is multiplied later, once; returns the width.
fn check_sizes(grid: &Grid, dtype: DataType, location: &str) -> Result<usize, ArrayError> {
    let product = |shape: &[u64]| shape.iter().fold(1_u64, |product, length| product.saturating_mul(*length));
    let check = |what: String, elements: u64| {
        // Values are held as float32 at least.
        let bytes = elements.saturating_mul(dtype.size().max(4) as u64);
        let (limit, location) = (MAX_DECODED_BYTES, location.to_owned());
        if bytes <= limit { Ok(()) } else { Err(ArrayError::TooLarge { what, bytes, limit, location }) }
    };
    check(format!("A chunk of shape {:?}", grid.piece), product(&grid.piece))?;
    let width = product(&grid.shape[1..]);
    let frames = grid.piece[0].min(grid.shape[0]);
    check(format!("One chunk in time ({frames} frames × {width} bins)"), frames.saturating_mul(width))?;
    // Where there are no frames, a frame still has a width.
    check(format!("One frame of {width} bins"), width)?;
    match grid.pieces_per_chunk() {
        Some(pieces) if pieces <= MAX_PIECES => Ok(width as usize),
        pieces => Err(ArrayError::TooManyPieces {
            pieces: pieces.unwrap_or(u64::MAX),
            chunk_shape: grid.piece.clone(),
            limit: MAX_PIECES,
            location: location.to_owned(),
        }),
    }
}
