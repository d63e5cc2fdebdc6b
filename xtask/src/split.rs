//! The viewer's wasm cut in two, in one memory: what the page loads at first, and what `src/later.rs` puts off.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_encoder::{CodeSection, Function, Module, RawSection};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::repo;

/// What the page fetches of it; `www/later.js` does.
pub const LATER: &str = "replayscope_later.wasm";
/// What that module takes from the page's, as `www/later.js` hands it over.
const SHARED: [&str; 3] = ["__wasm_split_shared0", "__indirect_function_table", "memory"];
/// Methods of what is never made, which the compiler cannot know: hdf5-pure writes files too, by one type that is only
/// made when a file is opened for that. With what only they use they weigh 13 KB.
const NEVER_CALLED: &str = "<hdf5_pure::edit::WriteEngine>::";

/// Cuts what cargo linked. Returns the page's wasm, for wasm-bindgen, and what comes later.
pub fn cut(linked: &Path) -> Result<(PathBuf, PathBuf)> {
    let folder = repo::scratch("split")?;
    fs::remove_dir_all(&folder)?;
    let wasm = fs::read(linked).with_context(|| format!("cargo made no {}", linked.display()))?;
    let page = folder.join("replayscope.wasm");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = &folder;
    options.main_out_path = &page;
    // It writes a loader here, and has the page's glue import it: that gets the shell's instead.
    options.link_name = "./www/later.js";
    fs::create_dir_all(folder.join("www"))?;
    let split = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:?}"))?;
    let [later] = &split.split_modules[..] else {
        anyhow::bail!("src/later.rs makes {} modules, not one", split.split_modules.len());
    };
    let (wasm, gone) = without(&fs::read(later)?, NEVER_CALLED)?;
    ensure!(gone > 0, "no function is called {NEVER_CALLED}… any more: look for what writes HDF5 files now");
    let taken = imports(&wasm)?;
    ensure!(
        taken == SHARED,
        "the later wasm takes {taken:?} from the page's, and www/later.js gives {SHARED:?}"
    );
    let path = folder.join(LATER);
    fs::write(&path, wasm)?;
    Ok((page, path))
}

/// Names of what a module imports.
fn imports(wasm: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                names.push(import?.name.to_owned());
            }
        }
    }
    Ok(names)
}

/// The module with a trap in place of every function whose name begins so, and how many these are.
fn without(wasm: &[u8], name: &str) -> Result<(Vec<u8>, usize)> {
    let names = function_names(wasm)?;
    let is_gone = |index: u32| {
        names
            .get(&index)
            .is_some_and(|known| format!("{:#}", rustc_demangle::demangle(known)).starts_with(name))
    };
    let (mut module, mut code, mut gone) = (Module::new(), CodeSection::new(), 0);
    let mut index = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    index += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                if is_gone(index) {
                    let mut trap = Function::new([]);
                    trap.instructions().unreachable().end();
                    code.function(&trap);
                    gone += 1;
                } else {
                    code.raw(body.as_bytes());
                }
                index += 1;
                continue;
            }
            Payload::CodeSectionStart { .. } => continue,
            Payload::DataSection(_) | Payload::CustomSection(_) if !code.is_empty() => {
                module.section(&std::mem::take(&mut code));
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection { id, data: &wasm[range.start as usize..range.end as usize] });
        }
    }
    if !code.is_empty() {
        module.section(&code);
    }
    Ok((module.finish(), gone))
}

/// What the names section calls each function.
fn function_names(wasm: &[u8]) -> Result<HashMap<u32, Cow<'_, str>>> {
    let mut names = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(all) = section.as_known() else { continue };
        for subsection in all {
            let Name::Function(functions) = subsection? else { continue };
            for naming in functions {
                let naming = naming?;
                names.insert(naming.index, Cow::Borrowed(naming.name));
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{FunctionSection, NameMap, NameSection, TypeSection};

    #[test]
    fn a_named_function_becomes_a_trap_and_the_others_stay() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code, mut map) = (FunctionSection::new(), CodeSection::new(), NameMap::new());
        for (index, name) in ["kept", "gone::one", "also gone::no"].into_iter().enumerate() {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().nop().nop().nop().end();
            code.function(&body);
            map.append(index as u32, name);
        }
        let mut names = NameSection::new();
        names.functions(&map);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&names);
        let wasm = module.finish();
        let (less, gone) = without(&wasm, "gone::").unwrap();
        assert_eq!((gone, wasm.len() - less.len()), (1, 2));
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(&less) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                bodies.push(body.as_bytes().len());
            }
        }
        assert_eq!(bodies, [5, 3, 5]);
        assert_eq!(function_names(&less).unwrap().len(), 3);
        assert_eq!(without(&wasm, "other").unwrap(), (wasm, 0));
    }
}
