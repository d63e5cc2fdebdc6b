//! Opening what is no Zarr folder: single files and files that belong together, against what numpy reads of them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

#[path = "../common/mod.rs"]
mod common;
mod documents;
mod netcdf;
mod npy;
mod sargolini;
mod shelf;
mod states;
mod times;
