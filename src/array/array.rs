//! An array read along time: a chunk of frames → byte ranges → values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::ops::Range;
use std::rc::Rc;
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use ndarray::Array2;

use super::MAX_DECODED_BYTES;
use super::cf::Packing;
use super::codec::{ChainError, Codecs, Fault, reserve};
use super::dtype::DataType;
use super::error::ArrayError;
use super::grid::{Grid, KeyEncoding};
use super::group::join;
use super::metadata::ArrayMetadata;
use super::shard::{Indexes, Sharding};
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
    grid: Grid,
    keys: KeyEncoding,
    codecs: Codecs,
    /// One element of the fill value, raw.
    fill: Vec<u8>,
    width: usize,
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

    /// Whether nothing was read, because nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every piece is stored; see [`Decoded::stored`].
    pub fn is_stored(&self) -> bool {
        self.pieces.iter().all(Option::is_some)
    }
}

/// The values of one chunk in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Which frames.
    pub frames: Range<u64>,
    /// One row a frame, one column a bin.
    pub values: Array2<f32>,
    /// False where the chunk, or any piece of it, is not stored: those values are the fill value, and no data.
    pub stored: bool,
}

impl Array {
    /// Checks that an array can be read; reads nothing. `path` is the array's folder below the source's root.
    pub fn new(source: Rc<dyn ByteSource>, path: &str, metadata: ArrayMetadata) -> Result<Self, ArrayError> {
        let location = metadata.location.clone();
        let invalid = |what: String| ArrayError::Metadata { what, location: location.clone() };
        let unsupported =
            |what: String, hint| ArrayError::Unsupported { what, hint, location: location.clone() };
        let chain = |error| match error {
            ChainError::Invalid(what) => invalid(what),
            ChainError::Unsupported(what) => unsupported(what, CODEC_HINT),
        };

        if !metadata.not_understood.is_empty() {
            let what = format!("The extension {}", metadata.not_understood.join(", "));
            return Err(unsupported(
                what,
                "Write the array without it, as xarray's to_zarr(zarr_format=3) does",
            ));
        }
        if metadata.shape.is_empty() {
            return Err(unsupported(
                "A single number (an array without dimensions)".to_owned(),
                "Arrays have time as their first dimension",
            ));
        }
        let stored_dtype = metadata.dtype()?;
        let dtype = Packing::sign(&metadata.attributes, stored_dtype);
        let packing = Packing::from_attributes(&metadata.attributes, dtype).map_err(invalid)?;
        let fill = stored_dtype.fill(&metadata.fill_value).map_err(invalid)?;

        let chunk = chunk_shape(&metadata).map_err(|error| match error {
            ChainError::Invalid(what) => invalid(what),
            ChainError::Unsupported(what) => unsupported(what, GRID_HINT),
        })?;
        let sharding = match metadata.codecs.as_slice() {
            [only] if only.name == "sharding_indexed" => {
                Some(Sharding::from_extension(only, &chunk).map_err(chain)?)
            }
            _ => None,
        };
        let inner = sharding.as_ref().map_or(&metadata.codecs, |sharding| &sharding.codecs);
        let codecs = Codecs::from_extensions(inner, chunk.len(), stored_dtype.size()).map_err(chain)?;
        let piece = sharding.as_ref().map_or(chunk, |sharding| sharding.piece.clone());
        let grid = Grid { shape: metadata.shape.clone(), piece };
        let width = check_sizes(&grid, stored_dtype, &location)?;
        let keys = KeyEncoding::from_extension(&metadata.chunk_key_encoding).ok_or_else(|| {
            let encoding = &metadata.chunk_key_encoding;
            let separator = encoding.configuration.get("separator").map(Json::brief).unwrap_or_default();
            let what = format!("Chunk key encoding `{}` {separator}", encoding.name);
            unsupported(what, "`default` and `v2` with separator / or . are")
        })?;
        let (path, shards) = (path.to_owned(), sharding.map(Indexes::new));
        Ok(Self {
            source,
            path,
            metadata,
            stored_dtype,
            dtype,
            packing,
            grid,
            keys,
            codecs,
            fill,
            width,
            shards,
        })
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

    /// Length of the first dimension.
    pub fn frames(&self) -> u64 {
        self.grid.shape[0]
    }

    /// Elements of a frame: the product of the other dimensions, 1 where there are none.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Frames in the smallest unit that can be read; the last chunk may hold fewer.
    pub fn chunk_frames(&self) -> u64 {
        self.grid.piece[0].min(self.frames().max(1))
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
    pub async fn fetch(&self, chunk: u64) -> Result<Encoded, ArrayError> {
        self.check(chunk)?;
        match &self.shards {
            None => self.fetch_objects(chunk).await,
            Some(shards) => self.fetch_ranges(chunk, shards).await,
        }
    }

    /// Reads the shard indexes that a chunk's ranges stand in, so that fetching it later is one round trip.
    pub async fn prepare(&self, chunk: u64) -> Result<(), ArrayError> {
        let Some(shards) = &self.shards else { return Ok(()) };
        let mut wanted: Vec<Vec<u64>> =
            self.grid.pieces(chunk).iter().map(|piece| shards.sharding.locate(piece).0).collect();
        wanted.dedup();
        let indexes =
            wanted.iter().map(|shard| shards.get(&self.source, shard, self.key(shard)).boxed_local());
        in_flight(indexes.collect()).await.map(drop)
    }

    async fn fetch_objects(&self, chunk: u64) -> Result<Encoded, ArrayError> {
        let objects = self.grid.pieces(chunk).into_iter().map(|piece| {
            let key = self.key(&piece);
            let read = async move {
                match self.source.read(&key, Span::Whole).await {
                    Ok(bytes) => Ok(Some(bytes)),
                    // By Zarr's rule a chunk that is not there holds the fill value.
                    Err(SourceError::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            };
            read.boxed_local()
        });
        let mut encoded = Encoded { chunk, reads: Vec::new(), pieces: Vec::new() };
        for object in in_flight(objects.collect()).await? {
            encoded.pieces.push(object.as_ref().map(|bytes| (encoded.reads.len(), 0..bytes.len())));
            encoded.reads.extend(object);
        }
        Ok(encoded)
    }

    async fn fetch_ranges(&self, chunk: u64, shards: &Indexes) -> Result<Encoded, ArrayError> {
        let pieces = self.grid.pieces(chunk);
        let mut wanted: BTreeMap<Vec<u64>, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, piece) in pieces.iter().enumerate() {
            let (shard, slot) = shards.sharding.locate(piece);
            wanted.entry(shard).or_default().push((number, slot));
        }
        let indexes =
            wanted.keys().map(|shard| shards.get(&self.source, shard, self.key(shard)).boxed_local());
        let indexes = in_flight(indexes.collect()).await?;

        let mut reads = Vec::new();
        for ((shard, wanted), index) in wanted.iter().zip(indexes) {
            let Some(index) = index else { continue };
            let key = self.key(shard);
            let mut ranges = Vec::new();
            for &(number, slot) in wanted {
                let range =
                    index.range(slot, self.encoded_bound()).map_err(|reason| ArrayError::ShardIndex {
                        reason: format!("chunk {chunk}: {reason}"),
                        location: self.source.location(&key),
                    })?;
                ranges.extend(range.map(|range| (range, number)));
            }
            reads.extend(joined(ranges).into_iter().map(|read| (key.clone(), read)));
        }

        let mut encoded = Encoded { chunk, reads: Vec::new(), pieces: vec![None; pieces.len()] };
        let ranges = reads.iter().map(|(key, read)| {
            let span = Span::Range(read.range.clone());
            async move { Ok(self.source.read(key, span).await?) }.boxed_local()
        });
        for (bytes, (_, read)) in in_flight(ranges.collect()).await?.into_iter().zip(&reads) {
            for (piece, number) in &read.pieces {
                let within =
                    (piece.start - read.range.start) as usize..(piece.end - read.range.start) as usize;
                encoded.pieces[*number] = Some((encoded.reads.len(), within));
            }
            encoded.reads.push(bytes);
        }
        Ok(encoded)
    }

    /// Decodes to float32: float32 bit for bit, everything else converted, CF packing undone.
    pub fn decode(&self, encoded: &Encoded) -> Result<Decoded, ArrayError> {
        let values = self.values(encoded, |raw| {
            if self.packing.is_none() {
                self.dtype.to_f32(raw)
            } else {
                self.dtype.map(raw, |stored| self.packing.value(stored) as f32)
            }
        })?;
        Ok(Decoded { frames: self.frames_of(encoded.chunk), values, stored: encoded.is_stored() })
    }

    /// Decodes to float64, for time and coordinates.
    pub fn decode_f64(&self, encoded: &Encoded) -> Result<Array2<f64>, ArrayError> {
        self.values(encoded, |raw| {
            if self.packing.is_none() {
                self.dtype.map(raw, |stored| stored)
            } else {
                self.dtype.map(raw, |stored| self.packing.value(stored))
            }
        })
    }

    fn values<T: Clone>(
        &self,
        encoded: &Encoded,
        convert: impl Fn(&[u8]) -> Result<Vec<T>, Fault>,
    ) -> Result<Array2<T>, ArrayError> {
        self.check(encoded.chunk)?;
        let frames = self.frames_of(encoded.chunk);
        let shape = ((frames.end - frames.start) as usize, self.width);
        let whole =
            || self.fault(encoded.chunk, &[encoded.chunk], Fault::Memory { bytes: MAX_DECODED_BYTES });
        let values = if encoded.pieces.iter().all(Option::is_none) {
            let located = |fault| self.fault(encoded.chunk, &[encoded.chunk], fault);
            let mut values = reserve(shape.0 * shape.1).map_err(located)?;
            for fill in convert(&self.fill).map_err(located)? {
                values.resize(shape.0 * shape.1, fill);
            }
            values
        } else {
            let raw = self.raw(encoded, shape.0)?;
            convert(&raw).map_err(|fault| self.fault(encoded.chunk, &[encoded.chunk], fault))?
        };
        Array2::from_shape_vec(shape, values).map_err(|_| whole())
    }

    /// Raw elements of a chunk in time: its frames, all bins.
    fn raw<'a>(&self, encoded: &'a Encoded, frames: usize) -> Result<Cow<'a, [u8]>, ArrayError> {
        let size = self.stored_dtype.size();
        let len = frames * self.width * size;
        let shape: Vec<_> = self.grid.piece.iter().map(|length| *length as usize).collect();
        let elements = |piece: &[u64], stored: &'a (usize, Range<usize>)| {
            let bytes =
                encoded.reads.get(stored.0).and_then(|read| read.get(stored.1.clone())).unwrap_or_default();
            self.codecs.decode(bytes, &shape, size).map_err(|fault| self.fault(encoded.chunk, piece, fault))
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
        let mut out = reserve(len).map_err(|fault| self.fault(encoded.chunk, &[encoded.chunk], fault))?;
        for _ in 0..frames * self.width {
            out.extend_from_slice(&self.fill);
        }
        for (piece, stored) in pieces.iter().zip(&encoded.pieces) {
            if let Some(stored) = stored {
                self.grid.place(piece, &elements(piece, stored)?, size, frames as u64, &mut out);
            }
        }
        Ok(Cow::Owned(out))
    }

    fn check(&self, chunk: u64) -> Result<(), ArrayError> {
        let chunks = self.chunks();
        if chunk < chunks {
            Ok(())
        } else {
            Err(ArrayError::NoSuchChunk { chunk, chunks, location: self.location() })
        }
    }

    fn key(&self, coordinates: &[u64]) -> String {
        join(&self.path, &self.keys.key(coordinates))
    }

    /// The most bytes a stored piece can have: no codec makes a piece twice as large.
    fn encoded_bound(&self) -> u64 {
        let elements = self.grid.piece.iter().product::<u64>();
        2 * elements * self.stored_dtype.size() as u64 + (64 << 10)
    }

    /// Says where a fault was found: `piece` is its coordinates, or only the chunk where it concerns all pieces.
    fn fault(&self, chunk: u64, piece: &[u64], fault: Fault) -> ArrayError {
        let location = match &self.shards {
            _ if piece.len() < self.grid.shape.len() => self.location(),
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
    }
}

const CODEC_HINT: &str = "bytes, transpose, zstd, gzip, blosc, crc32c and sharding_indexed are. Rewrite it once: \
     python -c \"import xarray as xr; xr.open_zarr('IN.zarr').drop_encoding().to_zarr('OUT.zarr', zarr_format=3)\" —";
const GRID_HINT: &str = "Only regular chunks are. Rewrite it once: \
     python -c \"import xarray as xr; xr.open_zarr('IN.zarr').drop_encoding().to_zarr('OUT.zarr', zarr_format=3)\" —";

fn chunk_shape(metadata: &ArrayMetadata) -> Result<Vec<u64>, ChainError> {
    let grid = &metadata.chunk_grid;
    if grid.name != "regular" {
        return Err(ChainError::Unsupported(format!("Chunk grid `{}`", grid.name)));
    }
    let shape = grid.counts("chunk_shape").filter(|shape| shape.len() == metadata.shape.len());
    let shape = shape.ok_or_else(|| ChainError::Invalid("`chunk_shape` does not fit `shape`".to_owned()))?;
    // zarr-python writes chunks of length 0 for dimensions of length 0.
    if shape.iter().zip(&metadata.shape).any(|(chunk, length)| *chunk == 0 && *length != 0) {
        return Err(ChainError::Invalid(format!("`chunk_shape` is {shape:?}")));
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

/// Waits for all of the futures, of which at most [`PIECES_IN_FLIGHT`] are on their way at a time; the first error
/// drops the rest. (What futures-util has for this costs the page 10 KB.)
async fn in_flight<T>(
    mut futures: Vec<LocalBoxFuture<'_, Result<T, ArrayError>>>,
) -> Result<Vec<T>, ArrayError> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut pending = 0;
        for (future, result) in futures.iter_mut().zip(&mut results).filter(|(_, result)| result.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *result = Some(value?),
                Poll::Pending => pending += 1,
            }
            if pending == PIECES_IN_FLIGHT {
                break;
            }
        }
        if pending == 0 { Poll::Ready(Ok::<(), ArrayError>(())) } else { Poll::Pending }
    })
    .await?;
    Ok(results.into_iter().flatten().collect())
}

/// One range of a shard, and the pieces in it.
struct Read {
    range: Range<u64>,
    pieces: Vec<(Range<u64>, usize)>,
}

/// Joins ranges that lie close together.
fn joined(mut ranges: Vec<(Range<u64>, usize)>) -> Vec<Read> {
    ranges.sort_unstable_by_key(|(range, _)| range.start);
    let mut reads: Vec<Read> = Vec::new();
    for (range, number) in ranges {
        match reads.last_mut() {
            Some(read) if range.start <= read.range.end.saturating_add(GAP) => {
                read.range.end = read.range.end.max(range.end);
                read.pieces.push((range, number));
            }
            _ => reads.push(Read { range: range.clone(), pieces: vec![(range, number)] }),
        }
    }
    reads
}
