//! How the site's wasm is compiled: with a standard library of its own, in which a panic stops without a word.

use std::process::Command;

/// No text of a panic, its place, or the code that would print them, nor what `{:?}` makes of a value; a plain `trunk build`
/// has all of it. Functions are inlined before LLVM sees them: 3 KB of brotli less. With its relocations the wasm can be
/// cut in two (`split.rs`).
const RUSTFLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
                         -Zinline-mir=yes -Clink-arg=--emit-relocs";

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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Lines of the page's sources, tests left out, that format with `{:?}`: there the site would have a hole.
    fn holes(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                holes(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let lines =
                    code.lines().filter(|line| line.contains(":?}") && !line.trim().starts_with("//"));
                found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
            }
        }
    }

    #[test]
    fn nothing_that_the_page_says_is_formatted_by_debug() {
        let mut found = Vec::new();
        for folder in ["src", "decode/src", "formats/src", "json/src"] {
            holes(&crate::repo::root().join(folder), &mut found);
        }
        assert!(
            found.is_empty(),
            "number::list and text instead, as -Zfmt-debug=none prints nothing: {found:#?}"
        );
    }
}
