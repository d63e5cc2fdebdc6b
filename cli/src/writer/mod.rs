//! Writes a session: a Zarr v3 group that xarray opens, laid out for reading by ranges.
//!
//! Fields are sharded so that a recording is hundreds of files and not millions; the index of a shard stands at its
//! start, where a reader finds it without knowing how long the shard is. The bytes are written here rather than by a
//! general Zarr library because those leave out chunks that equal the fill value: a stretch of recorded NaN would come
//! back as "not stored". Tests read every array back with one of those libraries.

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
