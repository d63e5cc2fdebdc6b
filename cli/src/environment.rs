//! The environment of a session: neurospatial's `Environment-v1`, slimmed to what draws it.
//!
//! neurospatial saves `env.json` with the definition, the tracked positions and the graph (megabytes), and
//! `env.npz` beside it with the arrays. A session carries one dict: the definition without positions and graph, the
//! arrays inline as lists.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::error::CliError;
use crate::npy::NpyHeader;

/// What a session takes over from `env.json`.
const KEPT: [&str; 12] = [
    "schema_version",
    "name",
    "n_dims",
    "n_bins",
    "is_linearized_track",
    "layout_type",
    "dimension_ranges",
    "grid_shape",
    "units",
    "frame",
    "regions",
    "coordinate_kind",
];
/// Arrays of more values than this are no environment: a million bins in two dimensions and their grid.
const MAX_VALUES: u64 = 3_000_000;
/// No `env.json` is larger; recordings of hours of positions are tens of megabytes.
const MAX_JSON_BYTES: u64 = 1 << 30;

/// An environment ready to be written into a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// The slim `Environment-v1` dict.
    pub document: Value,
    /// Centre of each bin, shape (bins, dimensions), in the environment's units.
    pub centers: Vec<Vec<f64>>,
    /// Units of the coordinates, such as `cm`; empty where unknown.
    pub units: String,
    /// Its name; may be empty.
    pub name: String,
}

impl Environment {
    /// Reads `env.json` and the `env.npz` beside it.
    pub fn load(path: &Path) -> Result<Self, CliError> {
        let json_error = |what: String| CliError::Environment {
            path: path.to_path_buf(),
            what,
            how: "Save it in Python with neurospatial: `env.to_file(\"env\")`.".to_owned(),
        };
        let file = File::open(path).map_err(CliError::io("read", path))?;
        let mut text = String::new();
        file.take(MAX_JSON_BYTES).read_to_string(&mut text).map_err(CliError::io("read", path))?;
        let full: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| json_error(format!("{error}")))?;
        match full.get("schema_version").and_then(Value::as_str) {
            Some("Environment-v1") => {}
            other => {
                let found = other.unwrap_or("missing");
                return Err(json_error(format!(
                    "its schema_version is {found}, and Environment-v1 is known"
                )));
            }
        }

        let arrays_path = path.with_extension("npz");
        let mut arrays = Npz::open(&arrays_path)?;
        let (shape, values) = arrays.read("bin_centers")?.ok_or_else(|| CliError::Environment {
            path: arrays_path.clone(),
            what: "it holds no bin_centers".to_owned(),
            how: "Keep the .npz that neurospatial wrote together with the .json.".to_owned(),
        })?;
        let &[bins, dimensions @ 1..=2] = shape.as_slice() else {
            return Err(json_error(format!("bin_centers has shape {shape:?}, and (bins, 1 or 2) is drawn")));
        };
        let centers: Vec<Vec<f64>> = values.chunks_exact(dimensions as usize).map(<[f64]>::to_vec).collect();
        if full.get("n_bins").and_then(Value::as_u64).is_some_and(|stated| stated != bins) {
            let stated = &full["n_bins"];
            return Err(json_error(format!(
                "it says n_bins = {stated} and {} holds {bins}",
                arrays_path.display()
            )));
        }

        let mut document: Map<String, Value> =
            KEPT.iter().filter_map(|&key| Some((key.to_owned(), full.get(key)?.clone()))).collect();
        document.insert("n_bins".to_owned(), json!(bins));
        document.insert("bin_centers".to_owned(), json!(centers));
        if let Some((shape, values)) = arrays.read("active_mask")? {
            let flags: Vec<Value> = values.iter().map(|&value| json!(value != 0.0)).collect();
            document.insert("active_mask".to_owned(), nested(&shape, &flags));
        }
        let mut edges = Vec::new();
        while let Some((_, values)) = arrays.read(&format!("grid_edges_{}", edges.len()))? {
            edges.push(values);
        }
        if !edges.is_empty() {
            document.insert("grid_edges".to_owned(), json!(edges));
        }
        let mut parameters = full.get("layout_parameters").cloned().unwrap_or_else(|| json!({}));
        if let Some(parameters) = parameters.as_object_mut() {
            // Positions are the recording, not the environment; the other two are inline above.
            for key in ["positions", "active_mask", "grid_edges"] {
                parameters.remove(key);
            }
        }
        document.insert("layout_parameters".to_owned(), parameters);
        let document = Value::Object(document);
        // What the viewer would refuse is refused before anything is written.
        replayscope::environment::Environment::from_dict(&document.clone().into(), None)
            .map_err(replayscope::error::Error::from)?;

        let text_of = |key: &str| full.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { centers, units: text_of("units"), name: text_of("name"), document })
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.centers.len()
    }
}

/// Lists in lists, C order. `shape` has been checked against the number of values.
fn nested(shape: &[u64], values: &[Value]) -> Value {
    match shape {
        [] | [_] => json!(values),
        [first, rest @ ..] => {
            let step = (values.len() / (*first).max(1) as usize).max(1);
            values.chunks(step).map(|row| nested(rest, row)).collect()
        }
    }
}

/// Shape and values in C order.
type NpzArray = (Vec<u64>, Vec<f64>);

/// A `.npz` file: a zip of `.npy` files.
struct Npz<'a> {
    archive: zip::ZipArchive<File>,
    path: &'a Path,
}

impl<'a> Npz<'a> {
    fn open(path: &'a Path) -> Result<Self, CliError> {
        let error = |reason: String| CliError::Environment {
            path: path.to_path_buf(),
            what: reason,
            how: "neurospatial writes env.json and env.npz; keep both in one folder, under one name."
                .to_owned(),
        };
        let file = fs::File::open(path).map_err(|reason| error(reason.to_string()))?;
        let archive = zip::ZipArchive::new(file).map_err(|reason| error(reason.to_string()))?;
        Ok(Self { archive, path })
    }

    /// Shape and values of a float or bool array as f64, or `None` where there is none of that name.
    fn read(&mut self, name: &str) -> Result<Option<NpzArray>, CliError> {
        let path = self.path;
        let error = |what: String| CliError::Environment {
            path: path.to_path_buf(),
            what: format!("{name}: {what}"),
            how: "Save the environment again with neurospatial.".to_owned(),
        };
        let mut member = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(member) => member,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(reason) => return Err(error(reason.to_string())),
        };
        let header = NpyHeader::read(&mut member).map_err(error)?;
        let element = header.element().ok_or_else(|| error(format!("its type is {}", header.descr)))?;
        let count = header.count().filter(|&count| count <= MAX_VALUES);
        let count = count.ok_or_else(|| error(format!("its shape is {:?}", header.shape)))?;
        if header.fortran_order && header.shape.len() > 1 {
            return Err(error("it is stored column by column".to_owned()));
        }
        let mut bytes = Vec::new();
        let length = count * element.size as u64;
        member.take(length).read_to_end(&mut bytes).map_err(|reason| error(reason.to_string()))?;
        if bytes.len() as u64 != length {
            return Err(error(format!("{} of {length} bytes are there", bytes.len())));
        }
        Ok(Some((
            header.shape.clone(),
            bytes.chunks_exact(element.size).map(|value| element.read(value)).collect(),
        )))
    }
}
