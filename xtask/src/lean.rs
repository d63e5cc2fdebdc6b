//! How the site's wasm is compiled: with a standard library of its own, in which a panic stops without a word.

use std::process::Command;

/// No text of a panic, its place, or the code that would print them; a plain `trunk build` has all of it. Functions are
/// inlined before LLVM sees them and hardly by it: 4 KB of brotli less. With its relocations the wasm can be cut in two
/// (`split.rs`).
const RUSTFLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zinline-mir=yes \
                         -Cllvm-args=-inline-threshold=5 -Clink-arg=--emit-relocs";

/// Makes `command`, a cargo or what runs one, rebuild the standard library (component rust-src) for the target.
pub fn lean(command: &mut Command) -> &mut Command {
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    command
        // Both are unstable, and pinned by rust-toolchain.toml; nothing of the crate itself uses an unstable feature.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env("RUSTFLAGS", format!("{given} {RUSTFLAGS}").trim())
}
