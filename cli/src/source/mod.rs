//! Where `info`, `range` and `pack` read from: a folder or a web server, through the viewer's own [`ByteSource`](replayscope_zarr::source::ByteSource).
//!
//! Both block: their futures are ready when they return.

mod folder;
mod hidden;
mod http;
pub(crate) mod links;
mod open;
mod reach;
pub mod regular;

pub use folder::FolderSource;
pub use hidden::{is_hidden, leads_below};
pub use http::HttpSource;
pub use open::{open, open_beside, open_session};
pub use reach::{Lead, Reach};

/// Most bytes that are read at once.
const WHOLE_LIMIT: u64 = 1 << 30;
