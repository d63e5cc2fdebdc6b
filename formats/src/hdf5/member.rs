//! A dataset of the file, and how it is told.

use std::sync::Mutex;

use hdf5_pure::{Dataset, Error};

use crate::blocks::Blocks;
use crate::hdf5::attributes::Attributes;
use crate::hdf5::dimensions::{Scale, names};
use crate::hdf5::element::Element;
use crate::hdf5::labels::Labels;
use crate::hdf5::{codecs, reason, storage};
use crate::json;
use crate::node::Node;

/// A dataset.
pub struct Member {
    /// From the root, with `/` between names.
    pub path: String,
    /// Elements along each axis.
    pub shape: Vec<u64>,
    /// Its attributes.
    pub attributes: Attributes,
    dataset: Dataset,
}

/// Where the bytes of an array are.
pub enum Place {
    /// In one run of the file, chunk after chunk of whole rows; none where nothing is stored.
    Run {
        /// In the file.
        start: u64,
        /// Its length.
        bytes: u64,
    },
    /// Offset and length of each chunk of the grid, in C order; `None` where it is not stored.
    Chunks(Vec<Option<(u64, u64)>>),
    /// Here.
    Values(Vec<f64>),
}

impl Place {
    /// Appends it as the rest of a JSON object.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Run { start, bytes } => {
                out.push_str(r#","start":"#);
                json::integer(out, *start);
                out.push_str(r#","bytes":"#);
                json::integer(out, *bytes);
            }
            Self::Chunks(chunks) => {
                out.push_str(r#","chunks":"#);
                json::list(out, chunks, |out, chunk| match chunk {
                    Some((start, bytes)) => {
                        json::integer(out, *start);
                        out.push(',');
                        json::integer(out, *bytes);
                    }
                    None => out.push_str("-1,0"),
                });
            }
            Self::Values(values) => {
                out.push_str(r#","values":"#);
                json::list(out, values, |out, value| json::float(out, *value));
            }
        }
    }
}

impl Member {
    /// Reads what all datasets have.
    pub fn new(path: String, dataset: Dataset) -> Result<Self, Error> {
        let attributes = Attributes::new(dataset.attrs()?);
        Ok(Self { path, shape: dataset.shape()?, attributes, dataset })
    }

    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its `zarr.json` and where its bytes are, or why it is left out.
    pub fn told(&self, scales: &[Scale], blocks: &Mutex<Blocks>) -> Result<(String, Place), String> {
        let datatype = self.dataset.datatype().map_err(|error| reason(&error))?;
        let mut dimensions = names(self, scales);
        if Labels::are(&datatype) {
            let told = Labels::read(&self.dataset, &datatype, &self.shape)?;
            dimensions.truncate(told.shape.len());
            let attributes = self.attributes.text(Some(&told.labels));
            return Ok((inline(&told.shape, &attributes, &dimensions), Place::Values(told.codes)));
        }
        let element = Element::new(&datatype)?;
        let attributes = self.attributes.text(None);
        let stored = storage::of(&self.dataset, &self.shape, element, &self.attributes, blocks)?;
        if let Place::Values(_) = stored.place {
            return Ok((inline(&self.shape, &attributes, &dimensions), stored.place));
        }
        let node = Node {
            shape: &self.shape,
            data_type: element.name,
            chunk_shape: &stored.chunk_shape,
            fill: &stored.fill,
            big_endian: element.big_endian,
            codecs: &codecs::of(&self.dataset.filter_pipeline(), element.size),
            attributes: &attributes,
            dimensions: &dimensions,
        };
        Ok((node.text(), stored.place))
    }
}

/// The node of an array whose values are told with it: float64, in one chunk.
fn inline(shape: &[u64], attributes: &str, dimensions: &[String]) -> String {
    let chunk_shape: Vec<u64> = shape.iter().map(|length| (*length).max(1)).collect();
    let node = Node {
        shape,
        data_type: "float64",
        chunk_shape: &chunk_shape,
        fill: "0",
        big_endian: false,
        codecs: &[],
        attributes,
        dimensions,
    };
    node.text()
}
