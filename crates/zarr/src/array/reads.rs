//! From a chunk in time to the ranges of objects that hold it, and fetching them.

use std::ops::Range;
use std::rc::Rc;

use crate::argsort::argsort;
use crate::array::array::Array;
use crate::array::encoded::Encoded;
use crate::array::shard::{Index, Indexes};
use crate::error::{ArrayError, Error, SourceError};
use crate::futures::join;
use crate::source::Span;

/// Ranges of one chunk in time that are fetched at once: as many as a browser opens connections to a host.
const MAX_REQUESTS: usize = 6;
/// Inner chunks of a shard this close together are read in one range: a request costs more than these bytes.
const GAP: u64 = 32 << 10;

/// A shard, and which inner chunks of a chunk in time it holds.
struct ShardRead {
    key: String,
    /// Number of each inner chunk within the chunk, and its place in the shard's index.
    slots: Vec<(usize, usize)>,
}

/// What is read at once, and which inner chunks of a chunk in time lie where in it.
struct Read {
    key: String,
    range: Range<u64>,
    inner: Vec<(usize, Range<usize>)>,
}

/// The range of an object that is read whole, however long it is.
const WHOLE: Range<u64> = 0..u64::MAX;

impl Read {
    fn whole(key: String, number: usize) -> Self {
        Self { key, range: WHOLE, inner: vec![(number, 0..usize::MAX)] }
    }
}

impl Array {
    /// Reads the bytes of a chunk in time; dropping the future aborts what is on its way.
    ///
    /// A whole chunk is one read. An inner chunk of a shard is one range, and one more for the shard's index when the shard
    /// is first touched (with its size before that, where the index is at the end). Bins that are cut make several
    /// inner chunks; those that lie together in a shard are read together.
    pub async fn fetch(&self, chunk: u64) -> Result<Encoded, Error> {
        self.check(chunk)?;
        let inner = self.grid.inner_chunks(chunk);
        let reads = match &self.shards {
            None => {
                inner.iter().enumerate().map(|(number, inner)| Read::whole(self.key(inner), number)).collect()
            }
            Some(shards) => {
                let shard_reads = self.shard_reads(chunk, shards);
                let indexes = self.indexes(&shard_reads, shards).await?;
                self.ranges(chunk, shard_reads, &indexes)?
            }
        };
        let bytes = reads.iter().map(|read| Box::pin(self.read(read)) as _).collect();
        let bytes: Vec<Option<Vec<u8>>> = join(bytes, MAX_REQUESTS).await?;
        let mut encoded = Encoded { chunk, reads: Vec::new(), inner: vec![None; inner.len()] };
        for (bytes, read) in bytes.into_iter().zip(reads) {
            let Some(bytes) = bytes else { continue };
            for (number, within) in read.inner {
                encoded.inner[number] =
                    Some((encoded.reads.len(), within.start..within.end.min(bytes.len())));
            }
            encoded.reads.push(bytes);
        }
        Ok(encoded)
    }

    /// Reads the shard indexes that a chunk's ranges stand in, so that fetching it later is one round trip.
    pub async fn prepare(&self, chunk: u64) -> Result<(), Error> {
        match &self.shards {
            None => Ok(()),
            Some(shards) => self.indexes(&self.shard_reads(chunk, shards), shards).await.map(drop),
        }
    }

    /// `None` where an object is not there: by Zarr's rule such a chunk holds the fill value.
    async fn read(&self, read: &Read) -> Result<Option<Vec<u8>>, Error> {
        let whole = read.range == WHOLE;
        let span = if whole { Span::Whole } else { Span::Range(read.range.clone()) };
        match self.source.read(&read.key, span).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(SourceError::NotFound { .. }) if whole => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The shards that hold the inner chunks of a chunk in time.
    fn shard_reads(&self, chunk: u64, shards: &Indexes) -> Vec<ShardRead> {
        let inner = self.grid.inner_chunks(chunk);
        let places: Vec<_> = inner.iter().map(|inner| shards.sharding.locate(inner)).collect();
        let order = argsort(places.len(), &mut |a, b| places[a].0.cmp(&places[b].0));
        let together = order.chunk_by(|a, b| places[*a].0 == places[*b].0);
        let shard_reads = together.map(|numbers| ShardRead {
            key: self.key(&places[numbers[0]].0),
            slots: numbers.iter().map(|&number| (number, places[number].1)).collect(),
        });
        shard_reads.collect()
    }

    async fn indexes(
        &self,
        shard_reads: &[ShardRead],
        shards: &Indexes,
    ) -> Result<Vec<Option<Rc<Index>>>, Error> {
        let indexes =
            shard_reads.iter().map(|shard| Box::pin(shards.get(&self.source, shard.key.clone())) as _);
        join(indexes.collect(), MAX_REQUESTS).await
    }

    /// What to read of shards: inner chunks that lie close together in one range.
    fn ranges(
        &self,
        chunk: u64,
        shard_reads: Vec<ShardRead>,
        indexes: &[Option<Rc<Index>>],
    ) -> Result<Vec<Read>, Error> {
        let mut reads: Vec<Read> = Vec::new();
        for (ShardRead { key, slots }, index) in shard_reads.into_iter().zip(indexes) {
            let Some(index) = index else { continue };
            let mut ranges = Vec::new();
            for (number, slot) in slots {
                let range =
                    index.range(slot, self.encoded_bound()).map_err(|reason| ArrayError::ShardIndex {
                        reason: format!("chunk {chunk}: {reason}"),
                        location: self.source.location(&key),
                    })?;
                ranges.extend(range.map(|range| (number, range)));
            }
            let first = reads.len();
            for at in argsort(ranges.len(), &mut |a, b| ranges[a].1.start.cmp(&ranges[b].1.start)) {
                let (number, range) = ranges[at].clone();
                let near = reads[first..]
                    .last()
                    .is_some_and(|read| range.start <= read.range.end.saturating_add(GAP));
                if !near {
                    reads.push(Read { key: key.clone(), range: range.clone(), inner: Vec::new() });
                }
                if let Some(read) = reads.last_mut() {
                    read.range.end = read.range.end.max(range.end);
                    let [start, end] = [range.start, range.end].map(|at| (at - read.range.start) as usize);
                    read.inner.push((number, start..end));
                }
            }
        }
        Ok(reads)
    }
}
