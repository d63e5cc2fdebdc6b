//! Byte sources, and those of a page: HTTP by `fetch`, and files of the user's computer.

#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
mod http;

#[cfg(target_arch = "wasm32")]
pub use files::FilesSource;
#[cfg(target_arch = "wasm32")]
pub use http::{HttpSource, Traffic, sleep};
pub use replayscope_zarr::source::*;
