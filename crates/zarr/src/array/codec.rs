//! The chain of codecs around one inner chunk of an array, as its metadata names them.

use std::borrow::Cow;

use replayscope_codecs::{Codec, DataType, Fault, FixedScaleOffset, swap, undo_transpose};

use super::metadata::Extension;
use super::numpy::numpy_type;
use crate::error::Flaw;
use crate::json::Json;

/// A chain of codecs around one inner chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Codecs {
    /// Elements of an array without codecs.
    dtype: DataType,
    /// Elements to elements of another type.
    scaled: Option<FixedScaleOffset>,
    /// Dimension orders, as written.
    transposes: Vec<Vec<usize>>,
    big_endian: bool,
    /// Bytes to bytes, as written.
    wrappings: Vec<Codec>,
}

/// numcodecs' codec from numbers to integers.
pub(super) const SCALED: &str = "fixedscaleoffset";
/// More codecs than anyone applies to a chunk.
const MOST_CODECS: usize = 16;

/// What to do about a codec that is not read.
pub(super) const HINT: &str = "bytes, transpose, zstd, gzip, zlib, shuffle, blosc, crc32c and sharding_indexed are. Rewrite it once: \
     python -c \"import xarray as xr; xr.open_zarr('IN.zarr').drop_encoding().to_zarr('OUT.zarr', zarr_format=3)\" —";

/// The same of a filter of HDF5.
const FILTER_HINT: &str = "Of HDF5's filters shuffle, deflate (gzip) and fletcher32 are. Rewrite it once without: h5repack -f NONE IN.nc OUT.nc —";

impl Codecs {
    /// Reads a chain for arrays of that many dimensions with elements of that type.
    pub fn from_extensions(chain: &[Extension], dimensions: usize, dtype: DataType) -> Result<Self, Flaw> {
        // Each adds to what decoding may take: a bound on all of them together.
        if chain.len() > MOST_CODECS {
            return Err(Flaw::Invalid(format!("it has {} codecs, above {MOST_CODECS}", chain.len())));
        }
        let mut codecs =
            Self { dtype, scaled: None, transposes: Vec::new(), big_endian: false, wrappings: Vec::new() };
        let mut to_bytes = false;
        for codec in chain {
            let size = codecs.stored_size();
            let wrapping = match codec.name.as_str().trim_start_matches("numcodecs.") {
                SCALED if !to_bytes && codecs.scaled.is_none() => {
                    codecs.scaled = Some(fixed_scale_offset(codec)?);
                    continue;
                }
                "transpose" if !to_bytes => {
                    codecs.transposes.push(transpose(codec, dimensions).ok_or_else(|| {
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
                SCALED | "transpose" | "bytes" => {
                    return Err(Flaw::Invalid(format!(
                        "codec `{}` comes after `bytes` or twice",
                        codec.name
                    )));
                }
                "sharding_indexed" => {
                    return Err(Flaw::Unsupported(
                        "Codec `sharding_indexed` inside or beside other codecs".to_owned(),
                        HINT,
                    ));
                }
                _ => {
                    let name = codec.name.as_str();
                    let size =
                        codec.configuration.get("elementsize").and_then(Json::as_u64).unwrap_or(size as u64);
                    Codec::from_name(name, size as usize).ok_or_else(|| match name.strip_prefix("hdf5.") {
                        Some(filter) => Flaw::Unsupported(format!("HDF5's filter {filter}"), FILTER_HINT),
                        None => Flaw::Unsupported(format!("Codec `{name}`"), HINT),
                    })?
                }
            };
            if !to_bytes {
                return Err(Flaw::Invalid(format!("codec `{}` comes before `bytes`", codec.name)));
            }
            codecs.wrappings.push(wrapping);
        }
        if to_bytes { Ok(codecs) } else { Err(Flaw::Invalid("codec `bytes` is missing".to_owned())) }
    }

    /// Whether the bytes are the elements as they are.
    pub fn is_plain(&self) -> bool {
        self.wrappings.is_empty() && self.transposes.is_empty() && self.scaled.is_none()
    }

    /// Bytes of an element as it is stored.
    fn stored_size(&self) -> usize {
        self.scaled.as_ref().map_or(self.dtype, |scaled| scaled.stored).size()
    }

    /// Length of that many encoded elements, where it is fixed: no codec compresses. A shard's index must be so.
    pub fn encoded_len(&self, elements: u64) -> Option<u64> {
        let bytes = elements.checked_mul(self.stored_size() as u64)?;
        self.wrappings.iter().try_fold(bytes, |len, wrapping| match wrapping {
            Codec::Crc32c => len.checked_add(4),
            _ => None,
        })
    }

    /// Decodes to elements in C order, little-endian: exactly as many as the product of `shape`.
    pub fn decode<'a>(&self, encoded: &'a [u8], shape: &[usize]) -> Result<Cow<'a, [u8]>, Fault> {
        let size = self.stored_size();
        let wanted = shape.iter().product::<usize>() * size;
        // Each wrapping's promised size, from the inside out; an inner compressor makes it a bound. None makes what cannot be
        // compressed much longer, and all of them together no more than a third.
        let mut bound = wanted;
        let bounds: Vec<_> = self
            .wrappings
            .iter()
            .map(|wrapping| {
                let inside = bound;
                bound = match wrapping {
                    Codec::Crc32c => inside.saturating_add(4),
                    _ => inside.saturating_add(inside / 64 + (1 << 16)),
                };
                inside
            })
            .collect();
        let mut bytes = Cow::Borrowed(encoded);
        for (wrapping, bound) in self.wrappings.iter().zip(bounds).rev() {
            bytes = wrapping.decode(bytes, bound)?;
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
            bytes = undo_transpose(&bytes, &shape, order, size)?.into();
        }
        match &self.scaled {
            Some(scaled) => Ok(scaled.decode(&bytes, self.dtype)?.into()),
            None => Ok(bytes),
        }
    }
}

/// numcodecs' `FixedScaleOffset`: `astype` is the type that is stored.
fn fixed_scale_offset(codec: &Extension) -> Result<FixedScaleOffset, Flaw> {
    let wrong = |key: &str| {
        let found = codec.configuration.get(key).unwrap_or(&Json::Null).brief();
        Flaw::Invalid(format!("codec `{SCALED}` has {key} {found}"))
    };
    let number = |key: &str| {
        let value = codec.configuration.get(key).and_then(Json::as_f64);
        value.filter(|number| number.is_finite()).ok_or_else(|| wrong(key))
    };
    let astype = codec.configuration.get("astype").and_then(Json::as_str).and_then(numpy_type);
    let stored = astype.and_then(|(name, _)| DataType::from_name(name)).ok_or_else(|| wrong("astype"))?;
    Ok(FixedScaleOffset { stored, scale: number("scale")?, offset: number("offset")? })
}

/// The order of a `transpose`, if it is a permutation of that many dimensions.
fn transpose(codec: &Extension, dimensions: usize) -> Option<Vec<usize>> {
    let order: Vec<usize> = codec.counts("order")?.into_iter().map(|dimension| dimension as usize).collect();
    let all = (0..dimensions).all(|dimension| order.contains(&dimension));
    (order.len() == dimensions && all).then_some(order)
}
