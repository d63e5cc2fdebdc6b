//! Finds properties of a session's chunks that make it slow to view. Packing the session again fixes each.

use replayscope_json::Json;
use replayscope_session::Session;
use replayscope_zarr::array::{Array, ArrayMetadata, Extension};

use super::shape::{chunk_bytes, counts, outer_shape};

/// Most decoded bytes of a chunk, all of which a seek reads.
const LARGE_CHUNK: u64 = 16 << 20;
/// Fewest frames and decoded bytes of a chunk that is worth a request.
const FEW_FRAMES: u64 = 8;
const SMALL_CHUNK: u64 = 64 << 10;
/// Most chunks, or inner chunks, that hold one frame.
const MANY_CHUNKS: u64 = 8;
/// Most objects; copying or listing more takes minutes.
const MANY_OBJECTS: u64 = 100_000;
/// Most frames of a field that needs no time pyramid.
const LONG: u64 = 4096;

/// Sentences about chunks and codecs of an array that make it slow.
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
    let chunks = chunks_of_frame(metadata);
    if chunks > MANY_CHUNKS {
        slow.push(format!(
            "{path}: a frame is cut into {chunks} chunks, each of which is fetched to show it; one chunk is best."
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

/// Sentences about long fields without a time pyramid.
pub fn pyramids(session: &Session) -> Vec<String> {
    let mut seen = Vec::new();
    // Several fields may be columns of one array, which is reported once.
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

/// The number of chunks, or inner chunks of a shard, that hold one frame.
fn chunks_of_frame(metadata: &ArrayMetadata) -> u64 {
    let chunk = match metadata.codecs.as_slice() {
        [only] if only.name == "sharding_indexed" => only.configuration.get("chunk_shape").and_then(counts),
        _ => outer_shape(metadata),
    };
    count(metadata.shape.get(1..), chunk.as_deref().and_then(|chunk| chunk.get(1..)))
}

/// The number of objects in which the array is stored.
fn objects(metadata: &ArrayMetadata) -> u64 {
    count(Some(&metadata.shape), outer_shape(metadata).as_deref())
}

fn count(shape: Option<&[u64]>, chunk: Option<&[u64]>) -> u64 {
    let lengths = shape.unwrap_or_default().iter().zip(chunk.unwrap_or_default());
    lengths.fold(1, |parts, (length, chunk)| parts.saturating_mul(length.div_ceil((*chunk).max(1))))
}

/// The name of a gzip or zlib codec, alone, in a shard or in blosc.
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
