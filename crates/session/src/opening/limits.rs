//! How much a session may hold. What its metadata claim is held against these before anything is allocated for it.

use replayscope_zarr::array::Array;

use crate::environment::MOST_BINS;
use crate::error::SessionError;

/// Stamps of a time axis: 37 hours at 500 Hz, half a gigabyte.
const STAMPS: u64 = 1 << 26;
/// Chunks of a coordinate, each of which is a request.
const COLUMN_CHUNKS: u64 = 1 << 14;
/// Corners of polygons, for each bin that there may be.
const CORNERS: u64 = 16;
/// States of a decoder.
pub(super) const STATES: usize = 256;
/// Fields, and overlays.
const LAYERS: usize = 256;
/// Sentences for the info panel.
const NOTES: usize = 40;

const FEWER_BINS: &str = "Decode into larger bins, or a part of the environment";
const FEWER_STATES: &str = "Look at what names the states: `print(results.state)`";
const RATE: &str =
    "Say when frames are by a rate: {\"time\": {\"start\": 0, \"rate\": 500}} in the session document";

/// Whether `name` may have so many of `what`; if not, what would do.
fn check(
    name: &str,
    count: u64,
    what: &'static str,
    limit: u64,
    how: &'static str,
) -> Result<(), SessionError> {
    let name = name.to_owned();
    if count <= limit { Ok(()) } else { Err(SessionError::TooMuch { name, count, what, limit, how }) }
}

/// Whether there may be so many bins; of a decoder's results those of all states together.
pub(super) fn bins(name: &str, bins: u64) -> Result<(), SessionError> {
    check(name, bins, "bins", MOST_BINS, FEWER_BINS)
}

/// Whether there may be so many states.
pub(super) fn states(name: &str, states: usize) -> Result<(), SessionError> {
    check(name, states as u64, "states", STATES as u64, FEWER_STATES)
}

/// Whether all of a coordinate may be read: a value for each bin, or corners of polygons.
pub(super) fn column(array: &Array) -> Result<(), SessionError> {
    let of_each = if array.metadata().shape.len() == 1 { 1 } else { CORNERS };
    let values = array.frames().saturating_mul(array.width() as u64);
    check(&name(array), values, "values", of_each * MOST_BINS, FEWER_BINS)?;
    check(&name(array), array.chunks(), "chunks", COLUMN_CHUNKS, "Write it as one chunk")
}

/// Whether all stamps of a time axis may be read.
pub(super) fn stamps(array: &Array) -> Result<(), SessionError> {
    check(&name(array), array.frames(), "stamps", STAMPS, RATE)
}

/// What to call an array: one that is a file by itself has no name in it.
fn name(array: &Array) -> String {
    if array.path().is_empty() { array.location() } else { array.path().to_owned() }
}

/// The first layers, where there are more than are shown.
pub(super) fn layers<T>(layers: &mut Vec<T>, what: &str, notes: &mut Vec<String>) {
    let all = layers.len();
    if all > LAYERS {
        layers.truncate(LAYERS);
        notes.push(format!("There are {all} {what}; the first {LAYERS} are shown."));
    }
}

/// The first notes, where there are more than anyone reads.
pub(super) fn notes(notes: &mut Vec<String>) {
    let all = notes.len();
    if all > NOTES {
        notes.truncate(NOTES);
        notes.push(format!("There are {} more notes.", all - NOTES));
    }
}
