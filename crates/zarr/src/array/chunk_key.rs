//! The keys of chunks.

use crate::array::metadata::Extension;
use crate::json::Json;

/// From the coordinates of a chunk in the grid to the key of its object below the array's path, and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkKeyEncoding {
    prefix: bool,
    separator: char,
}

impl ChunkKeyEncoding {
    /// The encoding `default` with the separator `/`: `c/0/1`.
    pub const DEFAULT: Self = Self { prefix: true, separator: '/' };

    /// Reads `chunk_key_encoding`; `None` where it is not one of those that Zarr specifies.
    pub(super) fn from_extension(encoding: &Extension) -> Option<Self> {
        let (prefix, default) = match encoding.name.as_str() {
            "default" => (true, '/'),
            "v2" => (false, '.'),
            _ => return None,
        };
        let separator = match encoding.configuration.get("separator").map(Json::as_str) {
            None => default,
            Some(Some("/")) => '/',
            Some(Some(".")) => '.',
            Some(_) => return None,
        };
        Some(Self { prefix, separator })
    }

    /// The key of a chunk below the array's path.
    pub fn key(self, coordinates: &[u64]) -> String {
        let mut parts: Vec<_> = coordinates.iter().map(ToString::to_string).collect();
        if self.prefix {
            parts.insert(0, "c".to_owned());
        }
        parts.join(self.separator.encode_utf8(&mut [0; 4]))
    }

    /// The coordinates in a key that [`ChunkKeyEncoding::key`] wrote; `None` for any other text.
    pub fn coordinates(self, key: &str) -> Option<Vec<u64>> {
        let mut parts = key.split(self.separator);
        if self.prefix && parts.next() != Some("c") {
            return None;
        }
        parts.map(|part| part.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_both_encodings() {
        let encoding = |name: &str, separator: Option<&str>| {
            let configuration = separator.map_or(Json::Null, |s| Json::object([("separator", s.into())]));
            ChunkKeyEncoding::from_extension(&Extension { name: name.to_owned(), configuration })
        };
        let key = |name, separator| encoding(name, separator).unwrap().key(&[3, 0]);
        assert_eq!(key("default", None), "c/3/0");
        assert_eq!(key("default", Some(".")), "c.3.0");
        assert_eq!(key("v2", None), "3.0");
        assert_eq!(key("v2", Some("/")), "3/0");
        assert!(encoding("fancy", None).is_none() && encoding("default", Some("-")).is_none());
    }

    #[test]
    fn coordinates_come_back_from_their_key() {
        for encoding in [ChunkKeyEncoding::DEFAULT, ChunkKeyEncoding { prefix: false, separator: '.' }] {
            for coordinates in [vec![0], vec![3, 0], vec![1, 22, 333]] {
                assert_eq!(encoding.coordinates(&encoding.key(&coordinates)), Some(coordinates));
            }
        }
        for other in ["zarr.json", "c", "c/", "c/x", "d/0", "0/1"] {
            assert_eq!(
                ChunkKeyEncoding::DEFAULT.coordinates(other).filter(|at| !at.is_empty()),
                None,
                "{other}"
            );
        }
    }
}
