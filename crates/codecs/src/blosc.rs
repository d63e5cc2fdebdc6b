//! The Blosc 1 container: blocks, each compressed (perhaps in slices), then shuffled back.
//! Format: <https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst>.

use std::ops::Range;

use ruzstd::decoding::FrameDecoder;

use crate::fault::{Fault, zeros};
use crate::{blosclz, deflate, zstd};

const HEADER: usize = 16;
/// An element wider than this is never cut into slices.
const MAX_SLICES: usize = 16;
/// Nor is a block with fewer elements.
const MIN_ELEMENTS: usize = 128;

/// The sixteen bytes that every Blosc buffer starts with.
struct Header {
    flags: u8,
    type_size: usize,
    /// Decoded bytes.
    len: usize,
    /// Decoded bytes of a block; the last one may be shorter.
    block: usize,
}

#[derive(Clone, Copy)]
enum Shuffle {
    None,
    Bytes,
    Bits,
}

impl Header {
    const BYTE_SHUFFLE: u8 = 1;
    const STORED: u8 = 2;
    const BIT_SHUFFLE: u8 = 4;
    const UNSLICED: u8 = 16;

    fn read(input: &[u8], bound: usize) -> Result<Self, Fault> {
        let (words, _) =
            input.get(..HEADER).ok_or_else(|| corrupt("it is shorter than its header"))?.as_chunks::<4>();
        let [version, _, flags, type_size] = words[0];
        let [len, block, stored] =
            [words[1], words[2], words[3]].map(|word| u32::from_le_bytes(word) as usize);
        if !(1..=2).contains(&version) {
            return Err(corrupt(format!("format version {version}, not 1 or 2")));
        }
        if stored > input.len() {
            return Err(corrupt(format!("{} of {stored} bytes are there", input.len())));
        }
        if len > bound {
            return Err(corrupt(format!("it holds {len} bytes, more than the {bound} of its chunk")));
        }
        if len > 0 && (block == 0 || type_size == 0) {
            return Err(corrupt(format!("blocks of {block} bytes, elements of {type_size}")));
        }
        Ok(Self { flags, type_size: type_size.into(), len, block: block.min(len) })
    }

    /// How the bytes of a block of this length are shuffled.
    fn shuffle(&self, len: usize) -> Shuffle {
        if self.flags & Self::BYTE_SHUFFLE != 0 && self.type_size > 1 {
            Shuffle::Bytes
        } else if self.flags & Self::BIT_SHUFFLE != 0 && len >= self.type_size {
            Shuffle::Bits
        } else {
            Shuffle::None
        }
    }

    /// Slices a block is compressed in: one for each byte of an element, where that was worth it.
    fn slices(&self, len: usize) -> usize {
        let worth = self.type_size <= MAX_SLICES && len / self.type_size >= MIN_ELEMENTS;
        if self.flags & Self::UNSLICED == 0 && worth && len == self.block { self.type_size } else { 1 }
    }
}

/// Decodes a Blosc buffer of at most `bound` bytes.
pub fn decode(input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let header = Header::read(input, bound)?;
    if header.flags & Header::STORED != 0 {
        let stored = input.get(HEADER..HEADER + header.len);
        return Ok(stored.ok_or_else(|| corrupt("its stored bytes are cut short"))?.to_vec());
    }
    let mut output = zeros(header.len)?;
    if output.is_empty() {
        return Ok(output);
    }
    let mut codec = Codec::from_flags(&header)?;
    let mut shuffled = zeros(header.block)?;
    for (index, block) in output.chunks_mut(header.block).enumerate() {
        let at = word(input, HEADER + 4 * index).ok_or_else(|| corrupt("its block offsets are cut short"))?;
        let shuffle = header.shuffle(block.len());
        let shuffled = &mut shuffled[..block.len()];
        let target: &mut [u8] = if matches!(shuffle, Shuffle::None) { &mut *block } else { &mut *shuffled };
        codec.block(input, at, header.slices(target.len()), target)?;
        match shuffle {
            Shuffle::None => {}
            Shuffle::Bytes => unshuffle_bytes(shuffled, header.type_size, block),
            Shuffle::Bits => unshuffle_bits(shuffled, header.type_size, block),
        }
    }
    Ok(output)
}

/// The compressor inside.
enum Codec {
    BloscLz,
    Lz4,
    Zlib,
    Zstd(Box<FrameDecoder>),
}

impl Codec {
    fn from_flags(header: &Header) -> Result<Self, Fault> {
        match header.flags >> 5 {
            0 => Ok(Self::BloscLz),
            1 => Ok(Self::Lz4), // lz4hc writes the same format.
            3 => Ok(Self::Zlib),
            4 => Ok(Self::Zstd(Box::new(zstd::decoder(header.block)))),
            2 => Err(corrupt("its compressor is snappy, which is not read here; write it with zstd or lz4")),
            other => Err(corrupt(format!("its compressor has number {other}, which is none of Blosc's"))),
        }
    }

    /// Decodes the block at `at` into `output`: `slices` of equal length, each with its compressed length before it.
    fn block(&mut self, input: &[u8], mut at: usize, slices: usize, output: &mut [u8]) -> Result<(), Fault> {
        // A length that is no multiple leaves bytes behind that no slice covers; Blosc never writes one.
        if !output.len().is_multiple_of(slices) {
            return Err(corrupt(format!("a block of {} bytes in {slices} slices", output.len())));
        }
        for slice in output.chunks_exact_mut(output.len() / slices) {
            let len = word(input, at).ok_or_else(|| corrupt(format!("a block at {at} lies outside")))?;
            let bytes: Range<usize> = at + 4..(at + 4).saturating_add(len);
            at = bytes.end;
            let bytes = input.get(bytes).ok_or_else(|| corrupt("a block is cut short"))?;
            let written = if len == slice.len() {
                slice.copy_from_slice(bytes); // It did not compress.
                len
            } else {
                self.slice(bytes, slice)?
            };
            if written != slice.len() {
                return Err(corrupt(format!("a block holds {written} bytes instead of {}", slice.len())));
            }
        }
        Ok(())
    }

    fn slice(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize, Fault> {
        match self {
            Self::BloscLz => blosclz::decode(input, output).map_err(corrupt),
            Self::Lz4 => lz4_flex::block::decompress_into(input, output)
                .map_err(|error| corrupt(format!("a block is no valid LZ4 ({error})"))),
            Self::Zlib => deflate::zlib("blosc", input, output),
            Self::Zstd(decoder) => zstd::decode_into("blosc", decoder, input, output),
        }
    }
}

/// Undoes numcodecs' shuffle of elements of `size` bytes.
pub fn unshuffle(shuffled: &[u8], size: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(shuffled.len())?;
    if size <= 1 {
        output.copy_from_slice(shuffled);
    } else {
        unshuffle_bytes(shuffled, size, &mut output);
    }
    Ok(output)
}

/// Byte `b` of every element stands together: back to elements.
fn unshuffle_bytes(shuffled: &[u8], size: usize, output: &mut [u8]) {
    match size {
        2 => unshuffle_elements::<2>(shuffled, output),
        4 => unshuffle_elements::<4>(shuffled, output),
        8 => unshuffle_elements::<8>(shuffled, output),
        _ => {
            let count = output.len() / size;
            for (i, element) in output.chunks_exact_mut(size).enumerate() {
                element.iter_mut().enumerate().for_each(|(b, byte)| *byte = shuffled[b * count + i]);
            }
        }
    }
    copy_tail(shuffled, size, output);
}

/// The sizes that occur, with the size known to the compiler: several times faster.
fn unshuffle_elements<const N: usize>(shuffled: &[u8], output: &mut [u8]) {
    let count = output.len() / N;
    let planes: [&[u8]; N] = std::array::from_fn(|b| &shuffled[b * count..(b + 1) * count]);
    for (i, element) in output.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        *element = std::array::from_fn(|b| planes[b][i]);
    }
}

/// Bit `k` of byte `b` of every element stands together, eight elements to a byte, lowest first: back to elements.
fn unshuffle_bits(shuffled: &[u8], size: usize, output: &mut [u8]) {
    let count = output.len() / size;
    if !count.is_multiple_of(8) {
        // Blosc 1 leaves such a block as it is.
        output.copy_from_slice(shuffled);
        return;
    }
    let row = count / 8;
    for b in 0..size {
        let rows = &shuffled[b * count..(b + 1) * count];
        for (i, eight) in output.chunks_exact_mut(8 * size).enumerate() {
            let at = |k: usize| rows[k * row + i];
            let bits = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
            let bytes = transpose_bits(u64::from_le_bytes(bits)).to_le_bytes();
            for (byte, element) in bytes.into_iter().zip(eight[b..].iter_mut().step_by(size)) {
                *element = byte;
            }
        }
    }
    copy_tail(shuffled, size, output);
}

/// Transposes 8 × 8 bits by swapping ever larger quarters (Warren, Hacker's Delight, 7-3).
#[inline]
fn transpose_bits(x: u64) -> u64 {
    let swap = |x: u64, shift: u32, mask: u64| {
        let t = (x ^ (x >> shift)) & mask;
        x ^ t ^ (t << shift)
    };
    let x = swap(x, 7, 0x00aa_00aa_00aa_00aa);
    let x = swap(x, 14, 0x0000_cccc_0000_cccc);
    swap(x, 28, 0x0000_0000_f0f0_f0f0)
}

/// Bytes after the last whole element are not shuffled.
fn copy_tail(shuffled: &[u8], size: usize, output: &mut [u8]) {
    let whole = output.len() / size * size;
    output[whole..].copy_from_slice(&shuffled[whole..]);
}

fn word(input: &[u8], at: usize) -> Option<usize> {
    let bytes = input.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes) as usize)
}

fn corrupt(reason: impl std::fmt::Display) -> Fault {
    Fault::corrupt("blosc", reason)
}
