//! Writes a session: a Zarr v3 group that xarray opens, laid out for reading by ranges.
//!
//! Fields are sharded so that a recording has hundreds of files and not millions; the index of a shard is at its start, where a reader
//! finds it without knowing the shard's length. The bytes are written here and not by a general Zarr library, because those omit chunks
//! that equal the fill value: recorded NaN would be read as "not stored". Tests read every array with such a library.

mod block;
mod blosc;
mod field;
mod group;
mod layout;
mod limits;
mod precision;
mod pyramid;
mod rounding;
mod shard;

pub use block::Pooling;
pub use field::{Field, FieldReport, Progress, PyramidReport, write_field};
pub use group::{CoordinateLayout, GroupWriter};
pub use layout::FieldLayout;
pub use precision::Precision;
pub use rounding::Rounding;
