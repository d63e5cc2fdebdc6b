//! What a browser is told of a file, so that the viewer's own files run and the data never do.

use hyper::HeaderMap;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::response::set;

/// What the viewer's page may do: run its own scripts and wasm, read sessions from anywhere, and nothing else.
/// docs/hosting.md gives it to those who host the page elsewhere.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
     connect-src 'self' http: https:; base-uri 'none'; form-action 'none'";
/// What anything else may do, should a browser show it as a page: nothing, and it is of no origin.
const DATA_POLICY: &str = "default-src 'none'; sandbox";
const BYTES: &str = "application/octet-stream";

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The viewer's.
    Viewer,
    /// Somebody's.
    Data,
}

impl Kind {
    /// The content type of a file, by its ending. Browsers refuse WebAssembly and modules under any other than their own; of data,
    /// only what can do nothing has a type.
    pub fn content_type(self, name: &str) -> &'static str {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let ending = ending.as_deref().unwrap_or_default();
        match (self, ending) {
            (_, "json" | "map" | "zarray" | "zgroup" | "zattrs" | "zmetadata") => "application/json",
            (_, "txt" | "md" | "csv") => "text/plain; charset=utf-8",
            (Self::Viewer, "html") => "text/html; charset=utf-8",
            (Self::Viewer, "js") => "text/javascript; charset=utf-8",
            (Self::Viewer, "css") => "text/css; charset=utf-8",
            (Self::Viewer, "wasm") => "application/wasm",
            (Self::Viewer, "svg") => "image/svg+xml",
            _ => BYTES,
        }
    }

    /// Says so in an answer's headers, and what the file may do.
    pub fn tell(self, name: &str, headers: &mut HeaderMap) {
        let content_type = self.content_type(name);
        set(headers, CONTENT_TYPE, content_type);
        self.limit(headers);
        if self == Self::Data && content_type == BYTES {
            // Opened as a page, it is saved and not shown.
            set(headers, CONTENT_DISPOSITION, "attachment");
        }
    }

    /// Says what an answer may do.
    pub fn limit(self, headers: &mut HeaderMap) {
        set(headers, CONTENT_SECURITY_POLICY, if self == Self::Viewer { PAGE_POLICY } else { DATA_POLICY });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_data_only_text_and_json_have_a_type() {
        let active = "html htm xhtml xht shtml svg svgz xml xsl xslt rdf mathml js mjs cjs css wasm pdf swf hta mht mhtml ico png";
        for ending in active.split(' ') {
            for name in
                [format!("x.{ending}"), format!("x.{}", ending.to_uppercase()), format!("x.json.{ending}")]
            {
                assert_eq!(Kind::Data.content_type(&name), BYTES, "{name}");
            }
        }
        for name in ["zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata"] {
            assert_eq!(Kind::Data.content_type(name), "application/json", "{name}");
        }
        assert_eq!(Kind::Data.content_type("events.csv"), "text/plain; charset=utf-8");
        assert_eq!(Kind::Data.content_type("html"), BYTES);
        assert_eq!(Kind::Viewer.content_type("index.html"), "text/html; charset=utf-8");
    }

    #[test]
    fn the_documented_policy_is_the_one_that_is_sent() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hosting.md");
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("\"{PAGE_POLICY}\"")), "docs/hosting.md does not give\n{PAGE_POLICY}");
    }
}
