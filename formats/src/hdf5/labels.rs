//! Strings, told as codes: few different ones name the states of many bins.

use hdf5_pure::{Dataset, Datatype, StringPadding, VlenStringReadOptions};

use crate::hdf5::reason;

/// The most strings of one dataset.
const STRINGS: u64 = 1_000_000;
/// The most different ones.
const LABELS: usize = 4096;
/// The most bytes that are read for them.
const BYTES: u64 = 4 << 20;
/// What a string of variable length takes beside its letters: its reference, and its place in a heap.
const OVERHEAD: u64 = 16 + 32;

/// Strings as indices into the different ones, those in the order of their appearance.
pub struct Labels {
    /// The shape of `codes`: the dataset's, less the letters of strings stored as arrays of letters.
    pub shape: Vec<u64>,
    /// One per string.
    pub codes: Vec<f64>,
    /// The different ones.
    pub labels: Vec<String>,
}

impl Labels {
    /// Whether a type is one of strings.
    pub fn are(datatype: &Datatype) -> bool {
        matches!(datatype, Datatype::String { .. } | Datatype::VariableLength { is_string: true, .. })
    }

    /// Reads them, or says why not.
    pub fn read(dataset: &Dataset, datatype: &Datatype, shape: &[u64]) -> Result<Self, String> {
        let count = shape.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
        let fits = |bytes: Option<u64>| match bytes {
            Some(bytes) if bytes <= BYTES => Ok(()),
            _ => Err(format!("its strings take more than {BYTES} bytes")),
        };
        let mut told = Self { shape: shape.to_vec(), codes: Vec::new(), labels: Vec::new() };
        let Datatype::String { size, padding, .. } = datatype else {
            let count = count.filter(|count| *count <= STRINGS).ok_or_else(too_many)?;
            fits(count.checked_mul(OVERHEAD))?;
            let letters = dataset.vlen_string_payload_size().map_err(|error| reason(&error))?;
            fits(letters.checked_add(count * OVERHEAD))?;
            dataset
                .visit_vlen_strings(VlenStringReadOptions::default(), |text| told.add(text))
                .map_err(|error| reason(&error))?;
            return told.checked();
        };
        fits(count.and_then(|count| count.checked_mul((*size).into())))?;
        let mut length = *size as usize;
        // netCDF's strings of fixed length are arrays of letters.
        if length == 1
            && told.shape.len() > 1
            && let Some(letters) = told.shape.pop()
        {
            length = letters as usize;
        }
        let raw = dataset.read_raw().map_err(|error| reason(&error))?;
        if length == 0 || raw.len() as u64 / length as u64 > STRINGS {
            return Err(if length == 0 { "its strings have no letters".to_owned() } else { too_many() });
        }
        for bytes in raw.chunks_exact(length) {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(length);
            let text = String::from_utf8_lossy(&bytes[..end]);
            let text = if *padding == StringPadding::SpacePad { text.trim_end_matches(' ') } else { &text };
            told.add(text);
        }
        told.checked()
    }

    fn add(&mut self, text: &str) {
        // Neighbours are mostly equal.
        let last = self.codes.last().map(|code| *code as usize);
        let known = last.filter(|last| self.labels.get(*last).is_some_and(|label| label == text));
        let known = known.or_else(|| self.labels.iter().position(|label| label == text));
        if known.is_none() && self.labels.len() <= LABELS {
            self.labels.push(text.to_owned());
        }
        self.codes.push(known.unwrap_or(self.labels.len() - 1) as f64);
    }

    fn checked(self) -> Result<Self, String> {
        if self.labels.len() > LABELS {
            return Err(format!("it has more than {LABELS} different strings"));
        }
        let count = self.shape.iter().product::<u64>();
        if self.codes.len() as u64 != count {
            return Err(format!("it has {} strings and not {count}", self.codes.len()));
        }
        Ok(self)
    }
}

fn too_many() -> String {
    format!("it has more than {STRINGS} strings")
}
