//! JSON as a value, and the digits of numbers, both by the host.
//!
//! In the browser the host's parser is `JSON.parse`, which costs no byte of wasm; natively it is that of `serde_json`. Both round
//! every number to the nearest float64, so both read the same session.
//!
//! In reading order: [`Json`] is a value, which [`Json::parse`] reads from text and, in the browser, `Json::from_js` takes from a
//! JavaScript object; [`Json::get`] and the `as_…` methods look into it; [`Json::brief`] shows a value in an error message. [`number`] reads and writes
//! numbers as text, by JavaScript's `Number` in the browser.
//!
//! # Example
//!
//! ```
//! use replayscope_json::Json;
//!
//! // Python writes a bare NaN, which JSON does not have; it is read as a string, as Zarr spells it.
//! let node = Json::parse(br#"{"shape": [3600000, 500], "fill_value": NaN}"#)?;
//! let shape = node.get("shape").and_then(Json::as_array).unwrap_or_default();
//! assert_eq!(shape[1].as_u64(), Some(500));
//! assert_eq!(node.get("fill_value").and_then(Json::as_str), Some("NaN"));
//!
//! // An error says what is wrong with the text.
//! assert!(Json::parse(b"<!doctype html>").is_err());
//! # Ok::<(), String>(())
//! ```

mod host;
pub mod number;
mod read;
mod value;

pub use read::MOST_BYTES;
pub use value::Json;
