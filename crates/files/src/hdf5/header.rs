//! The messages of an object header that the parser keeps to itself: fill value, compact data, files beside.

use crate::blocks::{Blocks, Unread};

/// Blocks of messages that one header may have.
const REGIONS: usize = 64;

const FILL_OLD: u16 = 0x04;
const FILL: u16 = 0x05;
const EXTERNAL: u16 = 0x07;
const LAYOUT: u16 = 0x08;
const CONTINUATION: u16 = 0x10;

/// What is needed to follow addresses.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Where the file's addresses count from.
    pub base: u64,
    /// Bytes of an address.
    pub offset_size: usize,
    /// Bytes of a length.
    pub length_size: usize,
}

/// An object header's messages: their types and contents.
#[derive(Default)]
pub struct Header(Vec<(u16, Vec<u8>)>);

impl Header {
    /// Reads the header at an address in the file; `None` where there is none.
    pub fn read(blocks: &mut Blocks, frame: Frame, address: u64) -> Option<Self> {
        let head = blocks.read(address, 16).ok()?;
        let version_2 = head.starts_with(b"OHDR");
        let mut header = Self::default();
        // Record prefix, and the first region of records.
        let (prefix, mut regions) = if version_2 {
            let flags = head[5];
            let sizes = 6 + if flags & 0x20 != 0 { 16 } else { 0 } + if flags & 0x10 != 0 { 4 } else { 0 };
            let width = 1 << (flags & 3);
            let length = number(&blocks.read(address + sizes, width).ok()?, 0, width)?;
            (4 + usize::from(flags & 4) / 2, vec![(address.checked_add(sizes + width as u64)?, length)])
        } else if head[0] == 1 {
            (8, vec![(address.checked_add(16)?, number(&head, 8, 4)?)])
        } else {
            return None;
        };
        let mut next = 0;
        while let Some((start, length)) = regions.get(next).copied() {
            let bytes = blocks.read(start, usize::try_from(length).ok()?).ok()?;
            // Continuations of version 2 have a signature and a checksum around the records.
            let mut at = if version_2 && next > 0 { 4 } else { 0 };
            let end = bytes.len().saturating_sub(at);
            while at + prefix <= end {
                let (kind, length, flags) = if version_2 {
                    (bytes[at].into(), number(&bytes, at + 1, 2)?, bytes[at + 3])
                } else {
                    (number(&bytes, at, 2)? as u16, number(&bytes, at + 2, 2)?, bytes[at + 4])
                };
                at += prefix;
                let Some(body) = bytes.get(at..at + length as usize) else { break };
                at += body.len();
                if kind == CONTINUATION && regions.len() < REGIONS {
                    let start = number(body, 0, frame.offset_size)?.checked_add(frame.base)?;
                    regions.push((start, number(body, frame.offset_size, frame.length_size)?));
                }
                // A shared message is elsewhere, and no kind of interest is ever shared by the usual writers.
                if flags & 2 == 0 {
                    header.0.push((kind, body.to_vec()));
                }
            }
            next += 1;
        }
        Some(header)
    }

    /// Whether the object is a dataset.
    pub fn is_dataset(&self) -> bool {
        self.get(LAYOUT).is_some()
    }

    /// Whether its values are in files beside this one.
    pub fn is_external(&self) -> bool {
        self.get(EXTERNAL).is_some()
    }

    /// The bytes of the value that stands for what is not stored.
    pub fn fill(&self) -> Option<&[u8]> {
        let sized = |body: &'_ [u8], at: usize| Some(at + 4..at + 4 + number(body, at, 4)? as usize);
        if let Some(body) = self.get(FILL) {
            let range = match body.first()? {
                1 | 2 if *body.get(3)? != 0 => sized(body, 4)?,
                3 if body.get(1)? & 0x20 != 0 => sized(body, 2)?,
                _ => return None,
            };
            return body.get(range);
        }
        let body = self.get(FILL_OLD)?;
        body.get(sized(body, 0)?)
    }

    /// The values, where they are in the header itself.
    pub fn compact(&self) -> Option<&[u8]> {
        let body = self.get(LAYOUT)?;
        match body {
            [3..=255, 0, ..] => body.get(4..4 + number(body, 2, 2)? as usize),
            [1 | 2, rank, 0, ..] => {
                let at = 8 + 4 * usize::from(*rank);
                body.get(at + 4..at + 4 + number(body, at, 4)? as usize)
            }
            _ => None,
        }
    }

    fn get(&self, kind: u16) -> Option<&[u8]> {
        self.0.iter().find(|(other, _)| *other == kind).map(|(_, body)| &body[..])
    }
}

/// A little-endian number of up to 8 bytes.
pub fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A run of bytes of at most `limit`, or why not.
pub fn run(blocks: &mut Blocks, start: u64, length: u64, limit: u64) -> Result<Vec<u8>, String> {
    if length > limit {
        return Err(format!("{length} bytes are more than are read for it"));
    }
    blocks.read(start, length as usize).map_err(|unread| match unread {
        Unread::Missing => String::new(),
        Unread::End => format!("it has {length} bytes at {start}, but the file ends at {}", blocks.size()),
        Unread::TooMuch => format!("{length} bytes at {start} are too many"),
    })
}
