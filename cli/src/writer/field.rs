//! Writes the chunks of a field: read or computed in order, compressed on all cores, appended in order.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{FieldLayout, Precision, Rounding, blosc};
use crate::error::CliError;

/// Told after every batch of chunks: chunks written so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FieldReport {
    /// Bytes of all chunks as stored, shard indexes included.
    pub stored_bytes: u64,
    /// Bytes of all frames before compression.
    pub decoded_bytes: u64,
    /// What a change of precision did to the values.
    pub rounding: Rounding,
}

/// Writes every chunk of the array at `folder`.
///
/// `next_chunk(chunk)` is called once for each chunk, in order, and returns the little-endian values of its frames, of
/// the precision `given`.
/// Memory is bounded by a few chunks a core: while one batch is compressed, the next is made.
pub fn write_field(
    folder: &Path,
    layout: &FieldLayout,
    given: Precision,
    mut next_chunk: impl FnMut(u64) -> Result<Vec<u8>, CliError> + Send,
    stop: &AtomicBool,
    progress: Progress<'_>,
) -> Result<FieldReport, CliError> {
    let chunks = layout.chunks();
    let window = 2 * rayon::current_num_threads() as u64;
    let mut make_batch =
        |start: u64| -> Result<Vec<Vec<u8>>, CliError> {
            (start..(start + window).min(chunks))
                .map(|chunk| {
                    if stop.load(Ordering::Relaxed) { Err(CliError::Interrupted) } else { next_chunk(chunk) }
                })
                .collect()
        };

    let mut report =
        FieldReport { decoded_bytes: layout.frames * layout.frame_bytes() as u64, ..Default::default() };
    let mut shard: Option<ShardFile> = None;
    let mut batch = make_batch(0)?;
    let mut chunk = 0;
    while !batch.is_empty() {
        let following = chunk + batch.len() as u64;
        let (encoded, next_batch) = rayon::join(
            || {
                let numbered = batch.into_par_iter().enumerate();
                let encoded = numbered.map(|(index, values)| -> Result<_, CliError> {
                    let number = chunk + index as u64;
                    let (values, rounding) = Rounding::chunk(values, given, layout.precision, number)?;
                    Ok((encode(values, layout)?, rounding))
                });
                encoded.collect::<Result<Vec<_>, _>>()
            },
            || make_batch(following),
        );
        for (bytes, rounding) in encoded? {
            report.rounding.add(&rounding);
            let within = chunk % layout.shard_chunks;
            if within == 0 {
                report.stored_bytes += shard.take().map_or(Ok(0), ShardFile::finish)?;
                shard = Some(ShardFile::create(folder, chunk / layout.shard_chunks, layout)?);
            }
            if let Some(shard) = &mut shard {
                shard.append(within as usize, &bytes)?;
            }
            chunk += 1;
        }
        progress(chunk);
        batch = next_batch?;
    }
    report.stored_bytes += shard.take().map_or(Ok(0), ShardFile::finish)?;
    Ok(report)
}

/// The codec chain `bytes, blosc, crc32c`; a short last chunk is padded with NaN to the full chunk shape.
fn encode(mut values: Vec<u8>, layout: &FieldLayout) -> Result<Vec<u8>, CliError> {
    let full = layout.chunk_frames as usize * layout.frame_bytes();
    while values.len() < full {
        layout.precision.push(f64::NAN, &mut values);
    }
    let mut bytes = Vec::new();
    blosc::encode(&values, layout.precision.size(), &mut bytes)?;
    bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
    Ok(bytes)
}

/// One shard: its index, then its chunks in the order of time.
struct ShardFile {
    file: BufWriter<File>,
    path: PathBuf,
    /// Offset and length of each chunk; all ones where there is none.
    index: Vec<[u64; 2]>,
    end: u64,
}

impl ShardFile {
    fn create(folder: &Path, shard: u64, layout: &FieldLayout) -> Result<Self, CliError> {
        // Chunk keys are c/<time>/<bin>; the bin axis is never cut.
        let path = folder.join(format!("c/{shard}/0"));
        let parent = folder.join(format!("c/{shard}"));
        fs::create_dir_all(&parent).map_err(CliError::io("create", &parent))?;
        let mut file = BufWriter::new(File::create(&path).map_err(CliError::io("create", &path))?);
        let index = vec![[u64::MAX; 2]; layout.shard_chunks as usize];
        let end = 16 * layout.shard_chunks + 4;
        file.seek(SeekFrom::Start(end)).map_err(CliError::io("write", &path))?;
        Ok(Self { file, path, index, end })
    }

    fn append(&mut self, within: usize, bytes: &[u8]) -> Result<(), CliError> {
        self.file.write_all(bytes).map_err(CliError::io("write", &self.path))?;
        self.index[within] = [self.end, bytes.len() as u64];
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, CliError> {
        let mut index: Vec<u8> =
            self.index.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
        index.extend(crc32c::crc32c(&index).to_le_bytes());
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&index))
            .and_then(|()| self.file.flush())
            .map_err(CliError::io("write", &self.path))?;
        Ok(self.end)
    }
}
