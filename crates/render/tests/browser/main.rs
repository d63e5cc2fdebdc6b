//! What the renderer draws, pixel by pixel, against a plain reading of the rules. Needs a browser with WebGPU; none is a failure.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;
mod device;
mod fields;
mod positions;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
