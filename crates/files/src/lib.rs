//! Files that hold arrays and are no Zarr hierarchy: HDF5 (and so netCDF 4 and NWB), zip archives, `NumPy`'s `.npy` and `.npz`.
//! Each is read as a Zarr hierarchy, through a virtual Zarr store, so the same arrays, seeks and errors serve all of them.
//!
//! In reading order: [`FileKind`] says what a file is; [`open_file`] fetches its structure with a parser that does no I/O
//! ([`Parser`]), and gives a [`ByteSource`](replayscope_zarr::source::ByteSource): a [`VirtualStore`], whose chunks are ranges of the
//! file, or an [`Archive`], whose entries are its objects. [`raw_array`] opens a file of values without a header, and [`read_npz`]
//! reads an array of an environment. A [`FileError`] says why a file cannot be read.
//!
//! # Example
//!
//! ```
//! use replayscope_files::{FileKind, looks_like};
//!
//! assert_eq!(FileKind::of("https://host/results.nc?version=2"), Some(FileKind::Hdf5));
//! // A Zarr folder is no file.
//! assert_eq!(FileKind::of("https://host/session.zarr"), None);
//!
//! // The first bytes say what a file is, whatever its name.
//! assert_eq!(FileKind::by_head(b"\x93NUMPY\x01\0"), Some(FileKind::Npy));
//! assert_eq!(looks_like(b"<!doctype html>"), "it is a web page, perhaps that of a login");
//! ```

mod archive;
mod blocks;
mod error;
mod fetch;
mod hdf5;
mod kind;
mod node;
mod npy;
mod npz;
mod open;
mod parser;
mod structure;
mod virtual_store;
mod zip;

pub use archive::Archive;
pub use error::{Error, FileError};
pub use kind::{FileKind, HEAD, looks_like};
pub use npy::NpyHeader;
pub use npz::{MAX_AXES as NPZ_AXES, read_npz};
pub use open::{open_archive, open_file, raw_array};
pub use parser::{Kind, Parser, Step};
pub use structure::{Entry, Storage, StoredChunk, Structure};
pub use virtual_store::VirtualStore;
