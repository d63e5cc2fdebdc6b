//! The files of a sharded array: chunks are appended in order, whole shards after one another.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::FieldLayout;
use crate::error::CliError;

/// The chunks of one array, from the first to the last.
pub struct ShardWriter {
    folder: PathBuf,
    layout: FieldLayout,
    shard: Option<ShardFile>,
    /// Chunks appended so far.
    chunks: u64,
    /// Bytes of the shards that are finished.
    stored_bytes: u64,
}

impl ShardWriter {
    /// Writes below `folder`, which need not exist yet.
    pub fn new(folder: PathBuf, layout: FieldLayout) -> Self {
        Self { folder, layout, shard: None, chunks: 0, stored_bytes: 0 }
    }

    /// Chunks and shards of the array.
    pub fn layout(&self) -> &FieldLayout {
        &self.layout
    }

    /// Appends the next compressed chunk.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        let within = self.chunks % self.layout.shard_chunks;
        if within == 0 {
            self.finish()?;
            let shard = self.chunks / self.layout.shard_chunks;
            self.shard = Some(ShardFile::create(&self.folder, shard, &self.layout)?);
        }
        if let Some(shard) = &mut self.shard {
            shard.append(within as usize, bytes)?;
        }
        self.chunks += 1;
        Ok(())
    }

    /// Finishes the open shard; returns the bytes of all shards, indexes included.
    pub fn finish(&mut self) -> Result<u64, CliError> {
        self.stored_bytes += self.shard.take().map_or(Ok(0), ShardFile::finish)?;
        Ok(self.stored_bytes)
    }
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
        // Chunk keys are c/<time>/<bin>; the bin axis has a single chunk.
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
