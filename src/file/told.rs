//! A file whose arrays lie in it in pieces, told as a Zarr hierarchy.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};

use crate::json::Json;
use crate::source::{ByteSource, SourceError, Span};
use crate::zarr;

/// Where an array's chunks lie in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In one piece: chunks are whole frames, one after the other.
    Run {
        /// The first byte.
        start: u64,
        /// All of it.
        bytes: u64,
        /// Bytes of a chunk; the last one may have fewer.
        chunk: u64,
    },
    /// Each by itself, numbered in C order of the chunk grid, whose lengths are `grid`.
    Chunks {
        /// Chunks along each dimension.
        grid: Vec<u64>,
        /// Those that are stored, ascending.
        stored: Vec<replayscope_files::Chunk>,
    },
    /// Nowhere: these bytes are the only chunk.
    Here(Vec<u8>),
}

/// Where one chunk is.
enum Chunk<'a> {
    /// In the file; Zarr has it `padded` to the length of every other.
    There { start: u64, bytes: u64, padded: u64 },
    /// These are it.
    Here(&'a [u8]),
}

/// A file as a source: metadata are values, chunks are ranges.
pub struct Told {
    folder: Rc<dyn ByteSource>,
    file: String,
    /// Nodes by path; the root's is at "".
    nodes: Vec<(String, Json)>,
    places: Vec<(String, Place)>,
}

impl Told {
    /// From arrays: path, node and place of each. One at "" is the root itself.
    pub fn new(folder: Rc<dyn ByteSource>, file: &str, arrays: Vec<(String, Json, Place)>) -> Self {
        let mut told = Self { folder, file: file.to_owned(), nodes: Vec::new(), places: Vec::new() };
        for (path, node, place) in arrays {
            told.nodes.push((path.clone(), node));
            told.places.push((path, place));
        }
        told
    }

    /// From what `replayscope-files` finds in an HDF5 file.
    pub fn found(
        folder: Rc<dyn ByteSource>,
        file: &str,
        nodes: Vec<(String, Json)>,
        places: Vec<(String, replayscope_files::Place)>,
    ) -> Self {
        let mut told = Self { folder, file: file.to_owned(), nodes, places: Vec::new() };
        for (path, found) in places {
            let place = told.node_at(&path).and_then(|node| place(found, node));
            told.places.extend(place.map(|place| (path, place)));
        }
        told
    }

    fn node_at(&self, path: &str) -> Option<&Json> {
        self.nodes.iter().find(|(other, _)| other == path).map(|(_, node)| node)
    }

    fn chunk(&self, key: &str) -> Option<Chunk<'_>> {
        self.places.iter().find_map(|(path, place)| {
            let within =
                if path.is_empty() { key } else { key.strip_prefix(path.as_str())?.strip_prefix('/')? };
            let coordinates = within.strip_prefix("c/")?.split('/').map(|part| part.parse().ok());
            place.chunk(&coordinates.collect::<Option<Vec<u64>>>()?)
        })
    }
}

impl Place {
    fn chunk(&self, coordinates: &[u64]) -> Option<Chunk<'_>> {
        match self {
            Self::Run { start, bytes, chunk } => {
                let offset = coordinates.first()?.checked_mul(*chunk).filter(|offset| offset < bytes)?;
                Some(Chunk::There {
                    start: start + offset,
                    bytes: (*chunk).min(bytes - offset),
                    padded: *chunk,
                })
            }
            Self::Chunks { grid, stored } => {
                let mut index = 0;
                for (coordinate, count) in coordinates.iter().zip(grid) {
                    index = index * count + coordinate;
                }
                let at = stored.binary_search_by(|chunk| chunk.number.cmp(&index)).ok()?;
                let replayscope_files::Chunk { start, bytes, .. } = stored[at];
                Some(Chunk::There { start, bytes, padded: bytes })
            }
            Self::Here(bytes) => Some(Chunk::Here(bytes)),
        }
    }
}

/// Where an array of that node lies.
fn place(found: replayscope_files::Place, node: &Json) -> Option<Place> {
    use replayscope_files::Place as Found;
    let counts =
        |value: Option<&Json>| -> Option<Vec<u64>> { value?.as_array()?.iter().map(Json::as_u64).collect() };
    let shape = counts(node.get("shape"))?;
    let chunk =
        counts(node.get("chunk_grid").and_then(|grid| grid.get("configuration")?.get("chunk_shape")))?;
    let product = |list: &[u64]| list.iter().try_fold(1_u64, |product, n| product.checked_mul(*n));
    Some(match found {
        Found::Values(values) => Place::Here(values.into_iter().flat_map(f64::to_le_bytes).collect()),
        Found::Chunks(stored) => {
            let grid =
                shape.iter().zip(&chunk).map(|(length, chunk)| length.div_ceil(*chunk.max(&1))).collect();
            Place::Chunks { grid, stored }
        }
        Found::Run { start, bytes } => {
            // Nothing is stored where it was never written: then there is no chunk.
            let size = bytes.checked_div(product(&shape)?).unwrap_or(0);
            Place::Run { start, bytes, chunk: product(&chunk)?.checked_mul(size)?.max(1) }
        }
    })
}

/// An array's node: whole frames in each chunk, `rows` of them.
pub(super) fn array_node(dtype: &str, big_endian: bool, shape: &[u64], rows: u64) -> Json {
    let numbers = |list: &[u64]| Json::Array(list.iter().map(|n| Json::from(*n as f64)).collect());
    let chunk: Vec<u64> = std::iter::once(rows).chain(shape.iter().skip(1).map(|n| (*n).max(1))).collect();
    let extension = |name: &str, key: &str, value: Json| {
        Json::object([("name", name.into()), ("configuration", Json::object([(key, value)]))])
    };
    let endian = if big_endian { "big" } else { "little" };
    Json::object([
        ("zarr_format", 3.0.into()),
        ("node_type", "array".into()),
        ("shape", numbers(shape)),
        ("data_type", dtype.into()),
        ("chunk_grid", extension("regular", "chunk_shape", numbers(&chunk))),
        ("chunk_key_encoding", extension("default", "separator", "/".into())),
        ("fill_value", 0.0.into()),
        ("codecs", Json::Array(vec![extension("bytes", "endian", endian.into())])),
        ("attributes", Json::object([])),
    ])
}

impl ByteSource for Told {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        let missing = || SourceError::NotFound { location: self.location(key) };
        let (start, length, padded) = match self.chunk(key) {
            Some(Chunk::There { start, bytes, padded }) => (start, bytes, padded),
            Some(Chunk::Here(bytes)) => return ready(Ok(bytes.to_vec())).boxed_local(),
            None => return ready(Err(missing())).boxed_local(),
        };
        if let Span::Range(within) = span {
            let range = start + within.start..start + within.end.min(length);
            return self.folder.read(&self.file, Span::Range(range));
        }
        async move {
            let mut bytes = self.folder.read(&self.file, Span::Range(start..start + length)).await?;
            // Zarr's last chunk is as long as the others; the file ends with its data.
            bytes.resize(padded as usize, 0);
            Ok(bytes)
        }
        .boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(match self.chunk(key) {
            Some(Chunk::There { padded, .. }) => Ok(padded),
            Some(Chunk::Here(bytes)) => Ok(bytes.len() as u64),
            None => Err(SourceError::NotFound { location: self.location(key) }),
        })
        .boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.folder.open(reference)
    }

    fn node<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<Option<Json>, zarr::Error>> {
        ready(Ok(self.node_at(path).cloned())).boxed_local()
    }

    fn location(&self, key: &str) -> String {
        let file = self.folder.location(&self.file);
        if key.is_empty() { file } else { format!("{file}#{key}") }
    }
}
