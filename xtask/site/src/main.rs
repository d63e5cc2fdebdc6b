//! `xtask-site make LINKED_WASM INDEX_HTML FOLDER`: the site, in the order of the modules below;
//! `xtask-site weigh FOLDER`: its size, and an error above the limits. `cargo xtask build` runs both.
//!
//! [`cut`] makes two modules of the wasm, [`bindgen`] binds the first to JavaScript and [`declarations`] keeps its types, [`optimise`] makes them smaller, and
//! [`shell`] bundles `www/` around them. [`size`] weighs what came of it.

mod bindgen;
mod cut;
mod declarations;
mod optimise;
mod shell;
mod size;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result, bail};
use xtask::repo;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", linked, page, folder] => make(Path::new(linked), Path::new(page), Path::new(folder)),
        ["weigh", folder] => size::gate(size::report(Path::new(folder))?),
        _ => bail!("xtask-site make LINKED_WASM INDEX_HTML FOLDER, or xtask-site weigh FOLDER"),
    }
}

/// Makes the site of `page` in `into`, in place of what is there.
fn make(linked: &Path, page: &Path, into: &Path) -> Result<()> {
    // The page may lie in the folder that is emptied: trunk leaves it there.
    let page = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let parts = cut::cut(linked, &repo::scratch("cut")?)?;
    // Where esbuild finds the shell, the glue and the libraries that the shell imports, as the sources name them.
    let bound = repo::scratch("bound")?;
    fs::remove_dir_all(&bound)?;
    bindgen::bind(&parts.page, &bound)?;
    declarations::update(&bound)?;
    shell::gather(&bound)?;

    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    fs::create_dir_all(into)?;
    // wasm-opt works on one core for most of its time.
    thread::scope(|scope| {
        let extras = scope.spawn(|| optimise::optimise(&parts.extras, &into.join(cut::EXTRAS)));
        optimise::optimise(&bound.join(bindgen::WASM), &into.join(bindgen::WASM))?;
        shell::bundle(&page, &bound, into)?;
        extras.join().unwrap_or_else(|_| bail!("the thread that runs wasm-opt panicked"))
    })
}
