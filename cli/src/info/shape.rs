//! The chunks of an array, as its metadata has them.

use replayscope_json::Json;
use replayscope_zarr::array::{Array, ArrayMetadata, DataType};

/// Decoded bytes of one chunk.
pub fn chunk_bytes(array: &Array) -> u64 {
    let size = array.metadata().dtype().map_or(4, DataType::size) as u64;
    array.chunk_frames().saturating_mul(array.width() as u64).saturating_mul(size)
}

/// The chunk shape of the array's own grid, which of a sharded array is the shard.
pub fn outer_shape(metadata: &ArrayMetadata) -> Option<Vec<u64>> {
    counts(metadata.chunk_grid.configuration.get("chunk_shape")?)
}

/// A shape as numbers; `None` if it is none.
pub fn counts(shape: &Json) -> Option<Vec<u64>> {
    shape.as_array()?.iter().map(Json::as_u64).collect()
}
