//! Writes the group: coordinates, root attributes, consolidated metadata.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::blosc;
use crate::error::CliError;

/// Decoded size of a chunk of a coordinate or overlay, in bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// Shape of a small array: `rows` along the first dimension, `columns` in each row.
#[derive(Debug, Clone, Copy)]
pub struct CoordinateLayout<'a> {
    /// Length of the first dimension; at least one.
    pub rows: u64,
    /// Name of the first dimension.
    pub dimension: &'a str,
    /// Length and name of the second dimension, where there is one.
    pub columns: Option<(usize, &'a str)>,
    /// Units, written as an attribute.
    pub units: Option<&'a str>,
}

/// Collects the metadata of all nodes of a group and writes them once, at the end.
#[derive(Debug)]
pub struct GroupWriter {
    folder: PathBuf,
    nodes: Map<String, Value>,
}

impl GroupWriter {
    /// Writes into an existing folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), nodes: Map::new() }
    }

    /// The folder of an array.
    pub fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Adds a group of arrays.
    pub fn add_group(&mut self, name: &str) -> Result<(), CliError> {
        self.add_metadata(name, json!({ "zarr_format": 3, "node_type": "group", "attributes": {} }))
    }

    /// Writes the `zarr.json` of an array or group, and keeps it for the consolidated metadata.
    pub fn add_metadata(&mut self, name: &str, metadata: Value) -> Result<(), CliError> {
        let folder = self.folder_of(name);
        fs::create_dir_all(&folder).map_err(CliError::io("create", &folder))?;
        write_json(&folder.join("zarr.json"), &metadata)?;
        self.nodes.insert(name.to_owned(), metadata);
        Ok(())
    }

    /// Writes a float64 array; `values` yields its values in C order and is read a chunk at a time.
    pub fn write_coordinate(
        &mut self,
        name: &str,
        layout: &CoordinateLayout<'_>,
        mut values: impl Iterator<Item = f64>,
    ) -> Result<(), CliError> {
        let columns = layout.columns.map_or(1, |(length, _)| length);
        let chunk_rows = (CHUNK_BYTES / (8 * columns)).min(layout.rows as usize).max(1);
        let chunk_count = layout.rows.div_ceil(chunk_rows as u64);
        let folder = self.folder_of(name);
        for chunk in 0..chunk_count {
            let mut bytes = Vec::with_capacity(chunk_rows * columns * 8);
            for value in values.by_ref().take(chunk_rows * columns).chain(std::iter::repeat(f64::NAN)) {
                if bytes.len() == chunk_rows * columns * 8 {
                    break;
                }
                bytes.extend(value.to_le_bytes());
            }
            let mut encoded = Vec::new();
            blosc::encode(&bytes, 8, &mut encoded)?;
            let path = match layout.columns {
                None => folder.join(format!("c/{chunk}")),
                Some(_) => folder.join(format!("c/{chunk}/0")),
            };
            let parent = path.parent().unwrap_or(&folder);
            fs::create_dir_all(parent).map_err(CliError::io("create", parent))?;
            fs::write(&path, encoded).map_err(CliError::io("write", &path))?;
        }

        let mut shape = vec![json!(layout.rows)];
        let mut chunk_shape = vec![json!(chunk_rows)];
        let mut names = vec![json!(layout.dimension)];
        if let Some((length, dimension)) = layout.columns {
            shape.push(json!(length));
            chunk_shape.push(json!(length));
            names.push(json!(dimension));
        }
        let attributes = layout.units.map_or_else(|| json!({}), |units| json!({ "units": units }));
        self.add_metadata(
            name,
            json!({
                "zarr_format": 3,
                "node_type": "array",
                "shape": shape,
                "data_type": "float64",
                "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk_shape } },
                "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
                "fill_value": "NaN",
                "codecs": [
                    { "name": "bytes", "configuration": { "endian": "little" } },
                    blosc::metadata(8),
                ],
                "attributes": attributes,
                "dimension_names": names,
                "storage_transformers": [],
            }),
        )
    }

    /// Writes the root `zarr.json` with consolidated metadata, in zarr-python's format.
    pub fn finish(self, attributes: &Value) -> Result<(), CliError> {
        let root = json!({
            "zarr_format": 3,
            "node_type": "group",
            "attributes": attributes,
            "consolidated_metadata": {
                "kind": "inline",
                "must_understand": false,
                "metadata": self.nodes,
            },
        });
        write_json(&self.folder.join("zarr.json"), &root)
    }
}

/// Writes compact JSON: the root document is the first request of every viewer.
fn write_json(path: &Path, value: &Value) -> Result<(), CliError> {
    fs::write(path, value.to_string()).map_err(CliError::io("write", path))
}
