#![doc = include_str!("../README.md")]
//!
//! # This crate
//!
//! The page's wasm and nothing else: natively it is empty. Links above are relative to the root of the repository. In reading order:
//!
//! - `web`: all exports to JavaScript. Its `handle` is the class that docs/handle.md describes, `opening` opens sessions, `workers` decodes
//!   beside the page.
//! - `source`: bytes by HTTP, and of files of the user's computer, as a [`ByteSource`](replayscope_zarr::source::ByteSource).
//! - `painter`: draws a [`Drawing`](replayscope_viewer::Drawing) of the viewer with [`replayscope_render`].
//! - `extras`: what the page fetches when it first needs it.
//!
//! Everything else is in the crates below: [`replayscope_viewer`], [`replayscope_session`], [`replayscope_files`],
//! [`replayscope_zarr`], `replayscope_codecs`, [`replayscope_json`]. docs/architecture.md says which may use which.

#[cfg(target_arch = "wasm32")]
mod extras;
#[cfg(target_arch = "wasm32")]
mod painter;
#[cfg(target_arch = "wasm32")]
mod source;
#[cfg(target_arch = "wasm32")]
mod web;
