//! Response headers by the origin of a file: the viewer's own files may run, data may not.

use hyper::HeaderMap;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::response::set;

/// The content security policy of the viewer's page: it may run its own scripts and wasm and read sessions from any host.
/// docs/hosting.md lists it for other hosts of the page.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
     connect-src 'self' http: https:; base-uri 'none'; form-action 'none'";
/// The content security policy of data: a browser that shows them as a page gives them no rights and no origin.
const DATA_POLICY: &str = "default-src 'none'; sandbox";
const BYTES: &str = "application/octet-stream";

/// The origin of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file of the viewer.
    Viewer,
    /// A user's data.
    Data,
}

impl Kind {
    /// The content type of a file, by its extension. Browsers need the right one for WebAssembly and modules; of data, only types that
    /// cannot run scripts are named.
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

    /// Adds the content type and the policy of a file to the headers of a response.
    pub fn add_headers(self, name: &str, headers: &mut HeaderMap) {
        let content_type = self.content_type(name);
        set(headers, CONTENT_TYPE, content_type);
        self.limit(headers);
        if self == Self::Data && content_type == BYTES {
            // A browser that opens the file as a page saves it and does not show it.
            set(headers, CONTENT_DISPOSITION, "attachment");
        }
    }

    /// Adds the content security policy to the headers of a response.
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
