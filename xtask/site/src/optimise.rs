//! The wasm as the page loads it, by wasm-opt.

use std::path::Path;

use anyhow::Result;
use xtask::{node, process};

/// What the wasm may use: what rustc's own target does.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// What weighs least as brotli, and takes half the time: LLVM has inlined what is worth it, and the higher levels inline
/// again, 10 KB more of brotli for the page and 13 KB for the rest.
const PASSES: [&str; 3] = ["-O1", "--strip-debug", "--strip-producers"];

/// Writes a smaller wasm.
pub fn optimise(from: &Path, to: &Path) -> Result<()> {
    let mut wasm_opt = node::program("wasm-opt");
    process::run(wasm_opt.args(FEATURES).args(PASSES).arg(from).arg("-o").arg(to))
}
