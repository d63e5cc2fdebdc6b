//! replayscope opens a decoded neural session — `posterior(time, bin)` — and shows any of its frames, exactly.

pub mod chunk;
pub mod clock;
pub mod error;
#[cfg(target_arch = "wasm32")]
mod extras;
#[cfg(target_arch = "wasm32")]
mod painter;
pub mod playhead;
#[cfg(target_arch = "wasm32")]
mod source;
pub mod view;
pub mod viewer;
#[cfg(target_arch = "wasm32")]
mod web;
