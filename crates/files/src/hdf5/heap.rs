//! Global heaps: where strings of variable length are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Mutex;

use crate::blocks::{Blocks, lock};
use crate::hdf5::header::{Frame, number, run};

/// What a collection has at least, and mostly exactly.
const COLLECTION: u64 = 4096;

/// The most bytes that are read for the strings of a dataset.
pub const BYTES: u64 = 4 << 20;

/// The collections that some references point into.
pub struct Heap {
    frame: Frame,
    /// By address.
    collections: BTreeMap<u64, Collection>,
}

/// The bytes, and where in them each object is.
struct Collection {
    bytes: Vec<u8>,
    /// By index.
    objects: BTreeMap<u64, Range<usize>>,
}

impl Heap {
    /// Reads what references of `8 + offset_size` bytes need: length, address, index.
    pub fn new(references: &[u8], frame: Frame, blocks: &Mutex<Blocks>) -> Result<Self, String> {
        let mut addresses = BTreeSet::new();
        for reference in references.chunks_exact(8 + frame.offset_size) {
            if let (1.., Some(address)) = (number(reference, 0, 4).unwrap_or(0), address(reference, frame)) {
                addresses.insert(address);
            }
        }
        // All together, and not one after the other.
        for address in &addresses {
            lock(blocks).expect(*address, COLLECTION);
        }
        if lock(blocks).is_missing() {
            return Err(String::new());
        }
        let mut heap = Self { frame, collections: BTreeMap::new() };
        let mut left = 2 * BYTES;
        for address in addresses {
            let collection = heap.collection(address, left, &mut lock(blocks));
            match collection {
                Ok(collection) => {
                    left -= collection.bytes.len() as u64;
                    heap.collections.insert(address, collection);
                }
                Err(reason) if reason.is_empty() => {}
                Err(reason) => return Err(reason),
            }
        }
        if lock(blocks).is_missing() { Err(String::new()) } else { Ok(heap) }
    }

    fn collection(&self, address: u64, limit: u64, blocks: &mut Blocks) -> Result<Collection, String> {
        let size = self.frame.length_size;
        let head = run(blocks, address, 8 + size as u64, limit)?;
        let wrong = || format!("it has no heap of strings at {address}");
        if !head.starts_with(b"GCOL") {
            return Err(wrong());
        }
        let bytes = run(blocks, address, number(&head, 8, size).ok_or_else(wrong)?, limit)?;
        let mut objects = BTreeMap::new();
        let mut at = 8 + size;
        while let (Some(index), Some(length)) = (number(&bytes, at, 2), number(&bytes, at + 8, size)) {
            let start = at + 8 + size;
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
            // 0 is what is free, and the last.
            let Some(end) = end.filter(|end| *end <= bytes.len() && index != 0) else { break };
            // The first of an index holds.
            objects.entry(index).or_insert(start..end);
            at = end.next_multiple_of(8);
        }
        Ok(Collection { bytes, objects })
    }

    /// What a reference points at; nothing is the empty string.
    pub fn get(&mut self, reference: &[u8]) -> Result<&[u8], String> {
        let length = number(reference, 0, 4).unwrap_or(0) as usize;
        let (1.., Some(address)) = (length, address(reference, self.frame)) else { return Ok(&[]) };
        let index = number(reference, 4 + self.frame.offset_size, 4).unwrap_or(0);
        let bytes = self.collections.get(&address).and_then(|collection| {
            let place = collection.objects.get(&index)?;
            collection.bytes.get(place.clone())?.get(..length)
        });
        bytes.ok_or_else(|| format!("its string {index} in the heap at {address} is not there"))
    }
}

/// Where in the file a reference's collection is.
fn address(reference: &[u8], frame: Frame) -> Option<u64> {
    number(reference, 4, frame.offset_size)?.checked_add(frame.base)
}
