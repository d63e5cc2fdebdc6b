//! From stored bytes to numbers: plain functions of bytes, each bounded by the size that the metadata promise. Also what passes
//! over all of those numbers: their order, percentiles, how often each occurs.
//!
//! In reading order: [`Codec`] undoes one codec, from bytes to bytes; [`undo_transpose`], [`swap`] and [`FixedScaleOffset`] undo what
//! was done to elements; [`DataType`] says what an element is, and [`Packing`] what number it stands for; [`Values`] keeps a
//! chunk's values in memory, one row for each frame, as one- or two-byte codes with a table where that is exact. [`Sample`],
//! [`Summary`] and [`percentiles`] find colour limits. A [`Fault`] says what is wrong with bytes; the caller knows which chunk it was.
//!
//! A crate of its own, so that the page can compile it for speed and everything else for size: a seek waits for this.
//!
//! # Example
//!
//! ```
//! use std::borrow::Cow;
//!
//! use replayscope_codecs::{Codec, DataType, Fault, Packing, Values};
//!
//! // Two float32 with their CRC-32C behind them, as Zarr's codec `crc32c` stores them.
//! let stored = [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0xb1, 0xc9, 0xc0, 0x28];
//! let codec = Codec::from_name("crc32c", 4).expect("a known name");
//! let elements = codec.decode(Cow::Borrowed(&stored), 8)?;
//!
//! let (values, _) = DataType::Float32.to_f32(&elements, &Packing::none())?;
//! let frame = Values::of(2, &values).expect("whole rows");
//! assert_eq!(frame.row(0), [1.0, 2.0]);
//!
//! // A damaged chunk is found.
//! let mut damaged = stored;
//! damaged[0] ^= 1;
//! assert!(matches!(codec.decode(Cow::Borrowed(&damaged), 8), Err(Fault::Checksum { .. })));
//! # Ok::<(), Fault>(())
//! ```

mod blosc;
mod blosclz;
mod crc;
mod deflate;
mod dtype;
mod fault;
mod fletcher;
mod lost;
mod order;
mod packing;
mod sample;
mod scaled;
mod transpose;
mod values;
mod zstd;

use std::borrow::Cow;

pub use deflate::raw as inflate_raw;
pub use dtype::DataType;
pub use fault::{Fault, reserve};
pub use lost::Lost;
pub use order::{order_key, percentiles, value_of};
pub use packing::Packing;
pub use sample::{Sample, Summary, histogram};
pub use scaled::FixedScaleOffset;
pub use transpose::undo as undo_transpose;
pub use values::{Table, Values};

/// A codec from bytes to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Codec {
    Blosc,
    Crc32c,
    Fletcher32,
    Gzip,
    Shuffle {
        /// Bytes of an element.
        size: usize,
    },
    Zlib,
    Zstd,
}

impl Codec {
    /// From Zarr's name of it; `size` are the bytes of an element, where the codec has to know.
    pub fn from_name(name: &str, size: usize) -> Option<Self> {
        Some(match name.trim_start_matches("numcodecs.") {
            "blosc" => Self::Blosc,
            "crc32c" => Self::Crc32c,
            "fletcher32" => Self::Fletcher32,
            "gzip" => Self::Gzip,
            "shuffle" => Self::Shuffle { size },
            "zlib" => Self::Zlib,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Undoes the codec. `bound` is the most bytes there may be inside; more is an error, and never allocated.
    pub fn decode(self, bytes: Cow<'_, [u8]>, bound: usize) -> Result<Cow<'_, [u8]>, Fault> {
        Ok(match self {
            Self::Crc32c => crc::strip(bytes)?,
            Self::Blosc => blosc::decode(&bytes, bound)?.into(),
            Self::Fletcher32 => fletcher::strip(bytes)?,
            Self::Gzip => deflate::gzip(&bytes, bound)?.into(),
            Self::Shuffle { size } => blosc::unshuffle(&bytes, size)?.into(),
            Self::Zlib => deflate::zlib_of(&bytes, bound)?.into(),
            Self::Zstd => zstd::decode(&bytes, bound)?.into(),
        })
    }
}

/// Big-endian elements of `size` bytes to little-endian ones, and back.
pub fn swap(bytes: &mut [u8], size: usize) {
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
}
