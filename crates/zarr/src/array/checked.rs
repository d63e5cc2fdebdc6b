//! Checks that an array can be read, as far as its metadata say.

use replayscope_codecs::{DataType, Packing};

use crate::array::MAX_DECODED_BYTES;
use crate::array::cf;
use crate::array::chunk_key::ChunkKeyEncoding;
use crate::array::codec::Codecs;
use crate::array::fill::fill;
use crate::array::grid::Grid;
use crate::array::metadata::ArrayMetadata;
use crate::array::shard::Sharding;
use crate::error::{ArrayError, Flaw};
use crate::json::Json;

/// The most inner chunks of one chunk in time: of more, no frame would be there in any useful time.
const MAX_INNER_CHUNKS: u64 = 1 << 14;

/// What an array's metadata say, once it is known that all of it can be read.
pub(super) struct CheckedMetadata {
    pub dtype: DataType,
    pub packing: Packing,
    pub fill: Vec<u8>,
    pub grid: Grid,
    pub codecs: Codecs,
    pub sharding: Option<Sharding>,
}

impl CheckedMetadata {
    pub fn new(metadata: &ArrayMetadata, stored_dtype: DataType) -> Result<Self, Flaw> {
        let dtype = cf::sign(&metadata.attributes, stored_dtype);
        let packing = cf::packing(&metadata.attributes, stored_dtype, dtype).map_err(Flaw::Invalid)?;
        let fill = fill(stored_dtype, &metadata.fill_value).map_err(Flaw::Invalid)?;
        let mut inner_shape = chunk_shape(metadata)?;
        let mut chain = &metadata.codecs;
        let sharding = match chain.as_slice() {
            [only] if only.name == "sharding_indexed" => Some(Sharding::from_extension(only, &inner_shape)?),
            _ => None,
        };
        if let Some(sharding) = &sharding {
            (inner_shape, chain) = (sharding.inner_shape.clone(), &sharding.codecs);
        }
        let codecs = Codecs::from_extensions(chain, inner_shape.len(), stored_dtype)?;
        Ok(Self {
            dtype,
            packing,
            fill,
            grid: Grid { shape: metadata.shape.clone(), inner_shape },
            codecs,
            sharding,
        })
    }
}

pub(super) fn check_kind(metadata: &ArrayMetadata) -> Result<(), Flaw> {
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

pub(super) fn key_encoding(metadata: &ArrayMetadata) -> Result<ChunkKeyEncoding, Flaw> {
    let encoding = &metadata.chunk_key_encoding;
    ChunkKeyEncoding::from_extension(encoding).ok_or_else(|| {
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
pub(super) fn check_sizes(grid: &Grid, dtype: DataType, location: &str) -> Result<usize, ArrayError> {
    let product = |shape: &[u64]| shape.iter().fold(1_u64, |product, length| product.saturating_mul(*length));
    let check = |what: String, elements: u64| {
        // Values are held as float32 at least.
        let bytes = elements.saturating_mul(dtype.size().max(4) as u64);
        let (limit, location) = (MAX_DECODED_BYTES, location.to_owned());
        if bytes <= limit { Ok(()) } else { Err(ArrayError::TooLarge { what, bytes, limit, location }) }
    };
    check(format!("A chunk of shape {:?}", grid.inner_shape), product(&grid.inner_shape))?;
    let width = product(&grid.shape[1..]);
    let frames = grid.inner_shape[0].min(grid.shape[0]);
    check(format!("One chunk in time ({frames} frames × {width} bins)"), frames.saturating_mul(width))?;
    // Where there are no frames, a frame still has a width.
    check(format!("One frame of {width} bins"), width)?;
    match grid.inner_chunks_per_chunk() {
        Some(inner) if inner <= MAX_INNER_CHUNKS => Ok(width as usize),
        inner => Err(ArrayError::TooManyInnerChunks {
            inner_chunks: inner.unwrap_or(u64::MAX),
            chunk_shape: grid.inner_shape.clone(),
            limit: MAX_INNER_CHUNKS,
            location: location.to_owned(),
        }),
    }
}
