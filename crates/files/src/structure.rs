//! The structure of a file: its arrays and entries, and where in the file their bytes are.

use std::ops::Range;

use replayscope_json::Json;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Structure {
    /// Of HDF5: a Zarr hierarchy.
    Nodes {
        /// Path and `zarr.json` of each node; the root's, at "", has those of all others.
        nodes: Vec<(String, Json)>,
        /// Where the values of each array are in the file, by the array's path.
        storage: Vec<(String, Storage)>,
        /// What is left out, and why.
        skipped: Vec<(String, String)>,
    },
    /// Of a zip.
    Entries {
        /// Sorted by name.
        entries: Vec<Entry>,
        /// What is left out, and why.
        skipped: Vec<(String, String)>,
    },
}

/// How the values of an array are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Storage {
    /// In one range of the file, row after row. The range is empty where nothing was written.
    Contiguous {
        /// Offset in the file, in bytes.
        start: u64,
        /// Length in bytes.
        bytes: u64,
    },
    /// In chunks of the array's grid: those that are stored, in C order.
    Chunked(Vec<StoredChunk>),
    /// Not in the file as such: these float64 values are the only chunk.
    Inline(Vec<f64>),
}

/// A chunk that is stored, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredChunk {
    /// Number of the chunk in its grid, counted in C order.
    pub number: u64,
    /// Offset in the file, in bytes.
    pub start: u64,
    /// Length in bytes.
    pub bytes: u64,
}

/// An entry of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, without the folder that holds everything.
    pub name: String,
    /// Range in the file, from its local header to whatever comes next.
    pub place: Range<u64>,
    /// Whether it is deflated; else it is stored as it is.
    pub deflated: bool,
    /// Bytes of its content.
    pub size: u64,
}
