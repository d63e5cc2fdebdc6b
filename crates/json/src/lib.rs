//! JSON as a value: read from text by the host's own parser, or taken from a JavaScript object.
//!
//! In the browser that parser is `JSON.parse`, which costs no byte of wasm; natively it is `serde_json`'s. Both round
//! every number to the nearest float64, so both read the same session.

mod host;
pub mod number;
mod read;
mod value;

pub use read::MOST_BYTES;
pub use value::Json;
