//! Everything that can be wrong with a Zarr array, as messages for the person who opened it.

use crate::advice;

/// Why an array cannot be read. `location` is the URL or path of the object that is wrong, and ends each message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// No `zarr.json`, and no sign of the older format either.
    #[error(
        "There is no zarr.json here (404), so this is no Zarr v3 group or array. \
         Give the address of the folder that holds the session's zarr.json: {location}"
    )]
    Missing {
        /// Where `zarr.json` was looked for.
        location: String,
    },
    /// A web page came instead of metadata.
    #[error(
        "A web page came instead of zarr.json: a login page, or a server that answers every address with its own \
         page. Log in there first, or serve the folder with `replayscope serve DIR`: {location}"
    )]
    WebPage {
        /// Where `zarr.json` was looked for.
        location: String,
    },
    /// `zarr.json` is no JSON.
    #[error(
        "zarr.json cannot be read as JSON: {reason}. Where it is cut short or damaged, copy it again: {location}"
    )]
    NotJson {
        /// What the parser said, with line and column.
        reason: String,
        /// The metadata.
        location: String,
    },
    /// An array where a group was expected, or the other way round.
    #[error("zarr.json here describes {found}, not {wanted}. {hint}: {location}")]
    WrongNode {
        /// What it is.
        found: String,
        /// What was wanted.
        wanted: &'static str,
        /// What to do.
        hint: &'static str,
        /// The metadata.
        location: String,
    },
    /// Metadata that breaks the specification.
    #[error(
        "The array's metadata is not valid Zarr: {what}. The program that wrote it has a fault, or the file is \
         damaged; write the array again: {location}"
    )]
    Metadata {
        /// What is wrong, with the value found.
        what: String,
        /// The metadata.
        location: String,
    },
    /// Valid, but beyond what is read here.
    #[error("{what} cannot be read here. {hint}: {location}")]
    Unsupported {
        /// What the array uses.
        what: String,
        /// What is read, and what to do.
        hint: &'static str,
        /// The metadata.
        location: String,
    },
    /// One chunk in time holds more than fits a page's memory.
    #[error(
        "{what} decodes to {bytes} bytes, above the limit of {limit}: all of it has to be held in memory to show one \
         frame. Rechunk it along time: python -c \"import xarray as xr; \
         xr.open_zarr('IN.zarr').drop_encoding().chunk(time=256).to_zarr('OUT.zarr', zarr_format=3)\" — {location}"
    )]
    TooLarge {
        /// Which part.
        what: String,
        /// Its decoded size.
        bytes: u64,
        /// The limit.
        limit: u64,
        /// The metadata or the object.
        location: String,
    },
    /// One chunk in time is scattered over more inner chunks than can be asked for.
    #[error(
        "One chunk in time is stored in {inner_chunks} pieces (chunk shape {chunk_shape:?}), and every frame needs all of \
         them; the limit is {limit}. Rechunk it so that a chunk holds all bins of some frames: {location}"
    )]
    TooManyInnerChunks {
        /// How many.
        inner_chunks: u64,
        /// The chunk shape.
        chunk_shape: Vec<u64>,
        /// The limit.
        limit: u64,
        /// The metadata.
        location: String,
    },
    /// There is no more memory.
    #[error(
        "No memory for {bytes} bytes. {advice}, or rechunk the array into smaller chunks along time: {location}",
        advice = advice::FREE_MEMORY
    )]
    OutOfMemory {
        /// Bytes asked for.
        bytes: u64,
        /// The object being decoded.
        location: String,
    },
    /// A chunk outside the array was asked for.
    #[error(
        "Chunk {chunk} was asked for, but there are {chunks} along time. This is a fault of the viewer: {location}"
    )]
    NoSuchChunk {
        /// Asked for.
        chunk: u64,
        /// Chunks along time.
        chunks: u64,
        /// The array.
        location: String,
    },
    /// The bytes are not those that were written.
    #[error(
        "Chunk {chunk} is damaged: its {codec} checksum is {computed:08x} and should be {stored:08x}. \
         The file changed on its way here or on disk; copy it again from where it was written: {location}"
    )]
    Checksum {
        /// Chunk along time.
        chunk: u64,
        /// The codec that holds the checksum.
        codec: &'static str,
        /// As stored.
        stored: u32,
        /// As computed from the bytes that came.
        computed: u32,
        /// The object.
        location: String,
    },
    /// The bytes do not decode.
    #[error(
        "Chunk {chunk} is damaged: {codec}: {reason}. The file changed on its way here or on disk, or is not what its \
         zarr.json says; copy it again from where it was written: {location}"
    )]
    Corrupt {
        /// Chunk along time.
        chunk: u64,
        /// The codec that gave up.
        codec: &'static str,
        /// What it found.
        reason: String,
        /// The object.
        location: String,
    },
    /// A shard's index is damaged or speaks of bytes that cannot be.
    #[error(
        "The shard's index is damaged: {reason}. Copy the file again from where it was written: {location}"
    )]
    ShardIndex {
        /// What is wrong, with the values found.
        reason: String,
        /// The shard.
        location: String,
    },
}

/// What is wrong with an array's metadata, before it is said where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Flaw {
    /// It is not valid.
    Invalid(String),
    /// It uses what is not read here; and what is.
    Unsupported(String, &'static str),
}

impl Flaw {
    pub fn at(self, location: &str) -> ArrayError {
        let location = location.to_owned();
        match self {
            Self::Invalid(what) => ArrayError::Metadata { what, location },
            Self::Unsupported(what, hint) => ArrayError::Unsupported { what, hint, location },
        }
    }
}
