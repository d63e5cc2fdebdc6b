//! `NumPy`'s `.npz`: a zip archive of `.npy` files.

use replayscope_codecs::Packing;
use replayscope_zarr::array::{DataType, numpy_type};
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::archive::Archive;
use crate::error::{Error, FileError};
use crate::npy::NpyHeader;

/// Arrays of more values than this are no environment: a million bins in two dimensions and their grid.
const MAX_VALUES: u64 = 3_000_000;
/// Axes of a grid or a mask: space has no more.
pub const MAX_AXES: usize = 3;
/// Those of eight bytes each, behind a header.
const MAX_BYTES: u64 = 8 * MAX_VALUES + (16 << 10);
const AGAIN: &str = "Save it again with neurospatial: `env.to_file(\"environment\")`";

/// The array of that name: its shape, and its values in C order. `None` where the archive has no such array.
///
/// Fails where the array is not of numbers, is damaged, or is larger than the arrays of an environment are.
pub async fn read_npz(archive: &Archive, name: &str) -> Result<Option<(Vec<u64>, Vec<f64>)>, Error> {
    let key = format!("{name}.npy");
    // A few bytes inflate to any number of them.
    match archive.size(&key).await {
        Ok(size) if size > MAX_BYTES => {
            let location = archive.location(&key);
            return Err(SourceError::TooLarge { size, limit: MAX_BYTES, location }.into());
        }
        _ => {}
    }
    let bytes = match archive.read(&key, Span::Whole).await {
        Ok(bytes) => bytes,
        Err(SourceError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let fail = |reason: String| FileError {
        what: "an array of numbers",
        reason,
        how: AGAIN,
        location: archive.location(&key),
    };
    let header = NpyHeader::read(&bytes).map_err(fail)?;
    let count = header.count().filter(|count| *count <= MAX_VALUES && header.shape.len() <= MAX_AXES);
    let count = count.ok_or_else(|| {
        fail(format!("its shape is {:?}, above {MAX_VALUES} values or {MAX_AXES} axes", header.shape))
    })?;
    let dtype = numpy_type(&header.descr).and_then(|(name, big)| Some((DataType::from_name(name)?, big)));
    let (dtype, big_endian) =
        dtype.ok_or_else(|| fail(format!("its values are of type {}", header.descr)))?;
    let wanted = count as usize * dtype.size();
    let data = bytes.get(header.data_start as usize..).and_then(|data| data.get(..wanted));
    let mut data =
        data.ok_or_else(|| fail(format!("it holds {} bytes and needs {wanted}", bytes.len())))?.to_vec();
    if big_endian {
        data.chunks_exact_mut(dtype.size()).for_each(<[u8]>::reverse);
    }
    let values = dtype.to_f64(&data, &Packing::none());
    let values = values.map_err(|_| fail("there is no memory for it".to_owned()))?;
    let values = if header.fortran_order { transposed(&header.shape, &values) } else { values };
    Ok(Some((header.shape, values)))
}

/// From Fortran order to C order, in two dimensions.
fn transposed(shape: &[u64], values: &[f64]) -> Vec<f64> {
    let &[rows, columns] = shape else { return values.to_vec() };
    let (rows, columns) = (rows as usize, columns as usize);
    (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
}
