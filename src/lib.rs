//! replayscope opens a decoded neural session — `posterior(time, bin)` — and shows any of its frames, exactly.
//!
//! The pipeline, in reading order; everything runs one way:
//!
//! 1. [`source`] reads byte ranges of a session, wherever it lies.
//! 2. [`array`](mod@array) turns a frame into a chunk, a chunk into byte ranges, and the bytes into values.
//!    [`mod@file`] tells what is no Zarr hierarchy as one.
//! 3. [`session`] says what there is: fields, their time axis, the environment, overlays.
//! 4. [`environment`] turns every bin into one polygon.
//! 5. [`chunk`] decides what to fetch next and what to keep.
//! 6. [`range`] estimates a colour range from sampled frames.
//! 7. [`view`] is everything a link carries; [`clock`] turns wall time into frames.
//! 8. [`gpu`] turns values into pixels; [`colormap`] holds its tables.
//! 9. [`viewer`] owns all of it, and `web` is the handle that JavaScript holds.

pub use replayscope_json::{self as json, number};
pub use replayscope_zarr::{self as zarr, array};
use replayscope_zarr::{advice, argsort, futures};

pub mod chunk;
mod clamp;
pub mod clock;
pub mod colormap;
pub mod config;
pub mod environment;
pub mod error;
pub mod file;
pub mod gpu;
mod later;
#[cfg(target_arch = "wasm32")]
mod painter;
pub mod playhead;
pub mod projection;
pub mod pyramid;
pub mod range;
pub mod session;
pub mod source;
pub mod view;
pub mod viewer;
#[cfg(target_arch = "wasm32")]
mod web;
