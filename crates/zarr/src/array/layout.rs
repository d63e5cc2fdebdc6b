//! How the elements of an array are laid out, as its metadata says, checked before anything is read.

use replayscope_codecs::{DataType, Packing};

use super::cf;
use super::codec::Codecs;
use super::fill::fill;
use super::flaw::Flaw;
use super::grid::{Grid, KeyEncoding};
use super::metadata::ArrayMetadata;
use super::shard::Sharding;
use crate::error::ArrayError;
use crate::json::Json;

/// The most bytes one chunk in time may decode to: 1 GiB. A page has 4 GiB of memory at most, for everything.
pub const MAX_DECODED_BYTES: u64 = 1 << 30;
/// More pieces than this for one chunk in time, and no frame would come in any useful time.
const MAX_PIECES: u64 = 1 << 14;

/// How an array's elements are laid out, as its metadata says.
pub struct Layout {
    pub dtype: DataType,
    pub packing: Packing,
    pub fill: Vec<u8>,
    pub grid: Grid,
    pub codecs: Codecs,
    pub sharding: Option<Sharding>,
}

impl Layout {
    /// Checks what the metadata say.
    pub fn new(metadata: &ArrayMetadata, stored_dtype: DataType) -> Result<Self, Flaw> {
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

/// Checks that it is an array with a time axis, and of no unknown extension.
pub fn check_kind(metadata: &ArrayMetadata) -> Result<(), Flaw> {
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

/// How the keys of chunks are written.
pub fn key_encoding(metadata: &ArrayMetadata) -> Result<KeyEncoding, Flaw> {
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
pub fn check_sizes(grid: &Grid, dtype: DataType, location: &str) -> Result<usize, ArrayError> {
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
