//! A dataset of the file, and how it is read as a Zarr array.

use std::sync::Mutex;

use hdf5_pure::{Dataset, Error, Filter};
use replayscope_json::Json;

use crate::blocks::Blocks;
use crate::hdf5::attributes::Attributes;
use crate::hdf5::codecs;
use crate::hdf5::dimensions::{Scale, names};
use crate::hdf5::element::Element;
use crate::hdf5::fault::reason;
use crate::hdf5::header::{Frame, Header};
use crate::hdf5::labels::Labels;
use crate::hdf5::storage::{Bytes, Stored};
use crate::node;
use crate::structure::Storage;

/// The most bytes of inline values: of a scalar, or of values in a header.
const MAX_INLINE: u64 = 64 << 10;

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

    /// The metadata of the array and how its values are stored, or why the dataset is left out.
    pub fn node(
        &self,
        scales: &[Scale],
        frame: Frame,
        blocks: &Mutex<Blocks>,
    ) -> Result<(Json, Storage), String> {
        let datatype = self.dataset.datatype().map_err(|error| reason(&error))?;
        let mut dimensions = names(self.name(), &self.shape, &self.attributes, scales);
        let stored = |size| Stored::of(&self.dataset, &self.header, &self.shape, size, blocks);
        let filters = self.dataset.filter_pipeline();
        let mut labels = None;
        let (mut node, storage) = if Labels::are(&datatype) {
            if !filters.is_empty() {
                return Err("its strings are compressed, which are not read".to_owned());
            }
            let stored = stored(Labels::element_size(&datatype, frame))?;
            let read = Labels::read(&stored, &datatype, &self.shape, frame, blocks)?;
            dimensions.truncate(read.shape.len());
            labels = Some(read.distinct);
            (here(&read.shape), Storage::Inline(read.codes))
        } else {
            let element = Element::new(&datatype)?;
            let stored = stored(element.size as u64)?;
            match stored.storage {
                Bytes::Run { bytes: 0, .. } if self.shape.is_empty() => {
                    return Err("it has no value".to_owned());
                }
                Bytes::Run { start, bytes } if !self.shape.is_empty() => {
                    (self.array(element, &stored.chunk_shape, &filters), Storage::Contiguous { start, bytes })
                }
                Bytes::Chunks(chunks) if !self.shape.is_empty() => {
                    (self.array(element, &stored.chunk_shape, &filters), Storage::Chunked(chunks))
                }
                _ => {
                    let bytes = stored.bytes(&self.shape, element.size as u64, MAX_INLINE, blocks)?;
                    (here(&self.shape), Storage::Inline(element.numbers(&bytes)))
                }
            }
        };
        node::set(&mut node, "attributes", self.attributes.json(labels.as_deref()));
        node::set(&mut node, "dimension_names", node::texts(&dimensions));
        Ok((node, storage))
    }

    /// The node of an array whose values are in the file.
    fn array(&self, element: Element, chunk_shape: &[u64], filters: &[Filter]) -> Json {
        let mut node = node::array(
            element.name,
            element.big_endian,
            &self.shape,
            chunk_shape,
            codecs::of(filters, element.size),
        );
        if let Some(bytes) = self.header.fill().filter(|bytes| bytes.len() == element.size) {
            node::set(&mut node, "fill_value", element.json(bytes));
        }
        node
    }
}

/// The metadata of an array of inline values: float64, in one chunk.
fn here(shape: &[u64]) -> Json {
    let chunk_shape: Vec<u64> = shape.iter().map(|length| (*length).max(1)).collect();
    node::array(Element::FLOAT64.name, false, shape, &chunk_shape, Vec::new())
}
