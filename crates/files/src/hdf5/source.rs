//! What is here of a file, as the HDF5 parser wants to read it.

use std::sync::{Arc, Mutex, PoisonError};

use hdf5_pure::{FormatError, Source};

use crate::blocks::{Blocks, Unread, lock};
use crate::hdf5::header::number;

/// Bytes of an object header that are fetched before it is known to be longer.
const HEADER: u64 = 512;
/// Entries of a B-tree's node, unless its file says otherwise.
const FULL: u64 = 64;
/// The longest key: of 32 axes and the element.
const KEY: u64 = 8 + 8 * 33;
/// Bytes of a node before its entries.
const NODE: u64 = 24;

/// Reads from blocks; a read of what is not here fails, and is noted there.
#[derive(Clone)]
pub struct BlockSource {
    blocks: Arc<Mutex<Blocks>>,
    /// Where object headers were read, in that order.
    headers: Arc<Mutex<Vec<u64>>>,
}

impl BlockSource {
    pub fn new(blocks: &Arc<Mutex<Blocks>>) -> Self {
        Self { blocks: Arc::clone(blocks), headers: Arc::default() }
    }

    /// The addresses of the object headers read since the last call.
    pub fn headers(&self) -> Vec<u64> {
        std::mem::take(&mut self.headers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Source for BlockSource {
    fn len(&self) -> u64 {
        lock(&self.blocks).size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        // Only the read of an object header begins so; the parser gives an object's address in no other way.
        if buffer.len() == 4 {
            self.headers.lock().unwrap_or_else(PoisonError::into_inner).push(offset);
        }
        buffer.copy_from_slice(&self.read_exact_at(offset, buffer.len())?);
        Ok(())
    }

    fn read_exact_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, FormatError> {
        let mut blocks = lock(&self.blocks);
        let bytes = blocks.read(offset, length).map_err(|unread| match unread {
            Unread::End => FormatError::UnexpectedEof {
                expected: offset.saturating_add(length as u64) as usize,
                available: blocks.size() as usize,
            },
            Unread::Missing => FormatError::Source(String::new()),
            Unread::TooMuch => FormatError::Source(format!("{length} bytes at {offset} are too many")),
        })?;
        if !is_sensible(&bytes) {
            return Err(FormatError::Source("its index of chunks has senseless sizes".to_owned()));
        }
        expect(&mut blocks, offset, &bytes);
        Ok(bytes)
    }
}

/// Whether the powers of two in the head of an index of chunks are such as are written: the parser takes any, and counts
/// to them.
fn is_sensible(bytes: &[u8]) -> bool {
    match bytes {
        // A fixed array: elements of a page.
        [b'F', b'A', b'H', b'D', _, _, _, page, ..] => *page < 32,
        // An extensible array: elements at most, super blocks that are in the index itself, elements of a page.
        [b'E', b'A', b'H', b'D', _, _, _, most, _, _, blocks, page, ..] => {
            *most <= 64 && *blocks <= 32 && *page < 32
        }
        _ => true,
    }
}

/// Notes what will be read next, so that all that an index points at is fetched together and not one after the other.
fn expect(blocks: &mut Blocks, offset: u64, bytes: &[u8]) -> Option<()> {
    let count = number(bytes, 6, 2)?;
    if bytes.starts_with(b"SNOD") && bytes.len() as u64 == 8 + 40 * count {
        // The objects of a group.
        for entry in 0..count as usize {
            blocks.expect(number(bytes, 8 + 40 * entry + 8, 8)?, HEADER);
        }
        return Some(());
    }
    // The body of a node of a B-tree over chunks, its head just read: key, child, key, child, …, key.
    let head = offset.checked_sub(NODE)?;
    if bytes.len() < 40 || !blocks.has_now(head..offset) {
        return None;
    }
    let head = blocks.read(head, NODE as usize).ok()?;
    let count = number(&head, 6, 2)?;
    if !head.starts_with(b"TREE\x01") || head[5] == 0 || count == 0 {
        return None;
    }
    let key = (bytes.len() as u64).checked_sub(8 * count)? / (count + 1);
    if key > KEY {
        return None;
    }
    for entry in 0..count {
        let child = number(bytes, (entry * (key + 8) + key) as usize, 8)?;
        blocks.expect(child, NODE + FULL * (key + 8) + key);
    }
    Some(())
}
