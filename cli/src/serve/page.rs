//! The viewer's own files, which `cargo xtask build` writes to `dist/`, embedded in this binary.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use rust_embed::RustEmbed;

use super::answer;
use super::kind::Kind;
use super::response::Response;

/// The files: embedded in a release build, read from `dist/` at run time in a debug build.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>replayscope</title>\
<p>This binary was built without the viewer. In its source folder run</p><pre>cargo xtask build\n\
cargo build --release -p replayscope-cli</pre><p>and start it again. Data are served under <code>/data/</code> \
meanwhile.</p></html>\n";

/// The response with a file of the viewer; `/` is its page.
pub fn answer(segments: &[String], request: &Parts) -> Response {
    let name = if segments.is_empty() { "index.html".to_owned() } else { segments.join("/") };
    match Dist::get(&name) {
        Some(file) => {
            let hash = file.metadata.sha256_hash();
            let tag = hash[..16].iter().fold(String::new(), |tag, byte| format!("{tag}{byte:02x}"));
            let bytes = Bytes::from(file.data.into_owned());
            answer::bytes(&bytes, &format!("\"{tag}\""), Kind::Viewer, &name, request)
        }
        None if name == "index.html" => {
            let bytes = Bytes::from_static(NOT_BUILT.as_bytes());
            answer::bytes(&bytes, "\"not-built\"", Kind::Viewer, &name, request)
        }
        None => answer::not_found(request.uri.path()),
    }
}
