//! A dataset of the file, and how it is told.

use std::sync::Mutex;

use hdf5_pure::{Dataset, Error};

use crate::blocks::Blocks;
use crate::hdf5::attributes::Attributes;
use crate::hdf5::dimensions::{Scale, names};
use crate::hdf5::element::Element;
use crate::hdf5::header::{Frame, Header};
use crate::hdf5::labels::Labels;
use crate::hdf5::storage::{Place, Stored};
use crate::hdf5::{codecs, reason};
use crate::json;
use crate::node::Node;

/// The most bytes of numbers that are told themselves: those of a scalar, or of what is in a header.
const HERE: u64 = 64 << 10;

/// A dataset.
pub struct Member {
    /// From the root, with `/` between names.
    pub path: String,
    /// Elements along each axis.
    pub shape: Vec<u64>,
    /// Its attributes.
    pub attributes: Attributes,
    dataset: Dataset,
    header: Header,
}

/// What is told of an array beside its `zarr.json`.
pub enum Told {
    /// Where its bytes are.
    Place(Place),
    /// Its values.
    Values(Vec<f64>),
}

impl Told {
    /// Appends it as the rest of a JSON object.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Place(Place::Run { start, bytes }) => {
                out.push_str(r#","start":"#);
                json::integer(out, *start);
                out.push_str(r#","bytes":"#);
                json::integer(out, *bytes);
            }
            Self::Place(Place::Chunks(chunks)) => {
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
            Self::Place(Place::Here(_)) => {}
            Self::Values(values) => {
                out.push_str(r#","values":"#);
                json::list(out, values, |out, value| json::float(out, *value));
            }
        }
    }
}

impl Member {
    /// Reads what all datasets have.
    pub fn new(path: String, dataset: Dataset, header: Header) -> Result<Self, Error> {
        let attributes = Attributes::new(dataset.attrs()?);
        Ok(Self { path, shape: dataset.shape()?, attributes, dataset, header })
    }

    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its `zarr.json` and where its values are, or why it is left out.
    pub fn told(
        &self,
        scales: &[Scale],
        frame: Frame,
        blocks: &Mutex<Blocks>,
    ) -> Result<(String, Told), String> {
        let datatype = self.dataset.datatype().map_err(|error| reason(&error))?;
        let mut dimensions = names(self, scales);
        let stored = |size| Stored::of(&self.dataset, &self.header, &self.shape, size, blocks);
        let filters = self.dataset.filter_pipeline();
        if Labels::are(&datatype) {
            if !filters.is_empty() {
                return Err("its strings are compressed, which are not read".to_owned());
            }
            let stored = stored(Labels::element_size(&datatype, frame))?;
            let told = Labels::read(&stored, &datatype, &self.shape, frame, blocks)?;
            dimensions.truncate(told.shape.len());
            let attributes = self.attributes.text(Some(&told.distinct));
            return Ok((here(&told.shape, &attributes, &dimensions), Told::Values(told.codes)));
        }
        let element = Element::new(&datatype)?;
        let attributes = self.attributes.text(None);
        let stored = stored(element.size as u64)?;
        let fill = self.fill(element);
        if self.shape.is_empty() || matches!(stored.place, Place::Here(_)) {
            let values = match stored.place {
                Place::Run { bytes: 0, .. } => return Err("it has no value".to_owned()),
                _ => stored.bytes(&self.shape, element.size as u64, HERE, blocks)?,
            };
            return Ok((here(&self.shape, &attributes, &dimensions), Told::Values(element.numbers(&values))));
        }
        let node = Node {
            shape: &self.shape,
            data_type: element.name,
            chunk_shape: &stored.chunk_shape,
            fill: &fill,
            big_endian: element.big_endian,
            codecs: &codecs::of(&filters, element.size),
            attributes: &attributes,
            dimensions: &dimensions,
        };
        Ok((node.text(), Told::Place(stored.place)))
    }

    /// What stands for what is not stored, as JSON.
    fn fill(&self, element: Element) -> String {
        if let Some(bytes) = self.header.fill().filter(|bytes| bytes.len() == element.size) {
            let mut out = String::new();
            element.write(&mut out, bytes);
            return out;
        }
        "0".to_owned()
    }
}

/// The node of an array whose values are told with it: float64, in one chunk.
fn here(shape: &[u64], attributes: &str, dimensions: &[String]) -> String {
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
