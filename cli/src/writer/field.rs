//! Writes the chunks of a field and of its pyramid: read or computed in order, compressed on all cores, appended in
//! order.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::limits::Limits;
use super::pyramid::{self, LevelChunk, Pyramid};
use super::shard::ShardWriter;
use super::{FieldLayout, GroupWriter, Pooling, Precision, Rounding, blosc};
use crate::error::CliError;

/// Chunks in a batch, for each core: enough that no core waits long for the others at its end.
const BATCH: u64 = 4;

/// Called after every batch of chunks, with the number of chunks of the field that are compressed.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// A field to be written.
#[derive(Debug, Clone)]
pub struct Field {
    /// The array's name.
    pub name: String,
    /// How it is cut.
    pub layout: FieldLayout,
    /// The precision its values are given in.
    pub given: Precision,
    /// The ways in which a pyramid pools it; none is no pyramid.
    pub pyramid: Vec<Pooling>,
}

/// What was written of the field itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldReport {
    /// Bytes of all chunks as stored, shard indexes included.
    pub stored_bytes: u64,
    /// Bytes of all frames before compression.
    pub decoded_bytes: u64,
    /// What a change of precision did to the values.
    pub rounding: Rounding,
    /// What was written of its pyramid.
    pub pyramid: PyramidReport,
}

/// What was written of a pyramid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PyramidReport {
    /// The ways in which it pools.
    pub poolings: Vec<Pooling>,
    /// Levels of each pooling; a short field has none.
    pub levels: usize,
    /// Bytes of the levels of all poolings as stored, shard indexes included.
    pub stored_bytes: u64,
}

/// Writes every chunk of a field, and its pyramid whole. The field's metadata are left to the caller.
///
/// `next_chunk(chunk, values)` is called once for each chunk, in order, and makes `values`, which hold anything, the
/// little-endian values of its frames, of the precision given.
/// Memory is bounded by a few chunks a core: while one batch is compressed, the one before is written and the next made.
pub fn write_field(
    group: &mut GroupWriter,
    field: &Field,
    mut next_chunk: impl FnMut(u64, &mut Vec<u8>) -> Result<(), CliError> + Send,
    stop: &AtomicBool,
    progress: Progress<'_>,
) -> Result<FieldReport, CliError> {
    let layout = &field.layout;
    let levels = pyramid::levels(layout);
    let poolings: Vec<Pooling> =
        Pooling::ALL.into_iter().filter(|pooling| field.pyramid.contains(pooling)).collect();
    let mut arrays = vec![ShardWriter::new(group.folder_of(&field.name), *layout)];
    let mut pyramids = Vec::new();
    for &pooling in &poolings {
        pyramids.push((arrays.len(), Pyramid::new(*layout, pooling)));
        arrays.extend(levels.iter().enumerate().map(|(level, layout)| {
            ShardWriter::new(group.folder_of(&pyramid::level_name(&field.name, pooling, level)), *layout)
        }));
    }

    let batch_chunks = BATCH * rayon::current_num_threads() as u64;
    let mut following = 0;
    let mut make_batch = |spare: &mut Vec<Buffers>| -> Result<Vec<Chunk>, CliError> {
        let numbers = following..(following + batch_chunks).min(layout.chunks());
        following = numbers.end;
        let make = |number| {
            if stop.load(Ordering::Relaxed) {
                return Err(CliError::Interrupted);
            }
            let mut buffers = spare.pop().unwrap_or_default();
            next_chunk(number, &mut buffers.values)?;
            Ok(Chunk { array: FIELD, number, given: field.given, buffers })
        };
        numbers.map(make).collect()
    };

    // Levels tell the limits: without any nobody would read them.
    let mut limits = (arrays.len() > 1).then(|| Limits::new(*layout));
    let mut rounding = Rounding::default();
    let mut written = 0;
    let mut spare = Vec::new();
    let mut packed: Vec<Packed> = Vec::new();
    let mut batch = make_batch(&mut spare)?;
    while !batch.is_empty() {
        let layouts: Vec<FieldLayout> = arrays.iter().map(|array| *array.layout()).collect();
        let (compressed, next_batch) = rayon::join(
            || batch.into_par_iter().map(|chunk| chunk.pack(&layouts)).collect::<Result<Vec<_>, _>>(),
            || {
                append(&mut arrays, packed, &mut spare)?;
                make_batch(&mut spare)
            },
        );
        packed = compressed?;
        batch = next_batch?;

        let of_field = packed.iter().filter(|packed| packed.array == FIELD);
        let values: Vec<&[u8]> = of_field.map(|packed| packed.buffers.values.as_slice()).collect();
        for (first, pyramid) in &mut pyramids {
            let chunks = pyramid.add(&values).into_iter();
            batch.extend(chunks.map(|LevelChunk { level, number, values }| Chunk {
                array: *first + level,
                number,
                given: layout.precision,
                buffers: Buffers { values, packed: Vec::new() },
            }));
        }
        if let Some(limits) = &mut limits {
            limits.add(&values);
        }
        for packed in &packed {
            rounding.add(&packed.rounding);
        }
        written += values.len() as u64;
        progress(written);
    }
    append(&mut arrays, packed, &mut spare)?;
    let limits = limits.and_then(|limits| limits.attribute());
    for &pooling in &poolings {
        pyramid::add_metadata(group, &field.name, layout, pooling, limits.as_ref())?;
    }
    let stored = arrays.iter_mut().map(ShardWriter::finish).collect::<Result<Vec<_>, _>>()?;
    Ok(FieldReport {
        stored_bytes: stored[FIELD],
        decoded_bytes: layout.frames * layout.frame_bytes() as u64,
        rounding,
        pyramid: PyramidReport {
            poolings,
            levels: levels.len(),
            stored_bytes: stored[FIELD + 1..].iter().sum(),
        },
    })
}

/// The field's place among the arrays that are written; the levels of its pyramid follow.
const FIELD: usize = 0;

/// The memory of a chunk. It goes round: getting it anew would take longer than filling it.
#[derive(Default)]
struct Buffers {
    /// Little-endian; of the last chunk of an array, those of the frames there are.
    values: Vec<u8>,
    /// What is stored of them.
    packed: Vec<u8>,
}

/// A chunk of one of the arrays, to be compressed.
struct Chunk {
    array: usize,
    number: u64,
    /// The precision of its values.
    given: Precision,
    buffers: Buffers,
}

/// A chunk that was, of values as they are stored.
struct Packed {
    array: usize,
    rounding: Rounding,
    buffers: Buffers,
}

impl Chunk {
    /// Rounds, and applies the codec chain `bytes, blosc, crc32c`.
    fn pack(self, layouts: &[FieldLayout]) -> Result<Packed, CliError> {
        let Self { array, number, given, buffers: Buffers { values, mut packed } } = self;
        let layout = &layouts[array];
        let (mut values, rounding) = Rounding::chunk(values, given, layout.precision, number)?;
        let length = values.len();
        // A short last chunk is padded with NaN to the full chunk shape.
        let full = layout.chunk_frames as usize * layout.frame_bytes();
        while values.len() < full {
            layout.precision.push(f64::NAN, &mut values);
        }
        blosc::encode(&values, layout.precision.size(), &mut packed)?;
        packed.extend(crc32c::crc32c(&packed).to_le_bytes());
        values.truncate(length);
        Ok(Packed { array, rounding, buffers: Buffers { values, packed } })
    }
}

/// Writes chunks in their order. The buffers of the field's are kept; levels have few, and make their own.
fn append(arrays: &mut [ShardWriter], chunks: Vec<Packed>, spare: &mut Vec<Buffers>) -> Result<(), CliError> {
    for Packed { array, buffers, .. } in chunks {
        arrays[array].append(&buffers.packed)?;
        if array == FIELD {
            spare.push(buffers);
        }
    }
    Ok(())
}
