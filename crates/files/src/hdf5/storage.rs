//! Where the bytes of a dataset are.

use std::sync::Mutex;

use hdf5_pure::{ChunkIndex, Dataset, Layout};

use crate::blocks::{Blocks, lock};
use crate::hdf5::fault::reason;
use crate::hdf5::header::{Header, run};
use crate::structure::StoredChunk;

/// The most chunks of one dataset.
const CHUNKS: u64 = 1_000_000;
/// Bytes of the chunks into which contiguous rows are divided: what one request is good for; less for a line that is longer, since
/// a search for a time reads some of its chunks one after the other.
const ROWS: u64 = 1 << 20;
const LINE: u64 = 256 << 10;

/// How a dataset is stored.
pub struct Stored {
    /// Elements along each axis of a chunk.
    pub chunk_shape: Vec<u64>,
    /// Where its bytes are.
    pub storage: Bytes,
}

/// Where the bytes of a dataset are.
pub enum Bytes {
    /// In one run of the file, chunk after chunk of whole rows; none where nothing is stored.
    Run {
        /// In the file.
        start: u64,
        /// Its length.
        bytes: u64,
    },
    /// Those chunks of the grid that are stored, in C order.
    Chunks(Vec<StoredChunk>),
    /// Here.
    Here(Vec<u8>),
}

impl Stored {
    /// Finds out, or says what is wrong.
    pub fn of(
        dataset: &Dataset,
        header: &Header,
        shape: &[u64],
        element_size: u64,
        blocks: &Mutex<Blocks>,
    ) -> Result<Self, String> {
        let size = lock(blocks).size();
        let bytes = shape.iter().try_fold(element_size, |product, length| product.checked_mul(*length));
        let bytes = bytes.ok_or("it has more bytes than can be counted")?;
        let fits = |stored: u64| {
            let text = || format!("it has {bytes} bytes, but {stored} are stored");
            if stored == bytes { Ok(()) } else { Err(text()) }
        };
        match dataset.layout().map_err(|error| reason(&error))? {
            Layout::Compact { .. } => {
                let data = header.compact().ok_or("its values in its header cannot be read")?;
                fits(data.len() as u64)?;
                Ok(Self { chunk_shape: Vec::new(), storage: Bytes::Here(data.to_vec()) })
            }
            Layout::Contiguous { address: Some(start), size: stored } => {
                fits(stored)?;
                check_end(start, bytes, size)?;
                Ok(Self { chunk_shape: rows(shape, element_size), storage: Bytes::Run { start, bytes } })
            }
            Layout::Contiguous { address: None, .. } if header.is_external() => {
                Err("its values are in another file".to_owned())
            }
            Layout::Contiguous { address: None, .. } => Ok(Self {
                chunk_shape: rows(shape, element_size),
                storage: Bytes::Run { start: 0, bytes: 0 },
            }),
            Layout::Chunked { chunk_shape, index } => {
                let chunks = chunks(dataset, shape, &chunk_shape, index, size)?;
                Ok(Self { chunk_shape, storage: Bytes::Chunks(chunks) })
            }
            Layout::Virtual => Err("its values are in other datasets (it is virtual)".to_owned()),
            _ => Err("it is stored in a way that is not known".to_owned()),
        }
    }

    /// The bytes themselves, in C order, what is not stored as 0; at most `limit`.
    pub fn bytes(
        &self,
        shape: &[u64],
        element_size: u64,
        limit: u64,
        blocks: &Mutex<Blocks>,
    ) -> Result<Vec<u8>, String> {
        let total = shape.iter().try_fold(element_size, |product, length| product.checked_mul(*length));
        let total =
            total.filter(|total| *total <= limit).ok_or_else(|| format!("it has more than {limit} bytes"))?;
        if total == 0 {
            return Ok(Vec::new());
        }
        match &self.storage {
            Bytes::Here(bytes) => Ok(bytes.clone()),
            Bytes::Run { bytes: 0, .. } => Ok(vec![0; total as usize]),
            Bytes::Run { start, bytes } => run(&mut lock(blocks), *start, *bytes, limit),
            Bytes::Chunks(chunks) => {
                let mut joined = vec![0; total as usize];
                for StoredChunk { number, start, bytes } in chunks {
                    // Goes on where one is missing, so that all are fetched together.
                    match run(&mut lock(blocks), *start, *bytes, limit) {
                        Ok(bytes) => self.join(&mut joined, &bytes, *number, shape, element_size),
                        Err(reason) if reason.is_empty() => {}
                        Err(reason) => return Err(reason),
                    }
                }
                if lock(blocks).is_missing() { Err(String::new()) } else { Ok(joined) }
            }
        }
    }

    /// Puts a chunk where it belongs, run after run along the last axis.
    fn join(&self, joined: &mut [u8], chunk: &[u8], index: u64, shape: &[u64], element_size: u64) {
        let last = shape.len() - 1;
        // Of a chunk that is longer than what came of it, there are no whole runs.
        let along = self.chunk_shape[last].saturating_mul(element_size);
        let length = usize::try_from(along).unwrap_or(usize::MAX);
        for (run, bytes) in chunk.chunks_exact(length).enumerate() {
            let (mut chunk_at, mut row_at) = (index, run as u64);
            let (mut to, mut stride, mut kept) = (0, element_size, along);
            for axis in (0..=last).rev() {
                let grid = shape[axis].div_ceil(self.chunk_shape[axis]);
                let mut at = chunk_at % grid * self.chunk_shape[axis];
                chunk_at /= grid;
                if axis == last {
                    kept = kept.min((shape[axis] - at) * element_size);
                } else {
                    at += row_at % self.chunk_shape[axis];
                    row_at /= self.chunk_shape[axis];
                    if at >= shape[axis] {
                        kept = 0;
                    }
                }
                to += at * stride;
                stride *= shape[axis];
            }
            if kept > 0
                && let Some(target) = joined.get_mut(to as usize..(to + kept) as usize)
            {
                target.copy_from_slice(&bytes[..kept as usize]);
            }
        }
    }
}

/// Chunks of whole rows for what is stored row after row.
fn rows(shape: &[u64], element_size: u64) -> Vec<u64> {
    let mut chunk_shape: Vec<u64> = shape.iter().map(|length| (*length).max(1)).collect();
    let Some((first, inner)) = chunk_shape.split_first_mut() else { return chunk_shape };
    // Of what is empty along another axis, lengths may be anything.
    let row = inner.iter().fold(element_size, |product, length| product.saturating_mul(*length));
    let line = inner.is_empty() && first.saturating_mul(row) > ROWS;
    let target = if line { LINE } else { ROWS };
    *first = (target / row).clamp(1, *first);
    chunk_shape
}

/// The chunks of the grid that are stored: a grid may claim a million of them, and a file have none.
fn chunks(
    dataset: &Dataset,
    shape: &[u64],
    chunk_shape: &[u64],
    index: ChunkIndex,
    size: u64,
) -> Result<Vec<StoredChunk>, String> {
    if chunk_shape.len() != shape.len() || shape.is_empty() || chunk_shape.contains(&0) {
        return Err(format!("it has {} axes, but its chunks have {}", shape.len(), chunk_shape.len()));
    }
    let grid: Vec<u64> =
        shape.iter().zip(chunk_shape).map(|(length, chunk)| length.div_ceil(*chunk)).collect();
    let count = grid.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
    if count.is_none_or(|count| count > CHUNKS) {
        return Err(format!("it has more than {CHUNKS} chunks"));
    }
    let mut found: Vec<StoredChunk> = Vec::new();
    let stored = dataset.chunks().map_err(|error| match index {
        ChunkIndex::BTreeV2 => "its chunks are in a B-tree of version 2, which is not read".to_owned(),
        _ => reason(&error),
    })?;
    for chunk in stored {
        if chunk.filter_mask != 0 {
            return Err("some of its chunks leave out some of its filters".to_owned());
        }
        check_end(chunk.address, chunk.storage_size, size)?;
        let mut axes = chunk.offset.iter().zip(chunk_shape).zip(&grid);
        let number = axes.try_fold(0, |number, ((offset, chunk), grid)| {
            let at = offset / chunk;
            // Chunks beyond the end may be left over from when it was longer.
            (at < *grid).then(|| number * grid + at)
        });
        found.extend(number.map(|number| StoredChunk {
            number,
            start: chunk.address,
            bytes: chunk.storage_size,
        }));
    }
    // Of two with one number the later one holds.
    found.reverse();
    found.sort_by_key(|chunk| chunk.number);
    found.dedup_by_key(|chunk| chunk.number);
    Ok(found)
}

fn check_end(start: u64, bytes: u64, size: u64) -> Result<(), String> {
    match start.checked_add(bytes) {
        Some(end) if end <= size => Ok(()),
        _ => Err(format!("it has {bytes} bytes at {start}, but the file ends at {size}")),
    }
}
