//! From stored bytes to elements: plain functions of bytes, each bounded by the size the metadata promises.

mod blosc;
mod blosclz;
mod crc;
mod deflate;
mod transpose;
mod zstd;

use std::borrow::Cow;

use super::error::Flaw;
use super::metadata::Extension;
use crate::json::Json;

/// What a decoder found wrong; the array adds which chunk and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes differ from those written.
    Checksum { codec: &'static str, stored: u32, computed: u32 },
    /// The bytes do not decode to what was promised.
    Corrupt { codec: &'static str, reason: String },
    /// There is no memory for this many bytes.
    Memory { bytes: u64 },
}

impl Fault {
    fn corrupt(codec: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Corrupt { codec, reason: reason.to_string() }
    }
}

/// An empty list with room for `count`, or [`Fault::Memory`]: a page that asks for too much must not be aborted.
pub(super) fn reserve<T>(count: usize) -> Result<Vec<T>, Fault> {
    let mut list = Vec::new();
    match list.try_reserve_exact(count) {
        Ok(()) => Ok(list),
        Err(_) => Err(Fault::Memory { bytes: (count as u64).saturating_mul(size_of::<T>() as u64) }),
    }
}

/// `count` zero bytes.
fn zeros(count: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = reserve(count)?;
    bytes.resize(count, 0);
    Ok(bytes)
}

/// A codec from bytes to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    Blosc,
    Crc32c,
    Gzip,
    Zstd,
}

/// A chain of codecs around one piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Codecs {
    /// Dimension orders, as written.
    transposes: Vec<Vec<usize>>,
    big_endian: bool,
    /// Bytes to bytes, as written.
    wrappings: Vec<Wrapping>,
}

/// What to do about a codec that is not read.
pub(super) const HINT: &str = "bytes, transpose, zstd, gzip, blosc, crc32c and sharding_indexed are. Rewrite it once: \
     python -c \"import xarray as xr; xr.open_zarr('IN.zarr').drop_encoding().to_zarr('OUT.zarr', zarr_format=3)\" —";

impl Codecs {
    /// Reads a chain for arrays of that many dimensions with elements of `size` bytes.
    pub fn from_extensions(chain: &[Extension], dimensions: usize, size: usize) -> Result<Self, Flaw> {
        let mut codecs = Self { transposes: Vec::new(), big_endian: false, wrappings: Vec::new() };
        let mut to_bytes = false;
        for codec in chain {
            let wrapping = match codec.name.as_str() {
                "transpose" if !to_bytes => {
                    codecs.transposes.push(transpose::order(codec, dimensions).ok_or_else(|| {
                        Flaw::Invalid(format!(
                            "codec `transpose` has order {} for {dimensions} dimensions",
                            codec.configuration.get("order").unwrap_or(&Json::Null).brief()
                        ))
                    })?);
                    continue;
                }
                "bytes" if !to_bytes => {
                    codecs.big_endian = match codec.configuration.get("endian").and_then(Json::as_str) {
                        Some("big") => true,
                        Some("little") => false,
                        _ if size == 1 => false,
                        _ => return Err(Flaw::Invalid("codec `bytes` has no endian".to_owned())),
                    };
                    to_bytes = true;
                    continue;
                }
                "transpose" | "bytes" => {
                    return Err(Flaw::Invalid(format!("codec `{}` comes after `bytes`", codec.name)));
                }
                "blosc" => Wrapping::Blosc,
                "crc32c" => Wrapping::Crc32c,
                "gzip" => Wrapping::Gzip,
                "zstd" => Wrapping::Zstd,
                "sharding_indexed" => {
                    return Err(Flaw::Unsupported(
                        "Codec `sharding_indexed` inside or beside other codecs".to_owned(),
                        HINT,
                    ));
                }
                name => return Err(Flaw::Unsupported(format!("Codec `{name}`"), HINT)),
            };
            if !to_bytes {
                return Err(Flaw::Invalid(format!("codec `{}` comes before `bytes`", codec.name)));
            }
            codecs.wrappings.push(wrapping);
        }
        if to_bytes { Ok(codecs) } else { Err(Flaw::Invalid("codec `bytes` is missing".to_owned())) }
    }

    /// Length of the encoded bytes, where it is fixed: no codec compresses. A shard's index must be so.
    pub fn encoded_len(&self, decoded: u64) -> Option<u64> {
        self.wrappings.iter().try_fold(decoded, |len, wrapping| match wrapping {
            Wrapping::Crc32c => len.checked_add(4),
            _ => None,
        })
    }

    /// Decodes to elements in C order, little-endian: exactly the product of `shape` elements of `size` bytes.
    pub fn decode<'a>(
        &self,
        encoded: &'a [u8],
        shape: &[usize],
        size: usize,
    ) -> Result<Cow<'a, [u8]>, Fault> {
        let wanted = shape.iter().product::<usize>() * size;
        // Each wrapping's promised size, from the inside out; an inner compressor makes it a bound.
        let mut bound = wanted;
        let bounds: Vec<_> = self
            .wrappings
            .iter()
            .map(|wrapping| {
                let inside = bound;
                bound = match wrapping {
                    Wrapping::Crc32c => inside.saturating_add(4),
                    _ => inside.saturating_add(inside / 8 + (1 << 16)),
                };
                inside
            })
            .collect();
        let mut bytes = Cow::Borrowed(encoded);
        for (wrapping, bound) in self.wrappings.iter().zip(bounds).rev() {
            bytes = match wrapping {
                Wrapping::Crc32c => crc::strip(bytes)?,
                Wrapping::Blosc => blosc::decode(&bytes, bound)?.into(),
                Wrapping::Gzip => deflate::gzip(&bytes, bound)?.into(),
                Wrapping::Zstd => zstd::decode(&bytes, bound)?.into(),
            };
        }
        if bytes.len() != wanted {
            let reason = format!("{} bytes where shape {shape:?} makes {wanted}", bytes.len());
            return Err(Fault::corrupt("bytes", reason));
        }
        if self.big_endian {
            swap(bytes.to_mut(), size);
        }
        for (done, order) in self.transposes.iter().enumerate().rev() {
            // The shape that this transpose was given is what those before it left.
            let shape = self.transposes[..done].iter().fold(shape.to_vec(), |shape, order| {
                order.iter().map(|&dimension| shape[dimension]).collect()
            });
            bytes = transpose::undo(&bytes, &shape, order, size)?.into();
        }
        Ok(bytes)
    }
}

fn swap(bytes: &mut [u8], size: usize) {
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
}
