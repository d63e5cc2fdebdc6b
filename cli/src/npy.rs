//! The header of a `NumPy` `.npy` file, versions 1 to 3.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header is a Python dict
//! literal with exactly three keys. The crates that read it parse any Python literal by recursion and multiply shapes
//! unchecked, so a hostile file can bring them down; these three keys need neither.

use std::io::Read;

use crate::writer::Precision;

/// Longest header read; `NumPy`'s own limit is 10,000 characters.
const MAX_HEADER: usize = 10_000;

/// What a `.npy` file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    /// `NumPy` type string such as `<f4`.
    pub descr: String,
    /// Column-major: the first index varies fastest.
    pub fortran_order: bool,
    /// Length of each axis.
    pub shape: Vec<u64>,
    /// Where the data begin, in bytes from the start of the file.
    pub data_start: u64,
}

/// A float or bool as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Bytes of one value.
    pub size: usize,
    /// Most significant byte first.
    pub big_endian: bool,
    /// A bool of one byte rather than a float.
    pub is_bool: bool,
}

impl Element {
    /// Reads one value; a bool is 0 or 1.
    pub fn read(self, bytes: &[u8]) -> f64 {
        if self.is_bool {
            return f64::from(bytes[0]);
        }
        let mut word = [0; 8];
        word[..self.size].copy_from_slice(&bytes[..self.size]);
        if self.big_endian {
            word[..self.size].reverse();
        }
        Precision::of_size(self.size).map_or(f64::NAN, |precision| precision.read(&word))
    }
}

impl NpyHeader {
    /// Reads the header and leaves `reader` at the first value. The error says what is wrong with the file.
    pub fn read(reader: &mut impl Read) -> Result<Self, String> {
        let mut read = |length: usize| {
            let mut bytes = vec![0; length];
            reader
                .read_exact(&mut bytes)
                .map(|()| bytes)
                .map_err(|error| format!("its header is cut short ({error})"))
        };
        let magic = read(8)?;
        if magic[..6] != *b"\x93NUMPY" {
            return Err("it does not begin with \\x93NUMPY, so it is no .npy file".to_owned());
        }
        let (prefix, length) = match magic[6] {
            1 => {
                let bytes = read(2)?;
                (10, u32::from(u16::from_le_bytes([bytes[0], bytes[1]])))
            }
            2 | 3 => {
                let bytes = read(4)?;
                (12, u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            }
            other => return Err(format!("its format version is {other}, and 1 to 3 are known")),
        };
        if length as usize > MAX_HEADER {
            return Err(format!("its header claims {length} bytes, and NumPy writes at most {MAX_HEADER}"));
        }
        let text =
            String::from_utf8(read(length as usize)?).map_err(|_| "its header is not text".to_owned())?;
        let header = Self {
            descr: quoted(value_of(&text, "descr")?).ok_or("its type is a record, not a single number")?,
            fortran_order: match value_of(&text, "fortran_order")? {
                rest if rest.starts_with("True") => true,
                rest if rest.starts_with("False") => false,
                _ => return Err("fortran_order is neither True nor False".to_owned()),
            },
            shape: tuple(value_of(&text, "shape")?)?,
            data_start: prefix + u64::from(length),
        };
        Ok(header)
    }

    /// The type, where it is a float or a bool.
    pub fn element(&self) -> Option<Element> {
        let (order, kind) = self.descr.split_at_checked(1)?;
        let big_endian = order == ">" || (order == "=" && cfg!(target_endian = "big"));
        let (size, is_bool) = match kind {
            "f2" => (2, false),
            "f4" => (4, false),
            "f8" => (8, false),
            "b1" => (1, true),
            _ => return None,
        };
        matches!(order, "<" | ">" | "=" | "|").then_some(Element { size, big_endian, is_bool })
    }

    /// Number of values, where it fits.
    pub fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, &length| product.checked_mul(length))
    }
}

/// What follows `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Result<&'a str, String> {
    ['\'', '"']
        .iter()
        .find_map(|quote| text.split_once(&format!("{quote}{key}{quote}")))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
        .map(str::trim_start)
        .ok_or_else(|| format!("its header has no `{key}`"))
}

fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside.to_owned())
}

fn tuple(text: &str) -> Result<Vec<u64>, String> {
    let inside =
        text.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or("its shape is no tuple")?.0;
    inside
        .split(',')
        .map(|part| part.trim().trim_end_matches('L'))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| format!("its shape holds `{part}`, which is no length")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, dict: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        if version == 1 {
            bytes.extend((dict.len() as u16).to_le_bytes());
        } else {
            bytes.extend((dict.len() as u32).to_le_bytes());
        }
        bytes.extend(dict.as_bytes());
        bytes
    }

    #[test]
    fn reads_what_numpy_writes() {
        for version in 1..=3 {
            let dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (8000, 397), }          \n";
            let header = NpyHeader::read(&mut file(version, dict).as_slice()).unwrap();
            assert_eq!(header.shape, [8000, 397]);
            assert_eq!(header.count(), Some(8000 * 397));
            assert!(!header.fortran_order);
            assert_eq!(header.element(), Some(Element { size: 4, big_endian: false, is_bool: false }));
            assert_eq!(header.data_start, dict.len() as u64 + if version == 1 { 10 } else { 12 });
        }
        let odd = "{\"shape\": (3L,), \"fortran_order\": True, \"descr\": \">f8\"}";
        let header = NpyHeader::read(&mut file(1, odd).as_slice()).unwrap();
        assert_eq!((header.shape, header.fortran_order), (vec![3], true));
    }

    #[test]
    fn bad_input_is_an_error() {
        let error = |bytes: &[u8]| NpyHeader::read(&mut &*bytes).unwrap_err();
        assert!(error(b"PK\x03\x04 and so on").contains("no .npy file"));
        assert!(error(b"\x93NUMPY\x09\x00").contains("version is 9"));
        assert!(error(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("4294967295"));
        assert!(error(&file(1, "{'descr': '<f4'}")).contains("fortran_order"));
        let record = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}";
        assert!(error(&file(1, record)).contains("record"));
        let negative = "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}";
        assert!(error(&file(1, negative)).contains("`-1`"));
        let huge = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({0}, {0})}}", u64::MAX);
        assert_eq!(NpyHeader::read(&mut file(1, &huge).as_slice()).unwrap().count(), None);
    }
}
