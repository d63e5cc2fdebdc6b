//! What to advise where it is another thing in a page than on the command line.

/// Whether this runs in a page.
const PAGE: bool = cfg!(target_arch = "wasm32");

/// There is not enough memory.
pub const FREE_MEMORY: &str = if PAGE { "Close other tabs" } else { "Close other programs" };
/// What was opened is newer than this.
pub const UPDATE: &str = if PAGE { "reload the page or update the viewer" } else { "install a newer one" };
/// A server that does not answer. Browsers do not say which of these it is.
pub const NO_ANSWER: &str = if PAGE {
    "The network or server is down, or the server does not allow this page to read it (CORS: it must send \
     `Access-Control-Allow-Origin`; `replayscope serve DIR --allow-origin ORIGIN` does)"
} else {
    "The network or server is down, or the address is mistyped: open it in a browser, or try again"
};
