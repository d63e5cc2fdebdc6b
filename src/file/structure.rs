//! Finding out what a file holds by parsing what has come of it, and fetching what the parser lacks.

use std::rc::Rc;

use replayscope_files::{Found, Kind, Reading, Step};

use crate::error::Error;
use crate::futures::join;
use crate::source::ByteSource;

use super::{FileError, looks_like, read, size};

/// No honest file needs more: ranges grow with every step.
const MOST_STEPS: usize = 200;
/// Ranges in flight at once.
const AT_ONCE: usize = 6;

/// Reads of a file what its parser asks for, until that knows what is in it.
pub(super) async fn find_out(folder: &Rc<dyn ByteSource>, name: &str, kind: Kind) -> Result<Found, Error> {
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
    let size = size(folder, name).await?;
    if size == 0 {
        return Err(fail(looks_like(&[]).to_owned()));
    }
    let mut reading = Reading::new(kind, size);
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
