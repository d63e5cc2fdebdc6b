//! The host's own parser.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
pub use browser::parse;
#[cfg(not(target_arch = "wasm32"))]
pub use native::parse;

/// Deeper values are an error, as a stack has an end.
const DEEPEST: u32 = 100;
