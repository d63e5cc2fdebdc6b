//! Zarr v3's `zarr.json`, written.

use crate::json;

/// What an array's `zarr.json` says.
pub struct Node<'a> {
    /// Elements along each dimension.
    pub shape: &'a [u64],
    /// Zarr's name of the type.
    pub data_type: &'a str,
    /// Elements along each dimension of a chunk, all at least 1.
    pub chunk_shape: &'a [u64],
    /// What is not stored, as JSON.
    pub fill: &'a str,
    /// Byte order of the elements.
    pub big_endian: bool,
    /// What follows the codec `bytes`, each as JSON, in the order of encoding.
    pub codecs: &'a [String],
    /// A JSON object.
    pub attributes: &'a str,
    /// Names, `""` where there is none.
    pub dimensions: &'a [String],
}

impl Node<'_> {
    /// As it stands in the file.
    pub fn text(&self) -> String {
        let mut out = String::from(r#"{"zarr_format":3,"node_type":"array","shape":"#);
        json::list(&mut out, self.shape, |out, length| json::integer(out, *length));
        out.push_str(r#","data_type":"#);
        json::string(&mut out, self.data_type);
        out.push_str(r#","chunk_grid":{"name":"regular","configuration":{"chunk_shape":"#);
        json::list(&mut out, self.chunk_shape, |out, length| json::integer(out, *length));
        out.push_str(
            r#"}},"chunk_key_encoding":{"name":"default","configuration":{"separator":"/"}},"fill_value":"#,
        );
        out.push_str(self.fill);
        out.push_str(r#","codecs":[{"name":"bytes","configuration":{"endian":"#);
        json::string(&mut out, if self.big_endian { "big" } else { "little" });
        out.push_str("}}");
        for codec in self.codecs {
            out.push(',');
            out.push_str(codec);
        }
        out.push_str(r#"],"attributes":"#);
        out.push_str(self.attributes);
        out.push_str(r#","dimension_names":"#);
        json::list(&mut out, self.dimensions, |out, name| json::string(out, name));
        out.push('}');
        out
    }
}

/// A group's `zarr.json`; the root's holds those of all nodes below it, as pairs of path and text.
pub fn group(attributes: &str, below: Option<&[(String, String)]>) -> String {
    let mut out = String::from(r#"{"zarr_format":3,"node_type":"group","attributes":"#);
    out.push_str(attributes);
    if let Some(nodes) = below {
        out.push_str(r#","consolidated_metadata":{"kind":"inline","must_understand":false,"metadata":{"#);
        for (index, (path, text)) in nodes.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            json::string(&mut out, path);
            out.push(':');
            out.push_str(text);
        }
        out.push_str("}}");
    }
    out.push('}');
    out
}
