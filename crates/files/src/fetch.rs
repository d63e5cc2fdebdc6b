//! Reads the structure of a file: parses the blocks that were fetched and fetches the ones that the parser still needs.

use std::ops::Range;
use std::rc::Rc;

use replayscope_zarr::futures::join;
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::error::{Error, FileError};
use crate::kind::looks_like;
use crate::parser::{Kind, Parser, Step};
use crate::structure::Structure;

/// No honest file needs more: ranges grow with every step.
const MOST_STEPS: usize = 200;
/// Ranges in flight at once.
const AT_ONCE: usize = 6;

/// Fetches the ranges that the parser asks for until it knows the structure of the file.
pub(crate) async fn read_structure(
    folder: &Rc<dyn ByteSource>,
    name: &str,
    kind: Kind,
) -> Result<Structure, Error> {
    let location = folder.location(name);
    let fail = |reason: String| {
        let (what, how) = match kind {
            Kind::Zip => (
                "a zip archive",
                "Copy it again, or write it with zarr-python: `zarr.storage.ZipStore(\"session.zarr.zip\", mode=\"w\")`",
            ),
            Kind::Hdf5 => (
                "an HDF5 file",
                "Copy it again, or write it with xarray: `results.to_netcdf(\"results.nc\")`",
            ),
        };
        Error::from(FileError { what, reason, how, location: location.clone() })
    };
    let size = folder.size(name).await?;
    if size == 0 {
        return Err(fail(looks_like(&[]).to_owned()));
    }
    let mut parser = Parser::new(kind, size);
    for _ in 0..MOST_STEPS {
        let needs = match parser.step() {
            Step::Done(structure) => return Ok(structure),
            Step::Failed(reason) => return Err(fail(reason)),
            Step::Needs(needs) => needs,
        };
        let reads =
            needs.iter().map(|range| Box::pin(async { Ok(read(folder, name, range.clone()).await?) }) as _);
        let reads: Result<Vec<Vec<u8>>, Error> = join(reads.collect(), AT_ONCE).await;
        for (range, bytes) in needs.into_iter().zip(reads?) {
            // A web page in the place of the file is reported as one, and not as a damaged file.
            if range.start == 0 && matches!(bytes.first(), None | Some(b'<')) {
                return Err(fail(looks_like(&bytes).to_owned()));
            }
            parser.supply(range.start, bytes);
        }
    }
    Err(fail(format!("what describes it is spread over more than {MOST_STEPS} places")))
}

/// The bytes of a range of a file; fewer where the file ends before it.
pub(crate) async fn read(
    folder: &Rc<dyn ByteSource>,
    name: &str,
    range: Range<u64>,
) -> Result<Vec<u8>, SourceError> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    folder.read(name, Span::Range(range)).await
}
