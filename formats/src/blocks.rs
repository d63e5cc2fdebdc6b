//! The parts of a file that are here, and what is missing.

use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes of a block.
pub const BLOCK: u64 = 16 << 10;
/// The least that is asked for at once: a request costs as much as this many bytes.
const LEAST: u64 = 64 << 10;
/// The most that is read ahead.
const MOST: u64 = 4 << 20;
/// The most bytes held.
const HELD: u64 = 256 << 20;
/// The longest single read: no structure is longer, and a length out of a broken file must not be allocated.
const LONGEST: usize = 8 << 20;
/// Bytes that one pass may read, again and again or not: what bounds a walk in circles.
const PASS: u64 = 1 << 30;

/// Why a read gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has been noted as missing.
    Missing,
    /// The file ends before.
    End,
    /// The pass has read enough.
    TooMuch,
}

/// A sparse copy of a file.
pub struct Blocks {
    size: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
    missing: Vec<Range<u64>>,
    noting: bool,
    read: u64,
    /// What has been asked for: end → length.
    asked: BTreeMap<u64, u64>,
}

impl Blocks {
    /// Of a file of `size` bytes, nothing of it here.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            blocks: BTreeMap::new(),
            missing: Vec::new(),
            noting: true,
            read: 0,
            asked: BTreeMap::new(),
        }
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes held are more than allowed.
    pub fn is_full(&self) -> bool {
        self.blocks.len() as u64 * BLOCK > HELD
    }

    /// Keeps the whole blocks among these bytes.
    pub fn supply(&mut self, start: u64, bytes: &[u8]) {
        let end = start.saturating_add(bytes.len() as u64).min(self.size);
        let mut at = start.next_multiple_of(BLOCK);
        while at < end {
            let next = (at + BLOCK).min(self.size);
            if next > end {
                return;
            }
            let block = &bytes[(at - start) as usize..(next - start) as usize];
            self.blocks.entry(at / BLOCK).or_insert_with(|| block.to_vec());
            at += BLOCK;
        }
    }

    /// Starts a pass: nothing missing yet, nothing read yet.
    pub fn begin(&mut self) {
        self.missing.clear();
        self.noting = true;
        self.read = 0;
    }

    /// Whether a miss is noted; where it is not, what is not here is just not to be had.
    pub fn note(&mut self, noting: bool) {
        self.noting = noting;
    }

    /// Whether anything is missing.
    pub fn is_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Whether so much is missing that it should be fetched before more is looked for.
    pub fn is_missing_much(&self) -> bool {
        self.missing.len() >= 16
    }

    /// The bytes from `start` on.
    pub fn read(&mut self, start: u64, length: usize) -> Result<Vec<u8>, Unread> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.size).ok_or(Unread::End)?;
        self.read += length as u64 + 16;
        if length > LONGEST || self.read > PASS {
            return Err(Unread::TooMuch);
        }
        if !self.has(start..end) {
            return Err(Unread::Missing);
        }
        let mut bytes = Vec::with_capacity(length);
        let mut at = start;
        while at < end {
            let (index, offset) = (at / BLOCK, (at % BLOCK) as usize);
            let block = self.blocks.get(&index).ok_or(Unread::Missing)?;
            let count = (block.len() - offset).min((end - at) as usize);
            bytes.extend_from_slice(&block[offset..offset + count]);
            at += count as u64;
        }
        Ok(bytes)
    }

    /// Whether all of it is here; notes what is not.
    pub fn has(&mut self, range: Range<u64>) -> bool {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let absent = |index: &u64| !self.blocks.contains_key(index);
        let Some(first) = blocks.clone().find(absent) else { return true };
        if self.noting {
            let last = blocks.rev().find(absent).unwrap_or(first);
            self.missing.push(first * BLOCK..(last + 1) * BLOCK);
        }
        false
    }

    /// What to fetch now: what is missing, each with what probably follows. Where reading goes on from what was asked
    /// for before, twice as much as then, so that a long index costs few requests; elsewhere, the least.
    pub fn needs(&mut self) -> Vec<Range<u64>> {
        let mut missing = std::mem::take(&mut self.missing);
        missing.sort_unstable_by_key(|range| range.start);
        let mut needs: Vec<Range<u64>> = Vec::new();
        for range in missing {
            let before = self.asked.range(..=range.start).next_back().map(|(end, length)| (*end, *length));
            let ahead = match before {
                Some((end, length)) if end + LEAST >= range.start => (length * 2).min(MOST),
                _ => LEAST,
            };
            let end = range.end.max(range.start + ahead).min(self.size);
            match needs.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(end),
                _ => needs.push(range.start..end),
            }
        }
        for need in &mut needs {
            // Not again what is here already.
            let here = |index: &u64| self.blocks.contains_key(index);
            let blocks = need.start / BLOCK..need.end.div_ceil(BLOCK);
            let first = blocks.clone().find(|index| !here(index)).unwrap_or(blocks.start);
            let last = (first..blocks.end).rev().find(|index| !here(index)).unwrap_or(first);
            *need = first * BLOCK..((last + 1) * BLOCK).min(self.size);
            self.asked.insert(need.end, need.end - need.start);
        }
        needs
    }
}
