//! Writes the time pyramid of a field: the same data with fewer frames, so that a long interval is a short read.
//!
//! A level has one frame for 16 of the level below. Levels are computed from the stored values while the field is written.

use rayon::prelude::*;
use serde_json::{Value, json};

use super::block::{Block, Pooling};
use super::{FieldLayout, GroupWriter};
use crate::error::CliError;

/// Frames of the level below in one frame of a level.
const FACTOR: u64 = 16;
/// A field or level with at most this many frames has no level above it.
const SHORT: u64 = 4096;

/// The levels above a field, the largest first; none where it is short.
pub fn levels(field: &FieldLayout) -> Vec<FieldLayout> {
    let mut levels = Vec::new();
    let mut frames = field.frames;
    while frames > SHORT {
        frames = frames.div_ceil(FACTOR);
        levels.push(FieldLayout::new(frames, field.bins, field.precision));
    }
    levels
}

/// The group of a field's levels.
fn group_name(field: &str, pooling: Pooling) -> String {
    format!("{field}_{}", pooling.name())
}

/// The array of a level; levels count from 0 here and from 1 in the name.
pub fn level_name(field: &str, pooling: Pooling, level: usize) -> String {
    format!("{}/{}", group_name(field, pooling), level + 1)
}

/// Adds the metadata of all levels and of their group; `limits` are the field's.
pub fn add_metadata(
    group: &mut GroupWriter,
    field: &str,
    layout: &FieldLayout,
    pooling: Pooling,
    limits: Option<&Value>,
) -> Result<(), CliError> {
    let levels = levels(layout);
    if !levels.is_empty() {
        group.add_group(&group_name(field, pooling))?;
    }
    let mut frames = 1;
    for (level, layout) in levels.iter().enumerate() {
        frames *= FACTOR;
        let mut attributes =
            json!({ "pooling": { "of": field, "method": pooling.name(), "frames": frames } });
        if let Some(limits) = limits {
            attributes["limits"] = limits.clone();
        }
        // The name contains the length: readers treat dimensions of the same name as one.
        let metadata = layout.metadata(&format!("time_{frames}"), &attributes);
        group.add_metadata(&level_name(field, pooling, level), metadata)?;
    }
    Ok(())
}

/// A chunk of a level, complete.
pub struct LevelChunk {
    /// The level, from 0.
    pub level: usize,
    /// Index of the chunk in the level.
    pub number: u64,
    /// Values of its frames as stored, little-endian.
    pub values: Vec<u8>,
}

/// The levels of one pooling method. Memory is one block and one chunk per level, for a field of any length.
pub struct Pyramid {
    field: FieldLayout,
    pooling: Pooling,
    /// Frames of the field added so far.
    frames: u64,
    levels: Vec<Level>,
}

impl Pyramid {
    /// The levels above a field before its first frame.
    pub fn new(field: FieldLayout, pooling: Pooling) -> Self {
        let levels = levels(&field).into_iter().map(|layout| Level::new(layout, pooling)).collect();
        Self { field, pooling, frames: 0, levels }
    }

    /// Pools the field's next chunks, each the values of its frames as stored. Returns the chunks of levels that are complete now, in the
    /// order of each level.
    pub fn add(&mut self, chunks: &[&[u8]]) -> Vec<LevelChunk> {
        let Some(first_level) = self.levels.first() else { return Vec::new() };
        let FieldLayout { frames: all, chunk_frames, .. } = self.field;
        let size = self.field.frame_bytes();
        let start = self.frames;
        let end = start + chunks.iter().map(|chunk| chunk.len() / size).sum::<usize>() as u64;
        let frame = |frame: u64| {
            let within = (frame - start) % chunk_frames;
            &chunks[((frame - start) / chunk_frames) as usize][within as usize * size..][..size]
        };
        // One thread pools a block from its first frame on, also across chunks: sums are the same on any number of threads.
        let pool = |number: u64| {
            let frames = number * FACTOR..((number + 1) * FACTOR).min(all);
            let mut block = if frames.start < start {
                first_level.block.clone()
            } else {
                Block::new(self.pooling, &self.field)
            };
            (frames.start.max(start)..frames.end.min(end)).for_each(|index| block.add_frame(frame(index)));
            let row = (frames.end <= end).then(|| block.row());
            (block, row)
        };
        let blocks: Vec<_> = (start / FACTOR..end.div_ceil(FACTOR)).into_par_iter().map(pool).collect();

        self.frames = end;
        let mut complete = Vec::new();
        for (block, row) in blocks {
            match row {
                Some(row) => self.rise(block, row, &mut complete),
                None => self.levels[0].block = block,
            }
        }
        complete
    }

    /// Adds a complete block of the field to the first level, a block that this completes to the next, and so on.
    fn rise(&mut self, mut block: Block, mut row: Vec<u8>, complete: &mut Vec<LevelChunk>) {
        for number in 0..self.levels.len() {
            let level = &mut self.levels[number];
            if let Some(values) = level.push(&row) {
                let chunk = (level.rows - 1) / level.layout.chunk_frames;
                complete.push(LevelChunk { level: number, number: chunk, values });
            }
            let (rows, is_last) = (level.rows, level.rows == level.layout.frames);
            let Some(above) = self.levels.get_mut(number + 1) else { break };
            above.block.add_block(&block);
            if !rows.is_multiple_of(FACTOR) && !is_last {
                break;
            }
            block = std::mem::replace(&mut above.block, Block::new(self.pooling, &self.field));
            row = block.row();
        }
    }
}

/// A level being computed.
struct Level {
    layout: FieldLayout,
    /// The block of the next row, from frames of the level below.
    block: Block,
    /// Rows so far; the last ones belong to the incomplete chunk.
    rows: u64,
    chunk: Vec<u8>,
}

impl Level {
    fn new(layout: FieldLayout, pooling: Pooling) -> Self {
        Self { layout, block: Block::new(pooling, &layout), rows: 0, chunk: Vec::new() }
    }

    /// Appends a row; returns the chunk that it completes.
    fn push(&mut self, row: &[u8]) -> Option<Vec<u8>> {
        if self.chunk.is_empty() {
            self.chunk.reserve_exact(self.layout.chunk_frames as usize * row.len());
        }
        self.chunk.extend(row);
        self.rows += 1;
        let is_complete =
            self.rows.is_multiple_of(self.layout.chunk_frames) || self.rows == self.layout.frames;
        is_complete.then(|| std::mem::take(&mut self.chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Precision;

    #[test]
    fn a_short_field_has_no_levels() {
        let frames = |frames| -> Vec<u64> {
            let field = FieldLayout::new(frames, 5, Precision::F32);
            levels(&field).iter().map(|level| level.frames).collect()
        };
        assert_eq!(frames(1), [0; 0]);
        assert_eq!(frames(4096), [0; 0]);
        assert_eq!(frames(4097), [257]);
        assert_eq!(frames(65_536), [4096]);
        assert_eq!(frames(65_537), [4097, 257]);
        assert_eq!(frames(3_600_000), [225_000, 14_063, 879]);
    }

    /// All values of each level, the field given in chunks and batches of these lengths.
    fn pooled(values: &[u8], pooling: Pooling, chunk_frames: u64, batch: usize) -> Vec<Vec<u8>> {
        let mut field = FieldLayout::new(values.len() as u64 / 8, 2, Precision::F32);
        field.chunk_frames = chunk_frames;
        let mut pyramid = Pyramid::new(field, pooling);
        let chunks: Vec<&[u8]> = values.chunks(chunk_frames as usize * field.frame_bytes()).collect();
        let mut found = vec![Vec::new(); levels(&field).len()];
        for LevelChunk { level, values, .. } in chunks.chunks(batch).flat_map(|batch| pyramid.add(batch)) {
            found[level].extend(values);
        }
        found
    }

    #[test]
    fn however_a_field_is_cut_its_levels_are_the_same() {
        // Numbers whose sum depends on the order of adding.
        let number = |index: u64| (index as f32 * 0.37).sin() * 10_f32.powi((index % 31) as i32 - 15);
        let values: Vec<u8> = (0..2 * 70_001).flat_map(|index| number(index).to_le_bytes()).collect();
        for pooling in Pooling::ALL {
            let whole = pooled(&values, pooling, 70_001, 1);
            assert_eq!(whole.iter().map(|level| level.len() / 8).collect::<Vec<_>>(), [4376, 274]);
            for (chunk_frames, batch) in [(1, 1), (1, 3), (5, 2), (16, 4), (26, 8), (1000, 7), (4096, 2)] {
                let cut = pooled(&values, pooling, chunk_frames, batch);
                assert!(cut == whole, "{pooling:?}, chunks of {chunk_frames}, batches of {batch}");
            }
        }
    }
}
