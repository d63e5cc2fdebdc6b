//! Reads a time axis from an array of stamps, with as few chunks as possible.

use std::ops::Range;
use std::rc::Rc;

use replayscope_json::Json;
use replayscope_zarr::array::Array;
use replayscope_zarr::futures::{Boxed, join};

use crate::document::TimeRef;
use crate::error::{Error, SessionError};
use crate::opening::limits;
use crate::opening::request::{Column, Loaded};
use crate::time::{TimeAxis, seconds_per_unit};

/// Most bytes of a time array that is read in full at open; of a larger one, the ends are read first.
const AT_ONCE: u64 = 1 << 20;
/// Most chunks in flight: when a long array is read in the background, and at open.
const IN_FLIGHT: u64 = 4;
const AT_OPEN: u64 = 64;

/// Reads a time array in full, a few chunks at a time, to replace an axis that was made from some of its stamps.
///
/// # Errors
/// Where the array cannot be read, or its stamps do not increase.
pub async fn check_times(array: &Array) -> Result<TimeAxis, Error> {
    limits::stamps(array)?;
    let (scale, chunks) = (time_scale(array)?, array.chunks());
    let mut stamps: Vec<f64> = Vec::new();
    for at in (0..chunks).step_by(IN_FLIGHT as usize) {
        let known = stamps.len().saturating_sub(1);
        for (_, column) in read(array, at..chunks.min(at + IN_FLIGHT)).await? {
            stamps.extend(column.iter().map(|time| time * scale));
        }
        // A wrong stamp is reported without reading the rest.
        if !stamps[known..].is_sorted_by(|a, b| a < b) {
            break;
        }
    }
    Ok(from_stamps(array, stamps)?)
}

/// The axis of an array's stamps, in seconds.
fn from_stamps(array: &Array, stamps: Vec<f64>) -> Result<TimeAxis, SessionError> {
    TimeAxis::from_times(stamps).map_err(|error| masked(array, error))
}

/// The error of a NaN stamp, as [`SessionError::MaskedTime`] where the array has a fill value.
fn masked(array: &Array, error: SessionError) -> SessionError {
    let fill = array.metadata().attributes.get("_FillValue").and_then(Json::as_f64);
    match (error, fill) {
        (SessionError::BadTime { index, value, .. }, Some(fill)) if value.is_nan() => {
            SessionError::MaskedTime { index, fill }
        }
        (error, _) => error,
    }
}

/// Reads the stamps that an axis needs at open: all of a short array; of a long one the ends and, where these do not have one rate,
/// the chunks near the time `at` (in seconds), found by bisection.
pub(super) async fn read_times(array: &Array, at: Option<f64>) -> Result<Vec<Column>, Error> {
    limits::stamps(array)?;
    let chunks = array.chunks();
    if array.frames() * 8 <= AT_ONCE || chunks < 3 {
        return read(array, 0..chunks).await;
    }
    let mut columns = read_chunks(array, [0, chunks - 1].into_iter()).await?;
    if let Some(at) = at
        && axis_from_ends(array, &columns)?.is_none()
    {
        let scale = time_scale(array)?;
        let (mut low, mut high) = (0, chunks - 1);
        // The chunk before `low` begins at or before `at`, the one at `high` after it, or is the last.
        while high - low > 1 {
            let middle = low.midpoint(high);
            let column = read_chunk(array, middle).await?;
            let begins = column.1.first().is_some_and(|first| first * scale <= at);
            if begins {
                low = middle;
            } else {
                high = middle;
            }
            columns.insert(columns.partition_point(|(chunk, _)| *chunk < middle), column);
        }
    }
    Ok(columns)
}

/// A time axis, and its array where that has to be read in full later. `rate` (Hz) is used where the session has no time axis.
pub(super) fn time_axis(
    time: Option<&TimeRef>,
    part: &Loaded,
    frames: u64,
    rate: Option<f64>,
) -> Result<(TimeAxis, Option<Rc<Array>>), Error> {
    if let Some(TimeRef::Regular { start, rate }) = time {
        return Ok((TimeAxis::regular(*start, *rate, frames)?, None));
    }
    let Some(array) = part.array.as_ref() else {
        let rate = rate.ok_or(SessionError::NoTime)?;
        return Ok((TimeAxis::regular(0.0, rate, frames)?, None));
    };
    if array.metadata().shape.len() != 1 {
        return Err(SessionError::Shape {
            name: "time".to_owned(),
            shape: format!("{:?}", array.metadata().shape),
            needed: "a time axis is 1-D, with one stamp per frame".to_owned(),
        }
        .into());
    }
    if part.columns.len() as u64 == array.chunks() {
        return Ok((whole_axis(array, &part.columns)?, None));
    }
    if let Some(axis) = axis_from_ends(array, &part.columns)? {
        return Ok((axis, Some(array.clone())));
    }
    let scale = time_scale(array)?;
    let first_of = |chunk: u64| array.frames_of(chunk).start;
    let known = part
        .columns
        .iter()
        .map(|(chunk, stamps)| (first_of(*chunk), stamps.iter().map(|time| time * scale).collect()));
    let axis = TimeAxis::partial(known.collect(), array.frames()).map_err(|error| masked(array, error))?;
    Ok((axis, Some(array.clone())))
}

/// A regular axis, if the first and the last chunk of a time array fit one.
fn axis_from_ends(array: &Array, columns: &[Column]) -> Result<Option<TimeAxis>, SessionError> {
    let scale = time_scale(array)?;
    let [(_, head), .., (_, tail)] = columns else { return Ok(None) };
    let axis = from_stamps(array, head.iter().map(|time| time * scale).collect())?;
    if let TimeAxis::Regular { start, .. } = axis
        && let Some(last) = tail.last()
        && let Ok(guess) = TimeAxis::from_ends(start, last * scale, array.frames())
        && guess.agrees(0, head, scale)
        && guess.agrees(array.frames() - tail.len() as u64, tail, scale)
    {
        return Ok(Some(guess));
    }
    Ok(None)
}

fn whole_axis(array: &Array, columns: &[Column]) -> Result<TimeAxis, Error> {
    let scale = time_scale(array)?;
    let stamps = columns.iter().flat_map(|(_, stamps)| stamps);
    Ok(from_stamps(array, stamps.map(|time| time * scale).collect())?)
}

/// Reads a range of an array's chunks, at most [`AT_OPEN`] at a time.
pub(super) async fn read(array: &Array, chunks: Range<u64>) -> Result<Vec<Column>, Error> {
    let mut columns = Vec::new();
    for at in chunks.clone().step_by(AT_OPEN as usize) {
        columns.extend(read_chunks(array, at..chunks.end.min(at + AT_OPEN)).await?);
    }
    Ok(columns)
}

/// Reads these chunks together.
fn read_chunks(array: &Array, chunks: impl Iterator<Item = u64>) -> Boxed<'_, Vec<Column>, Error> {
    let columns = chunks.map(|chunk| Box::pin(read_chunk(array, chunk)) as _);
    Box::pin(join(columns.collect(), usize::MAX))
}

async fn read_chunk(array: &Array, chunk: u64) -> Result<Column, Error> {
    let encoded = array.fetch(chunk).await?;
    Ok((chunk, array.decode_f64(&encoded)?.into_raw_vec_and_offset().0))
}

fn time_scale(array: &Array) -> Result<f64, SessionError> {
    seconds_per_unit(array.metadata().attributes.get("units").and_then(Json::as_str))
}
