//! What the page weighs: the brotli size of every file it loads, and limits that a build may not pass.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use xtask::process;

/// What the page may weigh before it opens anything, in bytes of brotli; 1 KB is 1,000 bytes.
pub const LIMIT: usize = 300_000;
/// The same with all that it may fetch later.
pub const LIMIT_OF_ALL: usize = 650_000;
/// What is fetched only when something needs it.
const ON_DEMAND: [&str; 3] = [crate::cut::EXTRAS, "www/panels.js", "www/panels.css"];

/// One file of the site.
struct Weight {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Bytes of brotli.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// What is fetched before anything is opened.
    pub page: usize,
    /// Everything.
    pub all: usize,
}

/// Prints what each html, js, css and wasm file of a site weighs, biggest first.
pub fn report(site: &Path) -> Result<Total> {
    let weights = weigh(site)?;
    println!("{:>10} {:>10}  file", "raw", "brotli");
    let mut total = Total { page: 0, all: 0 };
    for Weight { name, raw, brotli } in &weights {
        let on_demand = ON_DEMAND.contains(&name.as_str());
        println!("{raw:>10} {brotli:>10}  {name}{}", if on_demand { " (on demand)" } else { "" });
        total.all += brotli;
        total.page += if on_demand { 0 } else { *brotli };
    }
    println!("{:>10} {:>10}  the page; {LIMIT} bytes brotli allowed", "", total.page);
    println!("{:>10} {:>10}  everything; {LIMIT_OF_ALL} bytes brotli allowed", "", total.all);
    Ok(total)
}

/// An error above either limit.
pub fn gate(total: Total) -> Result<()> {
    for (what, weight, limit) in [("the page", total.page, LIMIT), ("everything", total.all, LIMIT_OF_ALL)] {
        if weight > limit {
            bail!(
                "{what} is {weight} bytes brotli, {} more than the {limit} allowed. Look at the biggest file above; \
                 `twiggy top` on target/wasm32-unknown-unknown/web/replayscope.wasm names what grew.",
                weight - limit
            );
        }
    }
    Ok(())
}

fn weigh(site: &Path) -> Result<Vec<Weight>> {
    let mut weights = Vec::new();
    for path in files(site)? {
        let kind = path.extension().unwrap_or_default();
        if !["html", "js", "mjs", "css", "wasm"].iter().any(|loaded| kind == *loaded) {
            continue;
        }
        let name = path.strip_prefix(site).unwrap_or(&path).display().to_string();
        let raw = fs::metadata(&path)?.len() as usize;
        weights.push((path, Weight { name, raw, brotli: 0 }));
    }
    let sizes = brotli(weights.iter().map(|(path, _)| path.as_path()))?;
    ensure!(sizes.len() == weights.len(), "node weighed {} files of {}", sizes.len(), weights.len());
    let mut weights: Vec<Weight> =
        std::iter::zip(weights, sizes).map(|((_, weight), brotli)| Weight { brotli, ..weight }).collect();
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.brotli));
    Ok(weights)
}

/// Brotli sizes, by the reference encoder that node brings: a crate would take longer to compile than all the rest here.
fn brotli<'a>(files: impl Iterator<Item = &'a Path>) -> Result<Vec<usize>> {
    const SCRIPT: &str = "const { readFileSync } = require('fs'), { brotliCompressSync, constants } = require('zlib');
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
        for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file), { params }).length);";
    let sizes = process::ask(process::command("node").args(["-e", SCRIPT, "--"]).args(files));
    let sizes = sizes.context("node could not compress the site's files")?;
    sizes.lines().map(|line| line.parse().context("node did not print a size")).collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_allowed() {
        assert!(gate(Total { page: LIMIT, all: LIMIT_OF_ALL }).is_ok());
        let message = gate(Total { page: LIMIT + 1, all: LIMIT + 1 }).unwrap_err().to_string();
        assert!(message.contains(&format!("the page is {} bytes brotli, 1 more", LIMIT + 1)), "{message}");
        let message = gate(Total { page: 1, all: LIMIT_OF_ALL + 1 }).unwrap_err().to_string();
        assert!(message.contains("everything is"), "{message}");
    }

    #[test]
    fn a_site_is_weighed_with_its_folders_and_without_its_session() {
        let site = xtask::repo::scratch("size-test").unwrap();
        fs::create_dir_all(site.join("www")).unwrap();
        fs::create_dir_all(site.join("demo.zarr")).unwrap();
        fs::write(site.join("index.html"), "<p>".repeat(1000)).unwrap();
        fs::write(site.join("www/main.js"), "let a;".repeat(100)).unwrap();
        fs::write(site.join("demo.zarr/zarr.json"), "{}").unwrap();
        let weights = weigh(&site).unwrap();
        let names: Vec<_> = weights.iter().map(|weight| (weight.name.as_str(), weight.raw)).collect();
        assert_eq!(weights.len(), 2, "{names:?}");
        assert!(weights.iter().all(|weight| weight.brotli > 0 && weight.brotli < 100));
        fs::remove_dir_all(site).unwrap();
    }
}
