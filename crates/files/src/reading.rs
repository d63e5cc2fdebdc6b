//! The state machine: supply, step, supply, step, done.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use replayscope_json::Json;

use crate::blocks::Blocks;
use crate::{hdf5, zip};

/// Steps after which a file is given up: what is read in more pieces than this is broken.
const STEPS: u32 = 1000;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HDF5, and so netCDF 4 and MATLAB 7.3.
    Hdf5,
    /// A zip of a Zarr group.
    Zip,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Of HDF5: a Zarr hierarchy.
    Nodes {
        /// Path and `zarr.json` of each node; the root's, at "", has those of all others.
        nodes: Vec<(String, Json)>,
        /// Where each array's values are, by its path.
        places: Vec<(String, Place)>,
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

/// Where the values of an array are.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In one run of the file, chunk after chunk of whole rows; none where nothing is stored.
    Run {
        /// In the file.
        start: u64,
        /// Its length.
        bytes: u64,
    },
    /// Those chunks of the grid that are stored, in C order.
    Chunks(Vec<Chunk>),
    /// Here: the only chunk, of float64.
    Values(Vec<f64>),
}

/// A chunk that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Which of the grid's it is, counted in C order.
    pub number: u64,
    /// In the file.
    pub start: u64,
    /// Its length.
    pub bytes: u64,
}

/// An entry of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, without the folder that holds everything.
    pub name: String,
    /// In the file: from its local header to whatever comes next.
    pub place: Range<u64>,
    /// Whether it is deflated; else it is stored as it is.
    pub deflated: bool,
    /// Bytes of its content.
    pub size: u64,
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The ranges of bytes to supply before the next step, ascending and apart.
    Needs(Vec<Range<u64>>),
    /// What the file holds.
    Done(Found),
    /// Why it cannot be read: what is wrong with it, to be put after its name.
    Failed(String),
}

/// A file that is being found out about.
pub struct Reading {
    kind: Kind,
    blocks: Arc<Mutex<Blocks>>,
    steps: u32,
}

impl Reading {
    /// Of a file of `size` bytes.
    pub fn new(kind: Kind, size: u64) -> Self {
        Self { kind, blocks: Arc::new(Mutex::new(Blocks::new(size))), steps: 0 }
    }

    /// Bytes of the file from `start` on.
    #[allow(clippy::needless_pass_by_value, reason = "whoever fetched them has no use for them any more")]
    pub fn supply(&mut self, start: u64, bytes: Vec<u8>) {
        self.with(|blocks| blocks.supply(start, &bytes));
    }

    /// Parses with what is there, from the start.
    pub fn step(&mut self) -> Step {
        self.steps += 1;
        if self.steps > STEPS {
            return Step::Failed(format!("its structure is still not all read after {STEPS} steps"));
        }
        if self.with(|blocks| blocks.is_full()) {
            return Step::Failed("its structure takes more than 256 MiB".to_owned());
        }
        self.with(Blocks::begin);
        let told = match self.kind {
            Kind::Hdf5 => hdf5::tell(&self.blocks),
            Kind::Zip => zip::tell(&self.blocks),
        };
        // Whatever a parser makes of a miss, it is one.
        match told {
            _ if self.with(|blocks| blocks.is_missing()) => Step::Needs(self.with(Blocks::needs)),
            Ok(found) => Step::Done(found),
            Err(reason) => Step::Failed(reason),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Blocks) -> T) -> T {
        act(&mut self.blocks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
