//! Reads labels of states that xarray stores as texts: of fixed length (numpy's `<U9`) or of variable length (`vlen-utf8`).

use std::borrow::Cow;
use std::rc::Rc;

use replayscope_codecs::Codec;
use replayscope_json::Json;
use replayscope_zarr::array::{ArrayMetadata, Extension};
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::error::Error;
use crate::opening::limits;

/// Most labels, chunks and bytes of a chunk that are read.
const MOST: u64 = 1 << 20;
const MOST_CHUNKS: u64 = 1 << 12;
const MOST_BYTES: u64 = 64 << 20;
/// The codec of texts of variable length.
const VARIABLE: &str = "vlen-utf8";

/// The distinct labels and the label of each column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Labels {
    /// The index in `distinct` of each column's label.
    pub codes: Vec<f64>,
    /// Each label once, in order of first appearance.
    pub distinct: Vec<String>,
}

/// Bytes of a text, where the array holds texts; 0 for variable length.
fn text_bytes(metadata: &ArrayMetadata) -> Option<u64> {
    match metadata.data_type.name.as_str() {
        "fixed_length_utf32" => metadata.data_type.configuration.get("length_bytes")?.as_u64(),
        "string" => Some(0),
        _ => None,
    }
}

/// Whether an array is one-dimensional and holds texts.
pub(super) fn are(metadata: &ArrayMetadata) -> bool {
    metadata.shape.len() == 1 && text_bytes(metadata).is_some()
}

/// Reads the labels of an array of texts; `None` where their encoding is not supported.
pub(super) async fn read(
    source: &Rc<dyn ByteSource>,
    path: &str,
    metadata: &ArrayMetadata,
) -> Result<Option<Labels>, Error> {
    let (Some(bytes), &[count]) = (text_bytes(metadata), &metadata.shape[..]) else { return Ok(None) };
    let chunk = metadata
        .chunk_grid
        .configuration
        .get("chunk_shape")
        .and_then(|shape| shape.as_array()?.first()?.as_u64());
    let fits = |chunk: &u64| *chunk > 0 && count <= MOST && count.div_ceil(*chunk) <= MOST_CHUNKS;
    let Some(chunk) = chunk.filter(fits) else { return Ok(None) };
    let Some(codecs) = wrappings(&metadata.codecs) else { return Ok(None) };
    let is_big = metadata
        .codecs
        .iter()
        .any(|codec| codec.configuration.get("endian").and_then(Json::as_str) == Some("big"));
    let mut labels = Labels::default();
    for index in 0..count.div_ceil(chunk) {
        let key = format!("{path}/{}", key(&metadata.chunk_key_encoding, index));
        let stored = match source.read(&key, Span::Whole).await {
            Ok(stored) => stored,
            // A missing chunk has empty labels.
            Err(SourceError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let wanted = (count - index * chunk).min(chunk) as usize;
        let Some(texts) = texts(&stored, &codecs, bytes as usize, is_big) else { return Ok(None) };
        for at in 0..wanted {
            labels.push(texts.get(at).map_or("", String::as_str));
            if labels.distinct.len() > limits::STATES {
                return Ok(None);
            }
        }
    }
    Ok(Some(labels))
}

impl Labels {
    fn push(&mut self, label: &str) {
        let known = self.distinct.iter().position(|known| known == label);
        let code = known.unwrap_or_else(|| {
            self.distinct.push(label.to_owned());
            self.distinct.len() - 1
        });
        self.codes.push(code as f64);
    }
}

/// The codecs from bytes to bytes, in the order of encoding; `None` where one is not supported.
fn wrappings(chain: &[Extension]) -> Option<Vec<Codec>> {
    let wraps = chain.iter().filter(|codec| codec.name != "bytes" && codec.name != VARIABLE);
    wraps.map(|codec| Codec::from_name(&codec.name, 1)).collect()
}

/// The key of a chunk.
fn key(encoding: &Extension, index: u64) -> String {
    let separator = encoding.configuration.get("separator").and_then(Json::as_str);
    match encoding.name.as_str() {
        "v2" => index.to_string(),
        _ => format!("c{}{index}", separator.unwrap_or("/")),
    }
}

/// The texts of a chunk; empty where it is not stored.
fn texts(stored: &[u8], codecs: &[Codec], bytes: usize, is_big: bool) -> Option<Vec<String>> {
    if stored.is_empty() {
        return Some(Vec::new());
    }
    let mut decoded = Cow::Borrowed(stored);
    for codec in codecs.iter().rev() {
        decoded = codec.decode(decoded, MOST_BYTES as usize).ok()?;
    }
    if bytes > 0 {
        return Some(decoded.chunks_exact(bytes).map(|text| utf32(text, is_big)).collect());
    }
    // The number of texts, then the length and bytes of each; numbers are 32 bits, little-endian.
    let number = |at: usize| {
        decoded.get(at..at + 4).map(|bytes| bytes.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)))
    };
    let (mut texts, mut at) = (Vec::new(), 4);
    for _ in 0..number(0)?.min(MOST as usize) {
        let start = at + 4;
        let end = start + number(at)?;
        texts.push(String::from_utf8_lossy(decoded.get(start..end)?).into_owned());
        at = end;
    }
    Some(texts)
}

/// Decodes UTF-32 up to the padding of zeros.
fn utf32(text: &[u8], is_big: bool) -> String {
    let letter =
        |bytes: &[u8; 4]| if is_big { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
    let letters = text.as_chunks::<4>().0.iter().map(letter).take_while(|letter| *letter != 0);
    letters.map(|letter| char::from_u32(letter).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
