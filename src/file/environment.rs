//! neurospatial's environments as `to_file` writes them: JSON, and arrays in an `.npz`, a zip archive of `.npy` files.

use std::rc::Rc;

use crate::array::{DataType, numpy_type};
use crate::environment::Explicit;
use crate::error::{Error, ErrorKind};
use crate::json::Json;
use crate::session::SessionError;
use crate::source::{ByteSource, SourceError, Span};

use super::{Archive, FileError, NpyHeader, open_archive};

/// Arrays of more values than this are no environment: a million bins in two dimensions and their grid.
const MAX_VALUES: u64 = 3_000_000;
/// Axes of a grid or a mask: space has no more.
const MAX_AXES: usize = 3;
/// Those of eight bytes each, behind a header.
const MAX_BYTES: u64 = 8 * MAX_VALUES + (16 << 10);
const AGAIN: &str = "Save it again with neurospatial: `env.to_file(\"environment\")`";

/// The array of that name as shape and values in C order; `None` where there is none.
async fn read_npz(archive: &Archive, name: &str) -> Result<Option<(Vec<u64>, Vec<f64>)>, Error> {
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
    let values = dtype.to_f64(&data, &replayscope_codecs::Packing::none());
    let values = values.map_err(|_| fail("there is no memory for it".to_owned()))?;
    let values = if header.fortran_order { transposed(&header.shape, &values) } else { values };
    Ok(Some((header.shape, values)))
}

/// An environment's dict, from its JSON file. neurospatial's `to_file` writes the arrays into an `.npz` of the same name:
/// they are put where `to_dict` has them.
pub async fn environment(folder: &Rc<dyn ByteSource>, file: &str) -> Result<Json, Error> {
    let bytes = folder.read(file, Span::Whole).await?;
    let dict = Json::parse(&bytes).map_err(|error| {
        let reason = format!("its environment {} is no JSON ({error})", folder.location(file));
        SessionError::BadDocument { reason }
    })?;
    let Json::Object(mut entries) = dict else { return Ok(dict) };
    if !entries.iter().any(|(key, _)| key == "bin_centers") {
        let arrays = format!("{}.npz", file.strip_suffix(".json").unwrap_or(file));
        // What is in the JSON alone may be enough; if not, that is told.
        entries.extend(environment_arrays(folder, &arrays).await?);
    }
    Ok(Json::Object(entries))
}

/// What an environment's `.npz` holds of what is drawn, as `to_dict` would have it; nothing where there is no
/// such file.
pub async fn environment_arrays(
    folder: &Rc<dyn ByteSource>,
    name: &str,
) -> Result<Vec<(String, Json)>, Error> {
    let archive = match open_archive(folder, name).await {
        Ok(archive) => archive,
        Err(error) if matches!(error.kind(), ErrorKind::Source(SourceError::NotFound { .. })) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for name in ["bin_centers", "active_mask"] {
        if let Some((shape, values)) = read_npz(&archive, name).await? {
            entries.push((name.to_owned(), nested(&shape, &values)));
        }
    }
    let mut edges = Vec::new();
    while edges.len() < MAX_AXES
        && let Some((_, values)) = read_npz(&archive, &format!("grid_edges_{}", edges.len())).await?
    {
        edges.push(Json::from(values.as_slice()));
    }
    if !edges.is_empty() {
        entries.push(("grid_edges".to_owned(), Json::Array(edges)));
    }
    if entries.is_empty() {
        let (reason, location) = ("it holds no bin_centers".to_owned(), archive.location(""));
        let how = "Keep the .npz that neurospatial wrote together with the .json";
        return Err(FileError { what: "an environment's arrays", reason, how, location }.into());
    }
    Ok(entries)
}

/// The polygons of a session's bins in an `.npz`: `polygon_vertices` (n, 2) and `polygon_offsets` (bins + 1).
pub async fn polygons(folder: &Rc<dyn ByteSource>, name: &str) -> Result<Explicit, Error> {
    let archive = open_archive(folder, name).await?;
    let fail = |reason: String| {
        let what = "polygons of bins";
        let how = "Write them with `np.savez(\"polygons.npz\", polygon_vertices=xy, polygon_offsets=starts)`, xy of shape (n, 2)";
        Error::from(FileError { what, reason, how, location: archive.location("") })
    };
    let [vertices, offsets] = ["polygon_vertices", "polygon_offsets"];
    let found = (read_npz(&archive, vertices).await?, read_npz(&archive, offsets).await?);
    let (Some((shape, vertices)), Some((starts, offsets))) = found else {
        return Err(fail("it does not hold both polygon_vertices and polygon_offsets".to_owned()));
    };
    if shape.len() != 2 || shape[1] != 2 || starts.len() != 1 {
        return Err(fail(format!("polygon_vertices is {shape:?} and polygon_offsets {starts:?}")));
    }
    Ok(Explicit::new(&vertices, &offsets))
}

/// Lists within lists, as many as there are dimensions.
fn nested(shape: &[u64], values: &[f64]) -> Json {
    match shape {
        [] | [_] => Json::from(values),
        [_, rest @ ..] => {
            let row = rest.iter().product::<u64>() as usize;
            Json::Array(values.chunks_exact(row.max(1)).map(|values| nested(rest, values)).collect())
        }
    }
}

/// From Fortran order to C order, in two dimensions.
fn transposed(shape: &[u64], values: &[f64]) -> Vec<f64> {
    let &[rows, columns] = shape else { return values.to_vec() };
    let (rows, columns) = (rows as usize, columns as usize);
    (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
}
