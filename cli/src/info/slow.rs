//! What of a session's layout makes it slow to look at. Each is mended by packing it anew.

use replayscope_json::Json;
use replayscope_session::Session;
use replayscope_zarr::array::{Array, ArrayMetadata, Extension};

use super::shape::{chunk_bytes, counts, outer_shape};

/// Decoded bytes that a seek may read.
const LARGE_CHUNK: u64 = 16 << 20;
/// A chunk of fewer frames, and fewer decoded bytes, costs a request for next to nothing.
const FEW_FRAMES: u64 = 8;
const SMALL_CHUNK: u64 = 64 << 10;
/// Pieces that a frame may be put together from.
const MANY_PIECES: u64 = 8;
/// Objects that a copy or a listing takes minutes for.
const MANY_OBJECTS: u64 = 100_000;
/// A field of more frames is not shown as a whole without its pyramid.
const LONG: u64 = 4096;

/// How an array's cut and its codecs slow a viewer down.
pub fn array(array: &Array) -> Vec<String> {
    let (metadata, path, bytes) = (array.metadata(), array.path(), chunk_bytes(array));
    let (frames, size) = (array.chunk_frames(), indicatif::BinaryBytes(bytes));
    let mut slow = Vec::new();
    if bytes > LARGE_CHUNK {
        slow.push(format!(
            "{path}: a chunk holds {frames} frames, {size} decoded, and a seek reads all of it; about 1 MiB seeks best."
        ));
    }
    if frames < FEW_FRAMES && bytes < SMALL_CHUNK && array.chunks() > 1 {
        let s = if frames == 1 { "" } else { "s" };
        slow.push(format!(
            "{path}: a chunk holds {frames} frame{s}, {size} decoded, so playing costs a request every {frames} frame{s}."
        ));
    }
    let pieces = frame_pieces(metadata);
    if pieces > MANY_PIECES {
        slow.push(format!(
            "{path}: a frame is cut into {pieces} pieces, each of which is fetched to show it; one piece is best."
        ));
    }
    if let Some(codec) = deflate(&metadata.codecs).filter(|_| metadata.shape.len() > 1) {
        slow.push(format!(
            "{path}: it is compressed with {codec}, which takes several times as long to decode as blosc with zstd."
        ));
    }
    let objects = objects(metadata);
    if objects > MANY_OBJECTS {
        slow.push(format!(
            "{path}: it is stored in {objects} objects, which takes long to copy, to upload and to list; shards hold \
             many chunks in one."
        ));
    }
    slow
}

/// Long fields without a pyramid.
pub fn pyramids(session: &Session) -> Vec<String> {
    let mut seen = Vec::new();
    // Several fields may be columns of one array: one of them is enough.
    let mut first = |location: String| {
        let new = !seen.contains(&location);
        seen.push(location);
        new
    };
    let long = session.fields.iter().filter(|field| field.levels.is_empty() && field.array.frames() > LONG);
    long.filter(|field| first(field.array.location())).map(|field| {
        format!(
            "{}: there is no time pyramid for its {} frames, so a long stretch of time is shown only once all of it is read.",
            field.name,
            field.array.frames()
        )
    })
    .collect()
}

/// Pieces that hold one frame: chunks, or inner chunks of a shard.
fn frame_pieces(metadata: &ArrayMetadata) -> u64 {
    let piece = match metadata.codecs.as_slice() {
        [only] if only.name == "sharding_indexed" => only.configuration.get("chunk_shape").and_then(counts),
        _ => outer_shape(metadata),
    };
    parts(metadata.shape.get(1..), piece.as_deref().and_then(|piece| piece.get(1..)))
}

/// Objects in which the whole array is stored.
fn objects(metadata: &ArrayMetadata) -> u64 {
    parts(Some(&metadata.shape), outer_shape(metadata).as_deref())
}

fn parts(shape: Option<&[u64]>, piece: Option<&[u64]>) -> u64 {
    let lengths = shape.unwrap_or_default().iter().zip(piece.unwrap_or_default());
    lengths.fold(1, |parts, (length, piece)| parts.saturating_mul(length.div_ceil((*piece).max(1))))
}

/// The codec that is gzip or zlib, by itself, in a shard or in blosc.
fn deflate(codecs: &[Extension]) -> Option<String> {
    codecs.iter().find_map(|codec| named_deflate(&codec.name, Some(&codec.configuration)))
}

fn named_deflate(name: &str, configuration: Option<&Json>) -> Option<String> {
    let setting = |key: &str| configuration.and_then(|configuration| configuration.get(key));
    match name.trim_start_matches("numcodecs.") {
        name @ ("gzip" | "zlib") => Some(name.to_owned()),
        "blosc" if setting("cname").and_then(Json::as_str) == Some("zlib") => Some("blosc's zlib".to_owned()),
        "sharding_indexed" => setting("codecs")?.as_array()?.iter().find_map(|codec| {
            let name = codec.as_str().or_else(|| codec.get("name")?.as_str())?;
            named_deflate(name, codec.get("configuration"))
        }),
        _ => None,
    }
}
