//! Zarr arrays: frame → chunk → byte ranges → values.
//!
//! In reading order: [`open_group`] reads `zarr.json` ([`metadata`]); [`Array::new`] checks that what it
//! says can be read ([`layout`], with [`fill`], [`grid`], [`codec`] and [`cf`]); [`Array::fetch`] turns a chunk in time into byte
//! ranges, through a shard's index where there is one ([`fetch`], [`shard`]), and reads them ([`Encoded`]); [`Array::decode`] turns those
//! bytes into values ([`decode`]).
//! Format: <https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html>.

#[allow(clippy::module_inception, reason = "the file is named for the noun it holds")]
mod array;
mod cf;
mod codec;
mod columns;
mod decode;
mod encoded;
mod fetch;
mod fill;
mod flaw;
mod format2;
mod grid;
mod group;
mod layout;
mod metadata;
mod numpy;
mod path;
mod shard;

pub use crate::error::ArrayError;
pub use array::Array;
pub use columns::{COLUMNS, Columns};
pub use decode::{Decoded, Unpacked};
pub use encoded::Encoded;
pub use format2::{Format2, Translate, format2_node};
pub use group::{Group, open_array, open_group};
pub use layout::MAX_DECODED_BYTES;
pub use metadata::{ArrayMetadata, Extension};
pub use numpy::numpy_type;
pub use replayscope_codecs::{DataType, Lost, Values};
