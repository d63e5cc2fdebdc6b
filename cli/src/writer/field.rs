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

/// Called after every batch with the number of the field's chunks compressed so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// A field to be written.
#[derive(Debug, Clone)]
pub struct Field {
    /// The array's name.
    pub name: String,
    /// Chunks and shards of the array.
    pub layout: FieldLayout,
    /// The precision of the input values.
    pub given: Precision,
    /// Pooling methods of the pyramid; empty for no pyramid.
    pub pyramid: Vec<Pooling>,
}

/// Report on the written field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldReport {
    /// Bytes of all chunks as stored, shard indexes included.
    pub stored_bytes: u64,
    /// Bytes of all frames before compression.
    pub decoded_bytes: u64,
    /// Effect of the change of precision.
    pub rounding: Rounding,
    /// Report on the pyramid.
    pub pyramid: PyramidReport,
}

/// Report on a written pyramid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PyramidReport {
    /// The pooling methods.
    pub poolings: Vec<Pooling>,
    /// Levels of each method; a short field has none.
    pub levels: usize,
    /// Bytes of all levels as stored, shard indexes included.
    pub stored_bytes: u64,
}

/// Writes every chunk of a field, and its pyramid whole. The field's metadata are left to the caller.
///
/// `next_chunk(chunk, values)` is called once for each chunk, in order, and overwrites `values` with the little-endian values of its
/// frames in the given precision. Memory is bounded by a few chunks per core: while one batch is compressed, the previous one is
/// written and the next one read.
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

    // The limits are stored in the levels, so they are not needed without any.
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

/// The field's index among the written arrays; the levels of its pyramid follow.
const FIELD: usize = 0;

/// The buffers of a chunk, which are reused: allocating them would take longer than filling them.
#[derive(Default)]
struct Buffers {
    /// Little-endian values; the last chunk of an array may have fewer frames.
    values: Vec<u8>,
    /// The encoded bytes.
    packed: Vec<u8>,
}

/// A chunk to compress.
struct Chunk {
    array: usize,
    number: u64,
    /// The precision of its values.
    given: Precision,
    buffers: Buffers,
}

/// A compressed chunk.
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

/// Writes chunks in order. Buffers of the field's chunks are reused; levels have few chunks and allocate their own.
fn append(arrays: &mut [ShardWriter], chunks: Vec<Packed>, spare: &mut Vec<Buffers>) -> Result<(), CliError> {
    for Packed { array, buffers, .. } in chunks {
        arrays[array].append(&buffers.packed)?;
        if array == FIELD {
            spare.push(buffers);
        }
    }
    Ok(())
}
