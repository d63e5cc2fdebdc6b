//! Where the bytes of a dataset of numbers are.

use std::sync::Mutex;

use hdf5_pure::{ChunkIndex, Dataset, Layout};

use crate::blocks::Blocks;
use crate::hdf5::attributes::Attributes;
use crate::hdf5::element::Element;
use crate::hdf5::member::Place;
use crate::hdf5::{lock, reason};

/// The most chunks of one dataset.
const CHUNKS: u64 = 1_000_000;
/// Bytes of the chunks that a run of rows is told as: what one request is good for, and less for a line.
const ROWS: u64 = 1 << 20;
const LINE: u64 = 64 << 10;
/// The most bytes of a row of chunks that is looked into for the fill value.
const BAND: u64 = 16 << 20;

/// How an array is stored.
pub struct Stored {
    /// Elements along each axis of a chunk.
    pub chunk_shape: Vec<u64>,
    /// What is not stored, as JSON.
    pub fill: String,
    /// Where the rest is.
    pub place: Place,
}

/// Finds out, or says what is wrong.
pub fn of(
    dataset: &Dataset,
    shape: &[u64],
    element: Element,
    attributes: &Attributes,
    blocks: &Mutex<Blocks>,
) -> Result<Stored, String> {
    let size = lock(blocks).size();
    let bytes = shape.iter().try_fold(element.size as u64, |product, length| product.checked_mul(*length));
    let bytes = bytes.ok_or("it has more bytes than can be counted")?;
    let layout = dataset.layout().map_err(|error| reason(&error))?;
    let fill = |row: Option<u64>| match row {
        Some(row) => fill(dataset, row, element, blocks).or_else(|| attributes.number("_FillValue")),
        None => attributes.number("_FillValue"),
    };
    let fill = |row| fill(row).unwrap_or_else(|| "0".to_owned());
    match layout {
        Layout::Contiguous { .. } | Layout::Compact { .. } if shape.is_empty() => {
            inline(dataset, element, bytes)
        }
        Layout::Compact { .. } => inline(dataset, element, bytes),
        Layout::Contiguous { address: Some(start), size: stored } => {
            if stored != bytes {
                return Err(format!("it has {bytes} bytes, but {stored} are stored"));
            }
            check_end(start, bytes, size)?;
            let chunk_shape = rows(shape, element.size as u64);
            Ok(Stored { chunk_shape, fill: fill(None), place: Place::Run { start, bytes } })
        }
        Layout::Contiguous { address: None, .. } => {
            // Fails where the bytes are in another file.
            dataset.read_raw_rows(0, 0).map_err(|error| reason(&error))?;
            let row = (bytes > 0 && bytes / shape[0] <= BAND).then_some(0);
            let chunk_shape = rows(shape, element.size as u64);
            Ok(Stored { chunk_shape, fill: fill(row), place: Place::Run { start: 0, bytes: 0 } })
        }
        Layout::Chunked { chunk_shape, index } => {
            let (chunks, absent) = chunks(dataset, shape, &chunk_shape, index, size)?;
            let inner = shape
                .iter()
                .skip(1)
                .try_fold(element.size as u64, |product, length| product.checked_mul(*length));
            let band = inner.and_then(|inner| inner.checked_mul(chunk_shape[0]));
            let row = absent.filter(|_| band.is_some_and(|band| band <= BAND));
            Ok(Stored { fill: fill(row), chunk_shape, place: Place::Chunks(chunks) })
        }
        Layout::Virtual => Err("its values are in other datasets (it is virtual)".to_owned()),
        _ => Err("it is stored in a way that is not known".to_owned()),
    }
}

/// The values themselves.
fn inline(dataset: &Dataset, element: Element, bytes: u64) -> Result<Stored, String> {
    // The reason is that of a broken file: what is compact has at most 64 KiB.
    if bytes > ROWS {
        return Err(format!("it has {bytes} bytes, which are too many for where they are"));
    }
    let raw = dataset.read_raw().map_err(|error| reason(&error))?;
    if raw.len() as u64 != bytes {
        return Err(format!("it has {bytes} bytes, but {} are stored", raw.len()));
    }
    Ok(Stored { chunk_shape: Vec::new(), fill: String::new(), place: Place::Values(element.numbers(&raw)) })
}

/// Chunks of whole rows for what is stored row after row.
fn rows(shape: &[u64], element_size: u64) -> Vec<u64> {
    let row = shape[1..].iter().product::<u64>().max(1) * element_size;
    let target = if shape.len() == 1 { LINE } else { ROWS };
    let mut chunk_shape: Vec<u64> = shape.iter().map(|length| (*length).max(1)).collect();
    chunk_shape[0] = (target / row).clamp(1, chunk_shape[0]);
    chunk_shape
}

type Chunks = Vec<Option<(u64, u64)>>;

/// Each chunk of the grid, and the first row of one that is not stored, at the low end of all other axes.
fn chunks(
    dataset: &Dataset,
    shape: &[u64],
    chunk_shape: &[u64],
    index: ChunkIndex,
    size: u64,
) -> Result<(Chunks, Option<u64>), String> {
    if chunk_shape.len() != shape.len() || shape.is_empty() || chunk_shape.contains(&0) {
        return Err(format!("it has {} axes, but its chunks have {}", shape.len(), chunk_shape.len()));
    }
    let grid: Vec<u64> =
        shape.iter().zip(chunk_shape).map(|(length, chunk)| length.div_ceil(*chunk)).collect();
    let count = grid.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
    let Some(count) = count.filter(|count| *count <= CHUNKS) else {
        return Err(format!("it has more than {CHUNKS} chunks"));
    };
    let mut places: Chunks = vec![None; count as usize];
    let stored = dataset.chunks().map_err(|error| match index {
        ChunkIndex::BTreeV2 => "its chunks are in a B-tree of version 2, which is not read".to_owned(),
        _ => reason(&error),
    })?;
    for chunk in stored {
        if chunk.filter_mask != 0 {
            return Err("some of its chunks leave out some of its filters".to_owned());
        }
        check_end(chunk.address, chunk.storage_size, size)?;
        let mut place = 0;
        for (axis, offset) in chunk.offset.iter().enumerate().take(shape.len()) {
            let at = offset / chunk_shape[axis];
            // Chunks beyond the end may be left over from when it was longer.
            place = if at < grid[axis] { place * grid[axis] + at } else { u64::MAX / 2 };
            if place >= u64::MAX / 2 {
                break;
            }
        }
        if let Some(known) = places.get_mut(place as usize) {
            *known = Some((chunk.address, chunk.storage_size));
        }
    }
    let inner = grid[1..].iter().product::<u64>().max(1) as usize;
    let absent = places.iter().step_by(inner).position(Option::is_none).map(|at| at as u64 * chunk_shape[0]);
    Ok((places, absent))
}

fn check_end(start: u64, bytes: u64, size: u64) -> Result<(), String> {
    match start.checked_add(bytes) {
        Some(end) if end <= size => Ok(()),
        _ => Err(format!("it has {bytes} bytes at {start}, but the file ends at {size}")),
    }
}

/// The fill value, as the parser fills in what is not stored: its message is not to be had from outside. Where the row
/// is stored in part, there is none, as data are not asked for.
fn fill(dataset: &Dataset, row: u64, element: Element, blocks: &Mutex<Blocks>) -> Option<String> {
    lock(blocks).note(false);
    let raw = dataset.read_raw_rows(row, 1);
    lock(blocks).note(true);
    let mut out = String::new();
    element.write(&mut out, raw.ok()?.get(..element.size)?);
    Some(out)
}
