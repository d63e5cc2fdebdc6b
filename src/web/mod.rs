//! The handle that JavaScript holds; the crate's only exports. docs/handle.md is its manual.
//!
//! One rule keeps it simple: the viewer is borrowed only inside [`App::with`](app::App::with), never across an await, and
//! events are delivered after the borrow has ended, so that a listener may call anything.

mod app;
mod arguments;
mod colormaps;
mod convert;
mod device;
mod events;
mod handle;
mod host;
mod link;
mod opening;
mod ready;
mod workers;

use wasm_bindgen::prelude::*;

/// The declarations of what crosses between the viewer and JavaScript.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");
