//! What a foreign file holds, told as Zarr v3: a state machine without I/O. Whoever drives it fetches the ranges it
//! asks for, so that it runs in the page, beside `fetch`, as well as on a file.
//!
//! Only structure is read, and what is small: the bytes of arrays stay where they are, and the answer says where.

mod blocks;
mod hdf5;
mod node;
mod reading;
mod zip;

pub use reading::{Chunk, Entry, Found, Kind, Place, Reading, Step};
