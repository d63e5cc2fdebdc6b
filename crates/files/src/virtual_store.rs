//! A virtual Zarr store: a file that holds arrays is read as a Zarr hierarchy. Metadata are made from the file's structure, a chunk
//! key resolves to a range of the file.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};

use replayscope_json::Json;
use replayscope_zarr::Error;
use replayscope_zarr::array::ChunkKeyEncoding;
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::structure::{Storage, StoredChunk};

/// From the coordinates of a chunk to its range in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChunkIndex {
    /// Chunks are whole frames, one after the other in one range of the file.
    Contiguous {
        /// Offset of the first chunk in the file, in bytes.
        start: u64,
        /// Bytes of all chunks together.
        bytes: u64,
        /// Bytes of a chunk; the last one may have fewer.
        chunk: u64,
    },
    /// Each chunk has a range of its own. Chunks are numbered in C order of the chunk grid.
    Chunked {
        /// Chunks along each dimension.
        grid: Vec<u64>,
        /// The chunks that are stored, in ascending order of their numbers.
        stored: Vec<StoredChunk>,
    },
    /// These bytes are the only chunk; the file does not hold them as such.
    Inline(Vec<u8>),
}

/// The bytes of one chunk.
enum Chunk<'a> {
    /// A range of the file. Zarr pads a short last chunk to the length of every other: `padded` bytes.
    Range { start: u64, bytes: u64, padded: u64 },
    /// These bytes.
    Inline(&'a [u8]),
}

/// A file that is read as a Zarr hierarchy.
pub struct VirtualStore {
    folder: Rc<dyn ByteSource>,
    file: String,
    /// Nodes by path; the root's is at "".
    nodes: Vec<(String, Json)>,
    /// Where the chunks of each array are, by the array's path.
    chunks: Vec<(String, ChunkIndex)>,
}

impl VirtualStore {
    /// A store of arrays: path, node and chunks of each. An array at "" is the root itself.
    pub(crate) fn new(
        folder: Rc<dyn ByteSource>,
        file: &str,
        arrays: Vec<(String, Json, ChunkIndex)>,
    ) -> Self {
        let mut store = Self { folder, file: file.to_owned(), nodes: Vec::new(), chunks: Vec::new() };
        for (path, node, chunks) in arrays {
            store.nodes.push((path.clone(), node));
            store.chunks.push((path, chunks));
        }
        store
    }

    /// A store of the nodes in a file's structure, and of how each array among them is stored.
    pub(crate) fn of_structure(
        folder: Rc<dyn ByteSource>,
        file: &str,
        nodes: Vec<(String, Json)>,
        storage: Vec<(String, Storage)>,
    ) -> Self {
        let mut store = Self { folder, file: file.to_owned(), nodes, chunks: Vec::new() };
        for (path, storage) in storage {
            let chunks = store.node_at(&path).and_then(|node| chunk_index(storage, node));
            store.chunks.extend(chunks.map(|chunks| (path, chunks)));
        }
        store
    }

    fn node_at(&self, path: &str) -> Option<&Json> {
        self.nodes.iter().find(|(other, _)| other == path).map(|(_, node)| node)
    }

    fn chunk(&self, key: &str) -> Option<Chunk<'_>> {
        self.chunks.iter().find_map(|(path, chunks)| {
            let within =
                if path.is_empty() { key } else { key.strip_prefix(path.as_str())?.strip_prefix('/')? };
            chunks.chunk(&ChunkKeyEncoding::DEFAULT.coordinates(within)?)
        })
    }
}

impl ChunkIndex {
    fn chunk(&self, coordinates: &[u64]) -> Option<Chunk<'_>> {
        match self {
            Self::Contiguous { start, bytes, chunk } => {
                let offset = coordinates.first()?.checked_mul(*chunk).filter(|offset| offset < bytes)?;
                Some(Chunk::Range {
                    start: start + offset,
                    bytes: (*chunk).min(bytes - offset),
                    padded: *chunk,
                })
            }
            Self::Chunked { grid, stored } => {
                let mut index = 0;
                for (coordinate, count) in coordinates.iter().zip(grid) {
                    index = index * count + coordinate;
                }
                let at = stored.binary_search_by(|chunk| chunk.number.cmp(&index)).ok()?;
                let StoredChunk { start, bytes, .. } = stored[at];
                Some(Chunk::Range { start, bytes, padded: bytes })
            }
            Self::Inline(bytes) => Some(Chunk::Inline(bytes)),
        }
    }
}

/// The chunks of an array that is stored so; `None` where the node does not say the array's chunk shape.
fn chunk_index(storage: Storage, node: &Json) -> Option<ChunkIndex> {
    let counts =
        |value: Option<&Json>| -> Option<Vec<u64>> { value?.as_array()?.iter().map(Json::as_u64).collect() };
    let shape = counts(node.get("shape"))?;
    let chunk =
        counts(node.get("chunk_grid").and_then(|grid| grid.get("configuration")?.get("chunk_shape")))?;
    let product = |list: &[u64]| list.iter().try_fold(1_u64, |product, n| product.checked_mul(*n));
    Some(match storage {
        Storage::Inline(values) => {
            ChunkIndex::Inline(values.into_iter().flat_map(f64::to_le_bytes).collect())
        }
        Storage::Chunked(stored) => {
            let grid =
                shape.iter().zip(&chunk).map(|(length, chunk)| length.div_ceil(*chunk.max(&1))).collect();
            ChunkIndex::Chunked { grid, stored }
        }
        Storage::Contiguous { start, bytes } => {
            // Nothing is stored where it was never written: then there is no chunk.
            let size = bytes.checked_div(product(&shape)?).unwrap_or(0);
            ChunkIndex::Contiguous { start, bytes, chunk: product(&chunk)?.checked_mul(size)?.max(1) }
        }
    })
}

/// The metadata of an array (`zarr.json`) whose chunks are `rows` whole frames each.
pub(crate) fn array_node(dtype: &str, big_endian: bool, shape: &[u64], rows: u64) -> Json {
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

impl ByteSource for VirtualStore {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        let missing = || SourceError::NotFound { location: self.location(key) };
        let (start, length, padded) = match self.chunk(key) {
            Some(Chunk::Range { start, bytes, padded }) => (start, bytes, padded),
            Some(Chunk::Inline(bytes)) => return ready(Ok(bytes.to_vec())).boxed_local(),
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
            Some(Chunk::Range { padded, .. }) => Ok(padded),
            Some(Chunk::Inline(bytes)) => Ok(bytes.len() as u64),
            None => Err(SourceError::NotFound { location: self.location(key) }),
        })
        .boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.folder.open(reference)
    }

    fn node<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<Option<Json>, Error>> {
        ready(Ok(self.node_at(path).cloned())).boxed_local()
    }

    fn location(&self, key: &str) -> String {
        let file = self.folder.location(&self.file);
        if key.is_empty() { file } else { format!("{file}#{key}") }
    }
}
