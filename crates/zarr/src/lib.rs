//! Byte sources and Zarr arrays of format 3 and 2.
//!
//! In reading order: [`source`] reads byte ranges of objects, wherever they are stored ([`ByteSource`](source::ByteSource));
//! [`array`](mod@array) turns a frame into a chunk, the chunk into byte ranges, and their bytes into values. An [`Error`] is either a
//! [`SourceError`](source::SourceError) or an [`ArrayError`](array::ArrayError). [`futures`] and [`argsort`] are algorithms that these
//! modules and the layers above share; [`advice`] is what errors advise where the page and the command line differ.
//!
//! # Example
//!
//! Opens an array of two chunks in memory and reads the chunk that holds frame 3:
//!
//! ```
//! use std::rc::Rc;
//!
//! use futures_executor::block_on;
//! use replayscope_zarr::array::open_array;
//! use replayscope_zarr::source::{ByteSource, MemorySource};
//!
//! let metadata = br#"{
//!     "zarr_format": 3, "node_type": "array", "shape": [4, 2], "data_type": "uint8", "fill_value": 0,
//!     "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 2]}},
//!     "chunk_key_encoding": {"name": "default"}, "codecs": [{"name": "bytes"}]
//! }"#;
//! let objects: [(&str, &[u8]); 3] =
//!     [("posterior/zarr.json", metadata), ("posterior/c/0/0", &[1, 2, 3, 4]), ("posterior/c/1/0", &[5, 6, 7, 8])];
//! let objects = objects.map(|(key, bytes)| (key.to_owned(), bytes.to_vec()));
//! let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new(objects));
//!
//! let array = block_on(open_array(&source, "posterior"))?;
//! let chunk = array.chunk_of(3);
//! let encoded = block_on(array.fetch(chunk))?;
//! let decoded = array.decode(&encoded)?;
//! assert_eq!((chunk, decoded.frames), (1, 2..4));
//! assert_eq!(decoded.values.row(1), [7.0, 8.0]);
//! # Ok::<(), replayscope_zarr::Error>(())
//! ```

pub use replayscope_json::{self as json, number};

pub mod advice;
pub mod argsort;
pub mod array;
mod error;
pub mod futures;
pub mod source;

pub use error::Error;
