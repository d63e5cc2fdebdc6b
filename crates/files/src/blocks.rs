//! The parts of a file that are here, and what is missing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a block: small, as the nodes of an index lie scattered among the data.
const BLOCK: u64 = 8 << 10;
/// The least that is asked for at once: a request costs as much as this many bytes.
const LEAST: u64 = 64 << 10;
/// The most that is read ahead.
const MOST: u64 = 4 << 20;
/// The most bytes held.
const HELD: u64 = 256 << 20;
/// The longest single read: no structure is longer, and a length out of a broken file must not be allocated.
const LONGEST: usize = 8 << 20;
/// Bytes that one pass may read, again and again or not: what bounds a walk in circles.
const PASS: u64 = 256 << 20;
/// Bytes asked for in one step, however many are missing.
const STEP: u64 = 16 << 20;

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
    /// Blocks by number.
    held: BTreeMap<u64, Vec<u8>>,
    missing: Vec<Range<u64>>,
    /// Missing too, but known to be all there is to read in its place.
    expected: Vec<Range<u64>>,
    read: u64,
    /// What has been asked for: the length of each by its end.
    asked: BTreeMap<u64, u64>,
}

impl Blocks {
    /// Of a file of `size` bytes, nothing of it here.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            held: BTreeMap::new(),
            missing: Vec::new(),
            expected: Vec::new(),
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
        self.held.len() as u64 * BLOCK > HELD
    }

    /// Keeps the whole blocks among these bytes.
    pub fn supply(&mut self, start: u64, bytes: &[u8]) {
        let end = start.saturating_add(bytes.len() as u64).min(self.size);
        if start >= end {
            return;
        }
        let mut at = start.next_multiple_of(BLOCK);
        while at < end {
            let next = (at + BLOCK).min(self.size);
            if next > end {
                return;
            }
            let block = &bytes[(at - start) as usize..(next - start) as usize];
            self.held.entry(at / BLOCK).or_insert_with(|| block.to_vec());
            at += BLOCK;
        }
    }

    /// Starts a pass: nothing missing yet, nothing read yet.
    pub fn begin(&mut self) {
        self.missing.clear();
        self.expected.clear();
        self.read = 0;
    }

    /// Whether anything is missing.
    pub fn is_missing(&self) -> bool {
        !(self.missing.is_empty() && self.expected.is_empty())
    }

    /// Whether so much is missing that it should be fetched before more is looked for.
    pub fn is_missing_much(&self) -> bool {
        self.missing.len() + self.expected.len() >= 16
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
            let block = self.held.get(&index).ok_or(Unread::Missing)?;
            let count = (block.len() - offset).min((end - at) as usize);
            bytes.extend_from_slice(&block[offset..offset + count]);
            at += count as u64;
        }
        Ok(bytes)
    }

    /// Whether all of it is here; notes what is not.
    pub fn has(&mut self, range: Range<u64>) -> bool {
        let absent = self.absent(range);
        self.missing.extend(absent.clone());
        absent.is_none()
    }

    /// Whether all of it is here.
    pub fn has_now(&self, range: Range<u64>) -> bool {
        self.absent(range).is_none()
    }

    /// Notes as missing what will be read, and no more than that, as far as it is in the file.
    pub fn expect(&mut self, start: u64, length: u64) {
        let absent = self.absent(start..start.saturating_add(length).min(self.size));
        self.expected.extend(absent);
    }

    /// From the first to the last block that is not here.
    fn absent(&self, range: Range<u64>) -> Option<Range<u64>> {
        let mut blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let absent = |index: &u64| !self.held.contains_key(index);
        let first = blocks.find(absent)?;
        let last = blocks.rfind(absent).unwrap_or(first);
        Some(first * BLOCK..((last + 1) * BLOCK).min(self.size))
    }

    /// What to fetch now: what is missing, each with what probably follows. Where reading goes on from what was asked
    /// for before, twice as much as then, so that a long index costs few requests; elsewhere, the least.
    pub fn needs(&mut self) -> Vec<Range<u64>> {
        let mut wanted = std::mem::take(&mut self.expected);
        for range in std::mem::take(&mut self.missing) {
            // What is expected around it is enough.
            let expected = |other: &Range<u64>| other.start <= range.start && range.start < other.end;
            if wanted.iter().any(expected) {
                wanted.push(range);
                continue;
            }
            let ahead = match self.asked.range(..=range.start).next_back() {
                Some((end, length)) if end + LEAST >= range.start => (length * 2).clamp(LEAST, MOST),
                _ => LEAST,
            };
            let end = range.end.max((range.start + ahead).min(self.size));
            // Not again what is here already.
            wanted.extend(self.absent(range.start..end));
        }
        wanted.sort_unstable_by_key(|range| range.start);
        let mut needs: Vec<Range<u64>> = Vec::new();
        let mut left = STEP;
        for mut range in wanted {
            let here = needs.last().map_or(0, |last| last.end);
            let length = range.end.saturating_sub(range.start.max(here)).min(left);
            range.end = range.start.max(here) + length;
            left -= length;
            if length == 0 {
                continue;
            }
            match needs.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => needs.push(range),
            }
        }
        self.asked.extend(needs.iter().map(|need| (need.end, need.end - need.start)));
        needs
    }
}

/// The blocks of a file, for one reader at a time; what a panic of another one left is as good.
pub fn lock(blocks: &Mutex<Blocks>) -> MutexGuard<'_, Blocks> {
    blocks.lock().unwrap_or_else(PoisonError::into_inner)
}
