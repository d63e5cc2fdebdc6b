//! replayscope opens a decoded neural session — `posterior(time, bin)` — and shows any of its frames, exactly.

#[cfg(target_arch = "wasm32")]
mod extras;
#[cfg(target_arch = "wasm32")]
mod painter;
#[cfg(target_arch = "wasm32")]
mod source;
#[cfg(target_arch = "wasm32")]
mod web;
