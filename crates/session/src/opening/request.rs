//! Requests for what references name, and what was loaded.

use std::rc::Rc;

use replayscope_json::Json;
use replayscope_zarr::array::Array;

use crate::document::{FieldEntry, TimeRef};

/// A chunk's index and its values.
pub(crate) type Column = (u64, Vec<f64>);

/// A reference, and how much to read of what it names.
pub(crate) struct Request {
    /// A path within the group, a file, or `path-or-URL#path`.
    pub reference: String,
    pub depth: Depth,
    /// Whether the array may be missing.
    pub optional: bool,
    /// Data type and shape of a raw file.
    pub raw: Option<(String, Vec<u64>)>,
}

/// How much to read of what a reference names.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Depth {
    Nothing,
    /// The JSON of an environment's file, and the arrays beside it.
    Json,
    /// The metadata of an array.
    Metadata,
    /// The metadata, and where the chunk of the first picture is stored.
    FirstChunk,
    /// All values of an array.
    Values,
    /// The values that a time axis needs at open.
    Times,
}

impl Request {
    pub fn new(reference: &str, depth: Depth) -> Self {
        Self { reference: reference.to_owned(), depth, optional: false, raw: None }
    }

    pub fn nothing() -> Self {
        Self::new("", Depth::Nothing)
    }

    /// All values of a coordinate that may be missing.
    pub fn column(reference: &str) -> Self {
        Self { optional: true, ..Self::new(reference, Depth::Values) }
    }

    pub fn field(entry: &FieldEntry) -> Self {
        let raw = entry.dtype.clone().zip(entry.shape.clone());
        Self { raw, ..Self::new(&entry.array, Depth::Metadata) }
    }

    pub fn time(time: Option<&TimeRef>) -> Self {
        match time {
            Some(TimeRef::Regular { .. }) => Self::nothing(),
            Some(TimeRef::Array { array }) => Self::new(array, Depth::Times),
            None => Self { optional: true, ..Self::new("time", Depth::Times) },
        }
    }
}

/// The result of a request; empty where an optional array is missing.
#[derive(Default)]
pub(crate) struct Loaded {
    /// The dict of an environment.
    pub dict: Option<Json>,
    pub array: Option<Rc<Array>>,
    /// Values of all chunks or of some.
    pub columns: Vec<Column>,
}

impl Loaded {
    /// The values of all loaded chunks, in order.
    pub fn values(&self) -> Vec<f64> {
        self.columns.iter().flat_map(|(_, values)| values.iter().copied()).collect()
    }
}

/// A part of the session: a request and, once fetched, its result.
pub(crate) struct Part {
    pub request: Request,
    pub loaded: Loaded,
}

impl From<Request> for Part {
    fn from(request: Request) -> Self {
        Self { request, loaded: Loaded::default() }
    }
}
