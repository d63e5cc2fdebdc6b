//! Zarr arrays: frame → chunk → byte ranges → values.
//!
//! In reading order: [`open_group`] reads `zarr.json` ([`metadata`]); [`Array::new`] checks that what it
//! says can be read ([`fill`], [`grid`], [`codec`], [`cf`]); [`Array::fetch`] turns a chunk in time into byte
//! ranges, through a shard's index where there is one ([`shard`]); [`Array::decode`] turns those bytes into values.
//! Format: <https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html>.

#[allow(clippy::module_inception, reason = "the file is named for the noun it holds")]
mod array;
mod cf;
mod checked;
mod chunk_key;
mod codec;
mod columns;
mod decoding;
mod encoded;
mod fill;
mod format2;
mod grid;
mod group;
mod metadata;
mod numpy;
mod reads;
mod shard;

pub use crate::error::ArrayError;
pub use array::Array;
pub use chunk_key::ChunkKeyEncoding;
pub use columns::{COLUMNS, Columns};
pub use encoded::{Decoded, Encoded, Unpacked};
pub use format2::{Format2, Translate, format2_node};
pub use group::{Group, open_array, open_group};
pub use metadata::{ArrayMetadata, Extension};
pub use numpy::numpy_type;
pub use replayscope_codecs::{DataType, Lost, Values};

/// The most bytes one chunk in time may decode to: 1 GiB. A page has 4 GiB of memory at most, for everything.
pub const MAX_DECODED_BYTES: u64 = 1 << 30;
