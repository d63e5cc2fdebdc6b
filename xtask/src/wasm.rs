//! The wasm as the page loads it: optimised for what brotli makes of it, with short names between it and its glue.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::tools::Tools;

/// Around the functions that the glue hands to the wasm.
const BEGIN: &str = "const import0 = {\n        __proto__: null,\n";
const END: &str =
    "\n    };\n    return {\n        __proto__: null,\n        \"./replayscope_bg.js\": import0,";
/// [`END`] under the name that wasm-opt gives every module.
const SHORT_END: &str = "};\nreturn {\n__proto__: null,\na: import0,";
/// Where the functions come from that the glue hands to the wasm, its own and the shell's.
const OWN: &str = "./replayscope_bg.js";
const SHELL: &str = "./www/later.js";
/// How the glue uses an export.
const OF_WASM: &str = "wasm.";
/// What the wasm may use: what rustc's own target does.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// LLVM has inlined what is worth it, and keeps alike code together. Inlining again, sharing subexpressions and sorting
/// functions make the file smaller and its brotli 14 KB bigger; so does cutting the data at its runs of zeros. Flattening
/// first, and going over it again with what is known of all functions, saves 3 KB.
const PASSES: [&str; 16] = [
    "--flatten",
    "--rereloop",
    "-Os",
    "--generate-global-effects",
    "-Os",
    "--generate-global-effects",
    "-Os",
    "--always-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--skip-pass=local-cse",
    "--skip-pass=memory-packing",
    "--skip-pass=reorder-functions",
    // True of the first KB until the stack, which grows down to it, has but that left of its MiB.
    "--low-memory-unused",
    "--strip-debug",
    "--strip-producers",
];
/// Has wasm-opt say what it renamed.
const RENAME: &str = "--minify-imports-and-exports-and-modules";

/// What wasm-opt says it has renamed.
#[derive(Deserialize)]
struct Renamed {
    /// Module, old name, new name.
    imports: Vec<(String, String, String)>,
    /// Old name, new name.
    exports: Vec<(String, String)>,
}

/// Writes `into`'s wasm from what wasm-bindgen left in `built`, and renames in the glue there, and in what hands on what
/// the wasm exports, what the two call each other.
pub fn shrink(tools: &Tools, built: &Path, into: &Path) -> Result<()> {
    const WASM: &str = "replayscope_bg.wasm";
    let said = optimise(tools, &built.join(WASM), &into.join(WASM), &[RENAME])?;
    let renamed: Renamed = serde_json::from_slice(&said).context("wasm-opt did not tell what it renamed")?;
    let edit = |name: &str, edit: &dyn Fn(&str) -> Result<String>| {
        let path = built.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("there is no {name}"))?;
        fs::write(path, edit(&text)?).with_context(|| format!("cannot write {name}"))
    };
    edit("replayscope.js", &|glue| rename(glue, &renamed))?;
    edit("www/later.js", &|text| exports(text, &renamed.exports))
}

/// Writes a smaller wasm; returns what wasm-opt says.
pub fn optimise(tools: &Tools, from: &Path, to: &Path, more: &[&str]) -> Result<Vec<u8>> {
    let mut wasm_opt = tools.command("wasm-opt");
    wasm_opt.args(FEATURES).args(PASSES).args(more).arg(from).arg("-o").arg(to);
    let said = wasm_opt.stderr(Stdio::inherit()).output().context("cannot start wasm-opt")?;
    ensure!(said.status.success(), "wasm-opt failed ({})", said.status);
    Ok(said.stdout)
}

/// The glue under the new names.
fn rename(glue: &str, renamed: &Renamed) -> Result<String> {
    // Both sides of what a wasm-bindgen of another version would write otherwise.
    let (before, rest) = glue.split_once(BEGIN).context("the glue's imports do not begin as they did")?;
    let (functions, after) = rest.split_once(END).context("the glue's imports do not end as they did")?;
    let shell = before.lines().find_map(|line| line.strip_prefix("import * as ")?.split_once(" from "));
    let shell = shell.filter(|(_, from)| from.trim_matches(['"', ';']) == SHELL).map(|(name, _)| name);
    let imports = imports(functions, shell, &renamed.imports)?;
    exports(&[before, BEGIN, &imports, SHORT_END, after].concat(), &renamed.exports)
}

/// The functions the wasm imports, under their new names, without those it no longer does.
fn imports(functions: &str, shell: Option<&str>, renamed: &[(String, String, String)]) -> Result<String> {
    // A member begins at this depth; every other line of its is deeper, or closes it.
    let mut members: Vec<(&str, String)> = Vec::new();
    for line in functions.lines() {
        let begins = line.strip_prefix("        ").filter(|rest| !rest.starts_with([' ', '}']));
        if let Some((name, code)) = begins.and_then(|rest| rest.split_once(": ")) {
            members.push((name, code.to_owned()));
        } else {
            let (_, code) = members.last_mut().context("the glue's first import has no name")?;
            code.push('\n');
            code.push_str(line);
        }
    }
    let mut text = String::new();
    for (module, old, new) in renamed {
        if module == SHELL {
            text.extend([
                new,
                ": ",
                shell.context("the glue does not import the shell's part")?,
                ".",
                old,
                ",\n",
            ]);
            continue;
        }
        ensure!(module == OWN, "the wasm imports {old} from {module:?}, not from {OWN:?}");
        let found: Vec<_> = members.iter().filter(|(name, _)| name == old).collect();
        let [(_, code)] = found[..] else {
            bail!("the glue has the wasm's import {old} {} times, not once", found.len());
        };
        text.extend([new, ": ", code, "\n"]);
    }
    Ok(text)
}

/// The glue's uses of what the wasm exports, `wasm.NAME`, under their new names.
fn exports(glue: &str, renamed: &[(String, String)]) -> Result<String> {
    let word = |letter: char| letter.is_ascii_alphanumeric() || "_$".contains(letter);
    let mut parts = glue.split(OF_WASM);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let free = !text.ends_with(word);
        let end = part.find(|letter| !word(letter)).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        text.push_str(OF_WASM);
        if free && !name.is_empty() {
            let found = renamed.iter().find(|(old, _)| old == name);
            text.push_str(
                &found.with_context(|| format!("the glue uses {name}, which the wasm does not export"))?.1,
            );
        } else {
            text.push_str(name);
        }
        text.push_str(rest);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(import: &str, export: &str) -> Renamed {
        let json = format!(
            r#"{{"imports": [["{OWN}", "{import}", "$"], ["{SHELL}", "load", "b"]], "exports": [["{export}", "a"]]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn glue() -> String {
        let functions = "        gone: function() {\n        },\n        kept: function(arg0) {\n            \
                         return { x: wasm.malloc(arg0) };\n        },";
        format!(
            "import * as import1 from \"./www/later.js\"\nlet wasm;\n{BEGIN}{functions}{END}\n    }};\nfetch('x_bg.wasm');"
        )
    }

    #[test]
    fn both_sides_get_the_short_names_and_what_is_not_imported_goes() {
        let text = rename(&glue(), &renamed("kept", "malloc")).unwrap();
        assert!(
            text.contains("$: function(arg0) {\n            return { x: wasm.a(arg0) };\n        },\n"),
            "{text}"
        );
        assert!(!text.contains("gone") && !text.contains("_bg.js"), "{text}");
        assert!(
            text.contains("\nlet wasm;\n")
                && text.contains("b: import1.load,\n")
                && text.ends_with("fetch('x_bg.wasm');"),
            "{text}"
        );
    }

    #[test]
    fn a_name_that_one_side_does_not_have_is_an_error() {
        let message = |import, export| rename(&glue(), &renamed(import, export)).unwrap_err().to_string();
        assert!(message("other", "malloc").contains("import other 0 times"));
        assert!(message("kept", "free").contains("uses malloc"));
        assert!(rename("export {}", &renamed("kept", "malloc")).is_err());
        let alone = glue().replace(SHELL, "./else.js");
        assert!(rename(&alone, &renamed("kept", "malloc")).is_err());
    }
}
