//! The TypeScript declarations of what the page's wasm exports, in `www/types/`, where the type checker finds them without a build.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use xtask::repo;

const NOTE: &str = "// Written by `cargo xtask build` from src/web/, which is what to change.\n";
/// How wasm-bindgen begins to list the wasm's exports; after what src/web/ declares of them.
const EXPORTS: &str = "export interface InitOutput {\n";

/// Brings the declarations up to date with those that wasm-bindgen left in `bound`.
pub fn update(bound: &Path) -> Result<()> {
    let text =
        fs::read_to_string(bound.join("replayscope.d.ts")).context("wasm-bindgen wrote no declarations")?;
    let (target, text) =
        (repo::root().join(xtask::site::DECLARATIONS), NOTE.to_owned() + &without_functions(&text));
    if fs::read_to_string(&target).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
    eprintln!("{} is written anew", xtask::site::DECLARATIONS);
    Ok(())
}

/// Without the functions among the wasm's exports: nobody calls them but the glue, and their names change with every compiler.
fn without_functions(text: &str) -> String {
    let Some((before, (exports, after))) =
        text.rsplit_once(EXPORTS).and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return text.to_owned();
    };
    let kept: Vec<&str> = exports.split_inclusive('\n').filter(|line| !line.contains("=>")).collect();
    format!("{before}{EXPORTS}{}}}{after}", kept.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_functions_are_left_out() {
        let text = "a\nexport interface InitOutput {\n    readonly f: (a: number) => void;\n    readonly memory: WebAssembly.Memory;\n}\n\nb";
        let expected = "a\nexport interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n}\n\nb";
        assert_eq!(without_functions(text), expected);
        assert_eq!(without_functions("a\nb"), "a\nb");
    }
}
