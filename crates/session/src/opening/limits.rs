//! Limits of a session's sizes. Sizes that metadata claim are checked before anything is allocated.

use replayscope_zarr::array::Array;

use crate::environment::MOST_BINS;
use crate::error::SessionError;

/// Most stamps of a time axis: 37 hours at 500 Hz, half a gigabyte.
const STAMPS: u64 = 1 << 26;
/// Most chunks of a coordinate, each of which is a request.
const COLUMN_CHUNKS: u64 = 1 << 14;
/// Most corners of polygons per bin, on average.
const CORNERS: u64 = 16;
/// Most states of a decoder.
pub(super) const STATES: usize = 256;
/// Most fields, and most overlays.
const LAYERS: usize = 256;
/// Most sentences in the info panel.
const NOTES: usize = 40;

const FEWER_BINS: &str = "Decode into larger bins, or a part of the environment";
const FEWER_STATES: &str = "Check the names of the states: `print(results.state)`";
const RATE: &str =
    "Give the frame rate instead: {\"time\": {\"start\": 0, \"rate\": 500}} in the session document";

/// An error where `name` has more than `limit` of `what`; `how` says what to do.
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

/// Checks the number of bins; for a decoder's results, of all states together.
pub(super) fn bins(name: &str, bins: u64) -> Result<(), SessionError> {
    check(name, bins, "bins", MOST_BINS, FEWER_BINS)
}

/// Checks the number of states.
pub(super) fn states(name: &str, states: usize) -> Result<(), SessionError> {
    check(name, states as u64, "states", STATES as u64, FEWER_STATES)
}

/// Checks the size of a coordinate (one value per bin) or of polygons' corners before all of it is read.
pub(super) fn column(array: &Array) -> Result<(), SessionError> {
    let of_each = if array.metadata().shape.len() == 1 { 1 } else { CORNERS };
    let values = array.frames().saturating_mul(array.width() as u64);
    check(&name(array), values, "values", of_each * MOST_BINS, FEWER_BINS)?;
    check(&name(array), array.chunks(), "chunks", COLUMN_CHUNKS, "Write it as one chunk")
}

/// Checks the number of stamps of a time axis.
pub(super) fn stamps(array: &Array) -> Result<(), SessionError> {
    check(&name(array), array.frames(), "stamps", STAMPS, RATE)
}

/// The name of an array in a message: its path, or the location of a file that is one array.
fn name(array: &Array) -> String {
    if array.path().is_empty() { array.location() } else { array.path().to_owned() }
}

/// Keeps the first [`LAYERS`] layers; a note says so.
pub(super) fn layers<T>(layers: &mut Vec<T>, what: &str, notes: &mut Vec<String>) {
    let all = layers.len();
    if all > LAYERS {
        layers.truncate(LAYERS);
        notes.push(format!("There are {all} {what}; the first {LAYERS} are shown."));
    }
}

/// Keeps the first [`NOTES`] notes and counts the rest.
pub(super) fn notes(notes: &mut Vec<String>) {
    let all = notes.len();
    if all > NOTES {
        notes.truncate(NOTES);
        notes.push(format!("There are {} more notes.", all - NOTES));
    }
}
