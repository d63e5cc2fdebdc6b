//! Finding out what a file holds by parsing what has come of it, and fetching what the parser lacks.

use std::ops::Range;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::error::Error;
use crate::join::join;
use crate::json::Json;
use crate::source::ByteSource;

use super::{FileError, looks_like, read, size};

/// Starts to read a file of `kind` (`"hdf5"` or `"zip"`) of so many bytes.
///
/// In the browser that is a module of its own, fetched when the first such file is met (docs/architecture.md).
pub trait Structure {
    /// A parser that has nothing yet.
    fn start(&self, kind: &'static str, size: u64) -> LocalBoxFuture<'_, Result<Box<dyn Reading>, Error>>;
}

/// A parser that is fed; it does not wait.
pub trait Reading {
    /// Bytes of the file from `start` on.
    fn supply(&mut self, start: u64, bytes: Vec<u8>);
    /// Parses with what is there.
    fn step(&mut self) -> Step;
}

/// How far a parser has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It lacks these ranges.
    Needs(Vec<Range<u64>>),
    /// What the file holds.
    Done(Json),
    /// What is wrong with the file.
    Failed(String),
}

/// Right here: what the command line and the native tests have.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

#[cfg(not(target_arch = "wasm32"))]
impl Structure for Here {
    fn start(&self, kind: &'static str, size: u64) -> LocalBoxFuture<'_, Result<Box<dyn Reading>, Error>> {
        let kind = replayscope_formats::Kind::from_name(kind).unwrap_or(replayscope_formats::Kind::Hdf5);
        let reading: Box<dyn Reading> = Box::new(replayscope_formats::Reading::new(kind, size));
        Box::pin(std::future::ready(Ok(reading)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Reading for replayscope_formats::Reading {
    fn supply(&mut self, start: u64, bytes: Vec<u8>) {
        self.supply(start, bytes);
    }

    fn step(&mut self) -> Step {
        match self.step() {
            replayscope_formats::Step::Needs(needs) => Step::Needs(needs),
            replayscope_formats::Step::Done(found) => {
                Json::parse(found.as_bytes()).map_or_else(Step::Failed, Step::Done)
            }
            replayscope_formats::Step::Failed(reason) => Step::Failed(reason),
        }
    }
}

/// No honest file needs more: ranges grow with every step.
const MOST_STEPS: usize = 200;
/// Ranges in flight at once.
const AT_ONCE: usize = 6;

/// Reads of a file what its parser asks for, until that knows what is in it.
pub(super) async fn find_out(
    folder: &Rc<dyn ByteSource>,
    name: &str,
    kind: &'static str,
    structure: &dyn Structure,
) -> Result<Json, Error> {
    let location = folder.location(name);
    let fail = |reason: String| {
        let (what, how) = match kind {
            "zip" => (
                "a zip archive",
                "Copy it again, or write it with zarr-python: `zarr.storage.ZipStore(\"session.zarr.zip\", mode=\"w\")`",
            ),
            _ => (
                "an HDF5 file",
                "Copy it again, or write it with xarray: `results.to_netcdf(\"results.nc\")`",
            ),
        };
        Error::from(FileError { what, reason, how, location: location.clone() })
    };
    let size = size(folder, name).await?;
    if size == 0 {
        return Err(fail(looks_like(&[]).to_owned()));
    }
    let mut reading = structure.start(kind, size).await?;
    for _ in 0..MOST_STEPS {
        let needs = match reading.step() {
            Step::Done(found) => return Ok(found),
            Step::Failed(reason) => return Err(fail(reason)),
            Step::Needs(needs) => needs,
        };
        let reads =
            needs.iter().map(|range| Box::pin(async { Ok(read(folder, name, range.clone()).await?) }) as _);
        let reads: Result<Vec<Vec<u8>>, Error> = join(reads.collect(), AT_ONCE).await;
        for (range, bytes) in needs.into_iter().zip(reads?) {
            // A page where a file was to be is told as that, and not as a damaged file.
            if range.start == 0 && matches!(bytes.first(), None | Some(b'<')) {
                return Err(fail(looks_like(&bytes).to_owned()));
            }
            reading.supply(range.start, bytes);
        }
    }
    Err(fail(format!("what describes it is spread over more than {MOST_STEPS} places")))
}
