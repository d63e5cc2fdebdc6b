//! Reading Zarr v3, against what zarr-python wrote, what zarrs reads, and bytes that are not valid.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

#[path = "../common/mod.rs"]
mod common;
mod fixtures;
mod hostile;
mod metadata;
mod oracle;
mod reads;
mod sargolini;
