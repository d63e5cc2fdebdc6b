//! Strings as codes and labels: few different strings name the states of many bins.

use std::sync::Mutex;

use hdf5_pure::{Datatype, StringPadding};

use crate::blocks::Blocks;
use crate::hdf5::header::Frame;
use crate::hdf5::heap::{BYTES, Heap};
use crate::hdf5::storage::Stored;

/// The most strings of one dataset.
const STRINGS: u64 = 1_000_000;
/// The most different ones.
const LABELS: usize = 4096;

/// Strings as indices into the different ones, those in the order of their appearance.
pub struct Labels {
    /// The shape of `codes`: the dataset's, less the letters of strings stored as arrays of letters.
    pub shape: Vec<u64>,
    /// One per string.
    pub codes: Vec<f64>,
    /// The different ones.
    pub distinct: Vec<String>,
}

impl Labels {
    /// Whether a type is one of strings.
    pub fn are(datatype: &Datatype) -> bool {
        matches!(datatype, Datatype::String { .. } | Datatype::VariableLength { is_string: true, .. })
    }

    /// Bytes of an element: of the string, or of the reference to it.
    pub fn element_size(datatype: &Datatype, frame: Frame) -> u64 {
        match datatype {
            Datatype::String { size, .. } => (*size).into(),
            _ => 8 + frame.offset_size as u64,
        }
    }

    /// Reads them, or says why not.
    pub fn read(
        stored: &Stored,
        datatype: &Datatype,
        shape: &[u64],
        frame: Frame,
        blocks: &Mutex<Blocks>,
    ) -> Result<Self, String> {
        let size = Self::element_size(datatype, frame);
        if size == 0 {
            return Err("its strings have no letters".to_owned());
        }
        let raw = stored.bytes(shape, size, BYTES, blocks)?;
        let mut labels = Self { shape: shape.to_vec(), codes: Vec::new(), distinct: Vec::new() };
        if let Datatype::String { padding, .. } = datatype {
            let mut length = size as usize;
            // netCDF's strings of fixed length are arrays of letters.
            if length == 1
                && labels.shape.len() > 1
                && let Some(letters) = labels.shape.pop()
            {
                length = letters as usize;
            }
            if length == 0 {
                return Err("its strings have no letters".to_owned());
            }
            for bytes in raw.chunks_exact(length) {
                let bytes = match padding {
                    StringPadding::SpacePad => bytes.trim_ascii_end(),
                    _ => bytes.split(|byte| *byte == 0).next().unwrap_or(bytes),
                };
                labels.add(bytes);
            }
        } else {
            let mut heap = Heap::new(&raw, frame, blocks)?;
            for reference in raw.chunks_exact(size as usize) {
                labels.add(heap.get(reference)?);
            }
        }
        labels.checked()
    }

    fn add(&mut self, bytes: &[u8]) {
        // Too many already; `checked` reports it in the end.
        if self.distinct.len() > LABELS {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        // Neighbours are mostly equal.
        let last = self.codes.last().map(|code| *code as usize);
        let known = last.filter(|last| self.distinct.get(*last).is_some_and(|label| *label == text));
        let known = known.or_else(|| self.distinct.iter().position(|label| *label == text));
        if known.is_none() {
            self.distinct.push(text.into_owned());
        }
        self.codes.push(known.unwrap_or(self.distinct.len() - 1) as f64);
    }

    fn checked(self) -> Result<Self, String> {
        if self.distinct.len() > LABELS {
            return Err(format!("it has more than {LABELS} different strings"));
        }
        let count = self.shape.iter().product::<u64>();
        if self.codes.len() as u64 != count || count > STRINGS {
            return Err(format!("it has {count} strings, but {} are stored", self.codes.len()));
        }
        Ok(self)
    }
}
