//! The glue between the page's wasm and JavaScript, by the library that the tool wasm-bindgen runs.

use std::path::Path;

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

/// The wasm that the glue loads.
pub const WASM: &str = "replayscope_bg.wasm";

/// Writes the glue and its wasm into a folder.
pub fn bind(page: &Path, into: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(page).web(true)?.typescript(true);
    // The second module imports the first one's memory and table of functions, by the linker's names.
    bindgen.keep_lld_exports(true);
    bindgen.generate(into)
}
