//! The environment of a session: neurospatial's `Environment-v1`, reduced to what is drawn.
//!
//! neurospatial saves `env.json` with the definition, the tracked positions and the graph (megabytes), and
//! `env.npz` beside it with the arrays. A session carries one dict: the definition without positions and graph, the
//! arrays inline as lists.

use std::path::Path;

use futures_executor::block_on;
use replayscope_json::Json;
use replayscope_session::environment::Explicit;
use replayscope_session::{environment_arrays, polygons};
use serde_json::{Map, Value, json};

use crate::error::CliError;
use crate::source::{open_beside, regular};

/// Keys that a session takes from `env.json`.
const KEPT: [&str; 13] = [
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
    "angle_zero",
];

/// An environment ready to be written into a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// The reduced `Environment-v1` dict.
    pub document: Value,
    /// Centre of each bin, shape (bins, dimensions), in the environment's units.
    pub centers: Vec<Vec<f64>>,
    /// Polygons of the bins, where given.
    pub polygons: Option<Explicit>,
    /// Units of the coordinates, such as `cm`; empty where unknown.
    pub units: String,
    /// Name; may be empty.
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
        let text = regular::read_to_string(path).map_err(CliError::io("read", path))?;
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
        let arrays = arrays_of(&arrays_path)?;
        let (centers, of_each) = arrays.get("bin_centers").and_then(table).unwrap_or_default();
        if ![1, 2].contains(&of_each) {
            return Err(json_error(format!(
                "bin_centers has shape ({}, {of_each}), and (bins, 1 or 2) is drawn",
                centers.len()
            )));
        }
        let bins = centers.len() as u64;
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
        if let Some(mask) = arrays.get("active_mask") {
            document.insert("active_mask".to_owned(), flags(mask));
        }
        if let Some(edges) = arrays.get("grid_edges") {
            document.insert("grid_edges".to_owned(), json!(edges));
        }
        let mut parameters = full.get("layout_parameters").cloned().unwrap_or_else(|| json!({}));
        if let Some(parameters) = parameters.as_object_mut() {
            // Positions belong to the recording, not the environment; the other two are inline above.
            for key in ["positions", "active_mask", "grid_edges"] {
                parameters.remove(key);
            }
        }
        document.insert("layout_parameters".to_owned(), parameters);
        let document = Value::Object(document);
        // An environment that the viewer would refuse is an error before anything is written.
        replayscope_session::environment::Environment::from_dict(&document.clone().into(), None)
            .map_err(replayscope_session::Error::from)?;

        let text_of = |key: &str| full.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { centers, polygons: None, units: text_of("units"), name: text_of("name"), document })
    }

    /// An environment with the polygons of an `.npz`, in addition to what is `known` of it.
    pub fn with_polygons(known: Option<Self>, path: &Path) -> Result<Self, CliError> {
        let (folder, name) =
            open_beside(&path.to_string_lossy(), &[]).map_err(replayscope_session::Error::from)?;
        let explicit = block_on(polygons(&folder, &name))?;
        let dict = known
            .as_ref()
            .filter(|known| !known.document.is_null())
            .map(|known| known.document.clone().into());
        let shaped = replayscope_session::environment::Environment::shaped(
            dict.as_ref(),
            None,
            Some(explicit.clone()),
        )
        .map_err(replayscope_session::Error::from)?;
        if let Some(known) = &known
            && known.bins() != shaped.bins()
        {
            return Err(CliError::Environment {
                path: path.to_path_buf(),
                what: format!("it has polygons for {} bins, and there are {}", shaped.bins(), known.bins()),
                how: "polygon_offsets has one entry more than there are bins.".to_owned(),
            });
        }
        let centers = || (0..shaped.bins()).map(|bin| shaped.center(bin).to_vec()).collect();
        Ok(match known {
            Some(known) => Self { polygons: Some(explicit), ..known },
            None => Self {
                document: Value::Null,
                centers: centers(),
                polygons: Some(explicit),
                units: String::new(),
                name: String::new(),
            },
        })
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.centers.len()
    }
}

/// The arrays of an environment's `.npz`, as neurospatial's `to_dict` has them.
fn arrays_of(path: &Path) -> Result<Json, CliError> {
    let error = |what: String| CliError::Environment {
        path: path.to_path_buf(),
        what,
        how: "neurospatial writes env.json and env.npz; keep both in one folder, under one name.".to_owned(),
    };
    let (folder, name) =
        open_beside(&path.to_string_lossy(), &[]).map_err(|reason| error(reason.to_string()))?;
    let arrays = block_on(environment_arrays(&folder, &name)).map_err(|reason| error(reason.to_string()))?;
    if arrays.is_empty() { Err(error("it is not there".to_owned())) } else { Ok(Json::Object(arrays)) }
}

/// The rows of a table of numbers, and the length of each.
fn table(list: &Json) -> Option<(Vec<Vec<f64>>, usize)> {
    let row = |row: &Json| row.as_array()?.iter().map(Json::as_f64).collect::<Option<Vec<f64>>>();
    let rows = list.as_array()?.iter().map(row).collect::<Option<Vec<_>>>()?;
    let of_each = rows.first()?.len();
    Some((rows, of_each))
}

/// Nested lists of booleans: true where a number is not zero.
fn flags(list: &Json) -> Value {
    match list.as_array() {
        Some(list) => list.iter().map(flags).collect(),
        None => json!(list.as_f64() != Some(0.0)),
    }
}
