//! Reads neurospatial's environments as `to_file` writes them: JSON, and arrays in an `.npz`, a zip archive of `.npy` files.

use std::rc::Rc;

use replayscope_files::{self as files, FileError, NPZ_AXES, open_archive, read_npz};
use replayscope_json::Json;
use replayscope_zarr::source::{ByteSource, SourceError, Span};

use crate::environment::Explicit;
use crate::error::{Error, SessionError};

/// Reads an environment's dict from its JSON file, with the arrays of the `.npz` of the same name inserted where `to_dict` has them.
///
/// # Errors
/// Where a file cannot be read or is not JSON.
pub async fn environment_file(folder: &Rc<dyn ByteSource>, file: &str) -> Result<Json, Error> {
    let bytes = folder.read(file, Span::Whole).await?;
    let dict = Json::parse(&bytes).map_err(|error| {
        let reason = format!("its environment {} is not JSON ({error})", folder.location(file));
        SessionError::BadDocument { reason }
    })?;
    let Json::Object(mut entries) = dict else { return Ok(dict) };
    if !entries.iter().any(|(key, _)| key == "bin_centers") {
        let arrays = format!("{}.npz", file.strip_suffix(".json").unwrap_or(file));
        // The JSON alone may be enough; if not, reading the dict fails with a reason.
        entries.extend(environment_arrays(folder, &arrays).await?);
    }
    Ok(Json::Object(entries))
}

/// Reads the arrays of an environment's `.npz` that are drawn, as entries of `to_dict`; empty where there is no such file.
///
/// # Errors
/// Where the file cannot be read or holds none of these arrays.
pub async fn environment_arrays(
    folder: &Rc<dyn ByteSource>,
    name: &str,
) -> Result<Vec<(String, Json)>, Error> {
    let archive = match open_archive(folder, name).await {
        Ok(archive) => archive,
        Err(files::Error::Zarr(replayscope_zarr::Error::Source(SourceError::NotFound { .. }))) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let mut entries = Vec::new();
    for name in ["bin_centers", "active_mask"] {
        if let Some((shape, values)) = read_npz(&archive, name).await? {
            entries.push((name.to_owned(), nested(&shape, &values)));
        }
    }
    let mut edges = Vec::new();
    while edges.len() < NPZ_AXES
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

/// Reads the polygons of bins from an `.npz`: `polygon_vertices` (n, 2) and `polygon_offsets` (bins + 1).
///
/// # Errors
/// Where the file cannot be read or an array is missing or has another shape.
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

/// Values of an array as nested lists, one level per dimension.
fn nested(shape: &[u64], values: &[f64]) -> Json {
    match shape {
        [] | [_] => Json::from(values),
        [_, rest @ ..] => {
            let row = rest.iter().product::<u64>() as usize;
            Json::Array(values.chunks_exact(row.max(1)).map(|values| nested(rest, values)).collect())
        }
    }
}
