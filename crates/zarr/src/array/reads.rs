//! Which ranges of which objects hold a chunk in time.

use std::ops::Range;
use std::rc::Rc;

use crate::argsort::argsort;
use crate::array::array::Array;
use crate::array::shard::{Index, Indexes};
use crate::error::{ArrayError, Error};
use crate::futures::join;

/// Ranges of one chunk in time that are fetched at once: as many as a browser opens connections to a host.
pub(super) const MAX_REQUESTS: usize = 6;
/// Inner chunks of a shard this close together are read in one range: a request costs more than these bytes.
const GAP: u64 = 32 << 10;

/// A shard, and which inner chunks of a chunk in time it holds.
pub(super) struct ShardRead {
    pub key: String,
    /// Number of each inner chunk within the chunk, and its place in the shard's index.
    pub slots: Vec<(usize, usize)>,
}

/// What is read at once, and which inner chunks of a chunk in time lie where in it.
pub(super) struct Read {
    pub key: String,
    pub range: Range<u64>,
    pub inner: Vec<(usize, Range<usize>)>,
}

/// The range of an object that is read whole, however long it is.
pub(super) const WHOLE: Range<u64> = 0..u64::MAX;

impl Read {
    pub fn whole(key: String, number: usize) -> Self {
        Self { key, range: WHOLE, inner: vec![(number, 0..usize::MAX)] }
    }
}

impl Array {
    /// The shards that hold the inner chunks of a chunk in time.
    pub(super) fn shard_reads(&self, chunk: u64, shards: &Indexes) -> Vec<ShardRead> {
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

    pub(super) async fn indexes(
        &self,
        shard_reads: &[ShardRead],
        shards: &Indexes,
    ) -> Result<Vec<Option<Rc<Index>>>, Error> {
        let indexes =
            shard_reads.iter().map(|shard| Box::pin(shards.get(&self.source, shard.key.clone())) as _);
        join(indexes.collect(), MAX_REQUESTS).await
    }

    /// What to read of shards: inner chunks that lie close together in one range.
    pub(super) fn ranges(
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
