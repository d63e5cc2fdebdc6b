//! Byte sources and Zarr arrays.
//!
//! [`source`] reads byte ranges of objects, wherever they lie; [`array`](mod@array) turns a frame into a chunk, a chunk into byte
//! ranges, and the bytes into values. [`futures`] and [`argsort`] are the algorithms that both, and the layers above, share.

pub use replayscope_json::{self as json, number};

pub mod advice;
pub mod argsort;
pub mod array;
mod error;
pub mod futures;
pub mod source;

pub use error::Error;
