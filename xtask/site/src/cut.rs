//! The viewer's wasm cut in two, in one memory: what the page loads at first, and the extras (`src/extras.rs`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasmparser::{Parser, Payload};

/// The module of the extras, as the page fetches it; `www/extras.js` does.
pub const EXTRAS: &str = "replayscope_extras.wasm";
/// What that module takes from the page's, as `www/extras.js` hands it over.
const SHARED: [&str; 3] = ["__wasm_split_shared0", "__indirect_function_table", "memory"];

/// The two modules.
pub struct Parts {
    /// What the page loads, before wasm-bindgen.
    pub page: PathBuf,
    /// What it fetches when needed.
    pub extras: PathBuf,
}

/// Cuts what cargo linked; leaves the modules in a folder, in place of what is there.
pub fn cut(linked: &Path, into: &Path) -> Result<Parts> {
    fs::remove_dir_all(into)?;
    let wasm = fs::read(linked).with_context(|| format!("cargo made no {}", linked.display()))?;
    let page = into.join("replayscope.wasm");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = into;
    options.main_out_path = &page;
    // wasm_split writes a loader of its own to www/extras.js in this folder. It is not used: the glue imports `./www/extras.js`,
    // which is the shell's once esbuild bundles both.
    options.link_name = "./www/extras.js";
    fs::create_dir_all(into.join("www"))?;
    let split = wasm_split_cli_support::transform(options).map_err(|error| {
        anyhow!("{error:?}; was it linked with --emit-relocs, as .cargo/config.toml has it? RUSTFLAGS would replace that")
    })?;
    let [extras] = &split.split_modules[..] else {
        anyhow::bail!("src/extras.rs makes {} modules, not one", split.split_modules.len());
    };
    let taken = imports(&fs::read(extras)?)?;
    ensure!(taken == SHARED, "the extras take {taken:?} from the page's, and www/extras.js gives {SHARED:?}");
    Ok(Parts { page, extras: extras.clone() })
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
