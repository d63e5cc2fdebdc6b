//! The parser of a file's structure as a state machine without I/O: supply, step, supply, step, done.
//!
//! Whoever drives it fetches the ranges that it asks for, so the same parser runs in the page, beside `fetch`, and on a file of
//! the disk. Only structure is parsed, and what is small: the bytes of arrays stay where they are, and the result says where.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::blocks::{Blocks, lock};
use crate::structure::Structure;
use crate::{hdf5, zip};

/// Steps after which a file is given up: a file that is read in more pieces than this is broken.
const STEPS: u32 = 1000;

/// The format of a file whose structure is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HDF5, and so netCDF 4 and MATLAB 7.3.
    Hdf5,
    /// A zip archive of a Zarr group.
    Zip,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The ranges of bytes to supply before the next step, ascending and apart.
    Needs(Vec<Range<u64>>),
    /// The structure of the file.
    Done(Structure),
    /// Why it cannot be read: what is wrong with it, to be put after its name.
    Failed(String),
}

/// A file whose structure is being parsed.
pub struct Parser {
    kind: Kind,
    blocks: Arc<Mutex<Blocks>>,
    steps: u32,
}

impl Parser {
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
        let parsed = match self.kind {
            Kind::Hdf5 => hdf5::parse(&self.blocks),
            Kind::Zip => zip::parse(&self.blocks),
        };
        // Whatever a parser makes of a miss, it is one.
        match parsed {
            _ if self.with(|blocks| blocks.is_missing()) => Step::Needs(self.with(Blocks::needs)),
            Ok(structure) => Step::Done(structure),
            Err(reason) => Step::Failed(reason),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Blocks) -> T) -> T {
        act(&mut lock(&self.blocks))
    }
}
