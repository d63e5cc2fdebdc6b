//! Shards: many inner chunks in one object, found through an index of byte ranges.
//! <https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html>

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use replayscope_codecs::{DataType, Fault};

use super::codec::{self, Codecs};
use super::metadata::Extension;
use crate::error::Error;
use crate::error::SourceError;
use crate::error::{ArrayError, Flaw};
use crate::futures::Shared;
use crate::json::Json;
use crate::source::{ByteSource, Span};

/// Offset and length of this say that the inner chunk is not stored.
const ABSENT: u64 = u64::MAX;
/// No index is larger: four million inner chunks in a shard.
const MAX_INDEX_BYTES: u64 = 64 << 20;
/// All indexes that are kept for one array, together.
const CACHE_BYTES: u64 = 16 << 20;

/// How shards are laid out.
#[derive(Debug, Clone)]
pub(super) struct Sharding {
    /// Shape of an inner chunk.
    pub inner_shape: Vec<u64>,
    /// Codecs of an inner chunk, still by name.
    pub codecs: Vec<Extension>,
    /// Inner chunks of a shard along each dimension.
    counts: Vec<u64>,
    index_codecs: Codecs,
    index_at_start: bool,
}

impl Sharding {
    /// Reads the configuration of `sharding_indexed` for shards of the given shape.
    pub fn from_extension(codec: &Extension, shard: &[u64]) -> Result<Self, Flaw> {
        let invalid = |what: String| Flaw::Invalid(format!("codec `sharding_indexed`: {what}"));
        let inner_shape = codec
            .counts("chunk_shape")
            .filter(|inner| inner.len() == shard.len() && !inner.contains(&0))
            .ok_or_else(|| {
                let found = codec.configuration.get("chunk_shape").unwrap_or(&Json::Null).brief();
                invalid(format!("chunk_shape {found} in shards of {shard:?}"))
            })?;
        if shard.iter().zip(&inner_shape).any(|(shard, inner)| !shard.is_multiple_of(*inner)) {
            return Err(invalid(format!("chunk_shape {inner_shape:?} does not divide shards of {shard:?}")));
        }
        let chain = |key: &str| {
            Extension::list(codec.configuration.get(key))
                .ok_or_else(|| invalid(format!("`{key}` is missing")))
        };
        let counts: Vec<_> = shard.iter().zip(&inner_shape).map(|(shard, inner)| shard / inner).collect();
        let index_codecs =
            Codecs::from_extensions(&chain("index_codecs")?, shard.len() + 1, DataType::UInt64)?;
        if index_codecs.encoded_len(0).is_none() {
            return Err(Flaw::Unsupported("A compressed shard index".to_owned(), codec::HINT));
        }
        let index_at_start = match codec.configuration.get("index_location").map(Json::as_str) {
            None | Some(Some("end")) => false,
            Some(Some("start")) => true,
            Some(_) => return Err(invalid("index_location is neither start nor end".to_owned())),
        };
        let sharding = Self { codecs: chain("codecs")?, inner_shape, counts, index_codecs, index_at_start };
        match sharding.index_len() {
            Some(len) if len <= MAX_INDEX_BYTES => Ok(sharding),
            _ => Err(Flaw::Unsupported(format!("A shard of {:?} chunks", sharding.counts), codec::HINT)),
        }
    }

    /// The shard that holds an inner chunk, and the inner chunk's place in its index.
    pub fn locate(&self, inner: &[u64]) -> (Vec<u64>, usize) {
        let shard = inner.iter().zip(&self.counts).map(|(at, count)| at / count).collect();
        let slot = inner.iter().zip(&self.counts).fold(0, |slot, (at, count)| slot * count + at % count);
        (shard, slot as usize)
    }

    /// Bytes of an index as stored.
    fn index_len(&self) -> Option<u64> {
        let inner = self.counts.iter().try_fold(1_u64, |product, count| product.checked_mul(*count))?;
        self.index_codecs.encoded_len(inner.checked_mul(2)?)
    }

    /// Reads a shard's index: one range where it is at the start, a size and a range where it is at the end.
    /// `None` where the shard is not stored.
    async fn read_index(
        self: Rc<Self>,
        source: Rc<dyn ByteSource>,
        key: String,
    ) -> Result<Option<Rc<Index>>, Error> {
        match self.read_bytes(&*source, &key).await {
            Ok((bytes, size)) => {
                let index = self.index(&bytes, size);
                index.map(|index| Some(Rc::new(index))).map_err(|fault| located(fault, source.location(&key)))
            }
            Err(Error::Source(SourceError::NotFound { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An index as stored, and the shard's length where that had to be known.
    async fn read_bytes(&self, source: &dyn ByteSource, key: &str) -> Result<(Vec<u8>, Option<u64>), Error> {
        let len = self.index_len().unwrap_or(MAX_INDEX_BYTES);
        let (start, size) = if self.index_at_start {
            (0, None)
        } else {
            let size = source.size(key).await?;
            let start = size.checked_sub(len).ok_or_else(|| ArrayError::ShardIndex {
                reason: format!("the file has {size} bytes, fewer than the {len} of its index"),
                location: source.location(key),
            })?;
            (start, Some(size))
        };
        Ok((source.read(key, Span::Range(start..start + len)).await?, size))
    }

    fn index(&self, bytes: &[u8], size: Option<u64>) -> Result<Index, Fault> {
        let shape: Vec<_> = self.counts.iter().chain(&[2]).map(|count| *count as usize).collect();
        let raw = self.index_codecs.decode(bytes, &shape)?;
        let words = raw.as_chunks::<8>().0.as_chunks::<2>().0;
        Ok(Index {
            entries: words.iter().map(|entry| entry.map(u64::from_le_bytes)).collect(),
            first: if self.index_at_start { bytes.len() as u64 } else { 0 },
            size,
        })
    }
}

fn located(fault: Fault, location: String) -> Error {
    let reason = match fault {
        Fault::Checksum { stored, computed, .. } => {
            format!("its crc32c is {computed:08x} and should be {stored:08x}")
        }
        Fault::Corrupt { reason, .. } => reason,
        Fault::Memory { bytes } => return ArrayError::OutOfMemory { bytes, location }.into(),
    };
    ArrayError::ShardIndex { reason, location }.into()
}

/// Where the inner chunks of one shard lie.
#[derive(Debug)]
pub(super) struct Index {
    /// Offset and length of each.
    entries: Vec<[u64; 2]>,
    /// The first byte that can belong to an inner chunk.
    first: u64,
    /// The shard's length, where it is known.
    size: Option<u64>,
}

impl Index {
    /// The bytes of the inner chunk in that place of the index; `None` where it is not stored. `Err` says what is wrong.
    pub fn range(&self, slot: usize, bound: u64) -> Result<Option<Range<u64>>, String> {
        let Some(&[offset, length]) = self.entries.get(slot) else {
            return Err(format!("it has no entry {slot}"));
        };
        if (offset, length) == (ABSENT, ABSENT) {
            return Ok(None);
        }
        let end = offset.checked_add(length).filter(|end| *end <= self.size.unwrap_or(u64::MAX));
        match end {
            Some(end) if offset >= self.first && length > 0 && length <= bound => Ok(Some(offset..end)),
            _ => Err(format!(
                "entry {slot} says {length} bytes at {offset}, which cannot be (the file has {} bytes, a chunk at most {bound})",
                self.size.map_or_else(|| "an unknown number of".to_owned(), |size| size.to_string())
            )),
        }
    }
}

type Pending = Shared<Result<Option<Rc<Index>>, Error>>;

/// The indexes read so far and those on their way, so that each is read once; a failed one is forgotten.
pub(super) struct Indexes {
    pub sharding: Rc<Sharding>,
    capacity: usize,
    kept: RefCell<Vec<Kept>>,
    clock: Cell<u64>,
}

struct Kept {
    /// Of the shard.
    key: String,
    /// When it was last wanted.
    used: u64,
    index: Rc<Pending>,
}

impl Indexes {
    /// Bytes of a shard's index.
    pub fn index_len(&self) -> Option<u64> {
        self.sharding.index_len()
    }

    pub fn new(sharding: Sharding) -> Self {
        let capacity = CACHE_BYTES / sharding.index_len().unwrap_or(CACHE_BYTES).max(1);
        let capacity = capacity.clamp(2, 1024) as usize;
        Self { sharding: Rc::new(sharding), capacity, kept: RefCell::default(), clock: Cell::default() }
    }

    /// The index of the shard stored under `key`.
    pub async fn get(&self, source: &Rc<dyn ByteSource>, key: String) -> Result<Option<Rc<Index>>, Error> {
        let pending = self.pending(source, key);
        let result = pending.wait().await;
        if result.is_err() {
            // Whoever finds the failed promise first takes it away; a newer one under the same name stays.
            self.kept.borrow_mut().retain(|kept| !Rc::ptr_eq(&kept.index, &pending));
        }
        result
    }

    fn pending(&self, source: &Rc<dyn ByteSource>, key: String) -> Rc<Pending> {
        let used = self.clock.get() + 1;
        self.clock.set(used);
        let mut kept = self.kept.borrow_mut();
        if let Some(known) = kept.iter_mut().find(|kept| kept.key == key) {
            known.used = used;
            return known.index.clone();
        }
        if kept.len() >= self.capacity
            && let Some(oldest) = (0..kept.len()).min_by_key(|at| kept[*at].used)
        {
            kept.swap_remove(oldest);
        }
        let read = self.sharding.clone().read_index(source.clone(), key.clone());
        let index = Rc::new(Shared::new(Box::pin(read)));
        kept.push(Kept { key, used, index: index.clone() });
        index
    }
}
