//! From a chunk of frames to byte ranges, and reading them.

use std::ops::Range;
use std::rc::Rc;

use super::array::Array;
use super::encoded::Encoded;
use super::shard::{Index, Indexes};
use crate::argsort::argsort;
use crate::error::{ArrayError, Error, SourceError};
use crate::futures::join;
use crate::source::Span;

/// Pieces of one chunk in time that are asked for at once: as many as a browser opens connections to a host.
const PIECES_IN_FLIGHT: usize = 6;
/// Pieces of a shard this close together are read in one range: a request costs more than these bytes.
const GAP: u64 = 32 << 10;

impl Array {
    /// Reads the bytes of a chunk in time; dropping the future aborts what is on its way.
    ///
    /// A whole chunk is one read. A piece of a shard is one range, and one more for the shard's index when the shard
    /// is first touched (with its size before that, where the index is at the end). Bins that are cut make several
    /// pieces; those that lie together in a shard are read together.
    pub async fn fetch(&self, chunk: u64) -> Result<Encoded, Error> {
        self.check(chunk)?;
        let pieces = self.grid.pieces(chunk);
        let reads = match &self.shards {
            None => pieces
                .iter()
                .enumerate()
                .map(|(number, piece)| Read::whole(self.key(piece), number))
                .collect(),
            Some(shards) => {
                let touched = self.touched(chunk, shards);
                let indexes = self.indexes(&touched, shards).await?;
                self.ranges(chunk, touched, &indexes)?
            }
        };
        let bytes = reads.iter().map(|read| Box::pin(self.read(read)) as _).collect();
        let bytes: Vec<Option<Vec<u8>>> = join(bytes, PIECES_IN_FLIGHT).await?;
        let mut encoded = Encoded { chunk, reads: Vec::new(), pieces: vec![None; pieces.len()] };
        for (bytes, read) in bytes.into_iter().zip(reads) {
            let Some(bytes) = bytes else { continue };
            for (number, within) in read.pieces {
                encoded.pieces[number] =
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
            Some(shards) => self.indexes(&self.touched(chunk, shards), shards).await.map(drop),
        }
    }

    /// The shards that hold the pieces of a chunk in time.
    fn touched(&self, chunk: u64, shards: &Indexes) -> Vec<Touched> {
        let pieces = self.grid.pieces(chunk);
        let places: Vec<_> = pieces.iter().map(|piece| shards.sharding.locate(piece)).collect();
        let order = argsort(places.len(), &mut |a, b| places[a].0.cmp(&places[b].0));
        let together = order.chunk_by(|a, b| places[*a].0 == places[*b].0);
        let touched = together.map(|numbers| Touched {
            key: self.key(&places[numbers[0]].0),
            slots: numbers.iter().map(|&number| (number, places[number].1)).collect(),
        });
        touched.collect()
    }

    async fn indexes(&self, touched: &[Touched], shards: &Indexes) -> Result<Vec<Option<Rc<Index>>>, Error> {
        let indexes = touched.iter().map(|shard| Box::pin(shards.get(&self.source, shard.key.clone())) as _);
        join(indexes.collect(), PIECES_IN_FLIGHT).await
    }

    /// What to read of shards: pieces that lie close together in one range.
    fn ranges(
        &self,
        chunk: u64,
        touched: Vec<Touched>,
        indexes: &[Option<Rc<Index>>],
    ) -> Result<Vec<Read>, Error> {
        let mut reads: Vec<Read> = Vec::new();
        for (Touched { key, slots }, index) in touched.into_iter().zip(indexes) {
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
                    reads.push(Read { key: key.clone(), range: range.clone(), pieces: Vec::new() });
                }
                if let Some(read) = reads.last_mut() {
                    read.range.end = read.range.end.max(range.end);
                    let [start, end] = [range.start, range.end].map(|at| (at - read.range.start) as usize);
                    read.pieces.push((number, start..end));
                }
            }
        }
        Ok(reads)
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

    /// The most bytes a stored piece can have: no codec makes a piece twice as large.
    fn encoded_bound(&self) -> u64 {
        let elements = self.grid.piece.iter().product::<u64>();
        2 * elements * self.stored_dtype.size() as u64 + (64 << 10)
    }
}

/// A shard, and which pieces of a chunk in time it holds.
struct Touched {
    key: String,
    /// Number of each piece within the chunk, and its place in the shard's index.
    slots: Vec<(usize, usize)>,
}

/// What is read at once, and which pieces of a chunk in time lie where in it.
struct Read {
    key: String,
    range: Range<u64>,
    pieces: Vec<(usize, Range<usize>)>,
}

/// The range of an object that is read whole, however long it is.
const WHOLE: Range<u64> = 0..u64::MAX;

impl Read {
    fn whole(key: String, number: usize) -> Self {
        Self { key, range: WHOLE, pieces: vec![(number, 0..usize::MAX)] }
    }
}
