//! Files that hold arrays and are no Zarr hierarchy: HDF5 (and so netCDF 4 and NWB), zip archives, `NumPy`'s `.npy` and `.npz`.
//! Each is read as one, through a virtual Zarr store, so the same arrays, seeks and errors serve all of them.
//!
//! In data-flow order: [`FileKind`] says what a file is; [`open_file`] fetches its structure with a parser that does no I/O
//! ([`Parser`]), and gives a [`ByteSource`](replayscope_zarr::source::ByteSource): a [`VirtualStore`], whose chunks are ranges of the
//! file, or an [`Archive`], whose entries are its objects.

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
