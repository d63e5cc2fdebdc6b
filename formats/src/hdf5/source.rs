//! What is here of a file, as the HDF5 parser wants to read it.

use std::sync::{Arc, Mutex};

use hdf5_pure::{FormatError, Source};

use crate::blocks::{Blocks, Unread};
use crate::hdf5::lock;

/// Reads from blocks; a read of what is not here fails, and is noted there.
pub struct BlockSource(pub Arc<Mutex<Blocks>>);

impl Source for BlockSource {
    fn len(&self) -> u64 {
        lock(&self.0).size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        buffer.copy_from_slice(&self.read_exact_at(offset, buffer.len())?);
        Ok(())
    }

    fn read_exact_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, FormatError> {
        let mut blocks = lock(&self.0);
        blocks.read(offset, length).map_err(|unread| match unread {
            Unread::End => FormatError::UnexpectedEof {
                expected: offset.saturating_add(length as u64) as usize,
                available: blocks.size() as usize,
            },
            Unread::Missing => FormatError::Source(String::new()),
            Unread::TooMuch => FormatError::Source(format!("{length} bytes at {offset} are too many")),
        })
    }
}
