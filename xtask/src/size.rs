//! What the page weighs: the brotli size of every file it loads, and a limit that a build may not pass.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What the page may weigh before it opens anything, in bytes of brotli; 1 KB is 1,000 bytes.
pub const LIMIT: usize = 220_000;

/// One file the page loads.
struct Weight {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Prints what each html, js, css and wasm file of a site weighs, biggest first. Returns the sum, in bytes of brotli.
pub fn report(site: &Path) -> Result<usize> {
    let weights = weigh(site)?;
    println!("{:>10} {:>10}  file", "raw", "brotli");
    for weight in &weights {
        println!("{:>10} {:>10}  {}", weight.raw, weight.brotli, weight.name);
    }
    let (raw, total) = weights.iter().fold((0, 0), |sum, weight| (sum.0 + weight.raw, sum.1 + weight.brotli));
    println!("{raw:>10} {total:>10}  the page; {LIMIT} bytes brotli allowed");
    Ok(total)
}

/// An error above the limit.
pub fn gate(total: usize) -> Result<()> {
    if total > LIMIT {
        bail!(
            "the page is {total} bytes brotli, {} more than the {LIMIT} allowed. Look at the biggest file above; \
             `twiggy top` on the wasm of a plain `trunk build` with CARGO_PROFILE_WEB_STRIP=none names what grew.",
            total - LIMIT
        );
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
        let bytes = fs::read(&path)?;
        let name = path.strip_prefix(site).unwrap_or(&path).display().to_string();
        weights.push(Weight { name, raw: bytes.len(), brotli: brotli(&bytes)? });
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.brotli));
    Ok(weights)
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).context("brotli")?;
    Ok(packed.len())
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
        assert!(gate(LIMIT).is_ok());
        let message = gate(LIMIT + 1).unwrap_err().to_string();
        assert!(message.contains(&format!("{} bytes brotli, 1 more", LIMIT + 1)), "{message}");
    }

    #[test]
    fn a_site_is_weighed_with_its_folders_and_without_its_session() {
        let site = crate::repo::scratch("size-test").unwrap();
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
