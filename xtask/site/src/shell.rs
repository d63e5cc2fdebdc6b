//! The shell as the page loads it: `www/` bundled and minified by esbuild, and a head that names every file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xtask::{node, process, repo};

/// Files whose URLs outlive a build.
const ENTRIES: [&str; 6] = [
    // The page's script, and what it imports later.
    "main.js",
    "panels.js",
    // What embedders import.
    "replayscope.js",
    // Decodes chunks beside the page.
    "worker.js",
    // The styles of the two scripts above.
    "style.css",
    "panels.css",
];
/// What the scripts share, the handle and the wasm's glue, in files of their own, so that each is loaded once.
const SHARED: &str = "shared-[hash]";
const START: &str = "<script type=\"module\" src=\"www/main.js\"></script>";

/// Copies the shell's sources beside the glue, which they import.
pub fn gather(beside: &Path) -> Result<()> {
    let (from, to) = (repo::root().join("www"), beside.join("www"));
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(&from).context("cannot list www/")? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Makes the page and `www/` in `into`, of an index.html and of what [`gather`] left in `bound`.
pub fn bundle(index: &str, bound: &Path, into: &Path) -> Result<()> {
    let sources = bound.join("www");
    let www = into.join("www");
    let mut esbuild = node::program("esbuild");
    // The sources are copies, wherever the target folder is: that is where their libraries are.
    esbuild.env("NODE_PATH", repo::root().join("node_modules"));
    esbuild.args(ENTRIES.map(|name| sources.join(name))).arg(format!("--outdir={}", www.display()));
    esbuild.args(["--bundle", "--minify", "--splitting", "--format=esm", "--target=es2022"]);
    esbuild.args([&format!("--chunk-names={SHARED}"), "--log-level=warning"]);
    process::run(&mut esbuild)?;
    fs::copy(sources.join("icon.svg"), www.join("icon.svg")).context("cannot copy www/icon.svg")?;
    fs::write(into.join("index.html"), page(index, &shared(&www)?)?)?;
    Ok(())
}

/// The scripts that others import.
fn shared(www: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(www)? {
        let path = PathBuf::from(entry?.file_name());
        let name = path.display().to_string();
        if path.extension().is_some_and(|kind| kind == "js") && !ENTRIES.contains(&name.as_str()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The page without what only its readers want, and with one round trip for everything that it loads.
fn page(text: &str, shared: &[String]) -> Result<String> {
    let mut parts = text.split("<!--");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        told += part.split_once("-->").context("index.html has a comment without an end")?.1;
    }
    // trunk leaves the line that told it to build the crate.
    let lines = told.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("data-trunk"));
    let page = lines.collect::<Vec<_>>().join("\n");
    if let Some(link) =
        ["src=\"/", "href=\"/", "from \"/", "from '/"].iter().find(|link| page.contains(**link))
    {
        bail!("index.html has {link:?}…: an absolute path, which breaks under a sub-path of a host");
    }
    let Some((head, rest)) = page.split_once(START) else { bail!("index.html does not have {START}") };
    let preload = |name| format!("<link rel=\"modulepreload\" href=\"www/{name}\">\n");
    Ok([head, &shared.iter().map(preload).collect::<Vec<_>>().concat(), START, rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loses_comments_and_indentation_and_preloads_what_its_scripts_share() {
        let text = format!(
            "<head>\n  <!-- one\n  two -->\n  <link data-trunk rel=\"rust\">\n  {START}\n</head>\n<p>a\n  b</p>"
        );
        let expected =
            format!("<head>\n<link rel=\"modulepreload\" href=\"www/a.js\">\n{START}\n</head>\n<p>a\nb</p>");
        assert_eq!(page(&text, &["a.js".into()]).unwrap(), expected);
    }

    #[test]
    fn a_page_that_cannot_be_hosted_or_started_is_refused() {
        assert!(page(&format!("{START}<!-- never closed"), &[]).is_err());
        assert!(page("<p>no script</p>", &[]).is_err());
        let message = page(&format!("{START}<img src=\"/logo\">"), &[]).unwrap_err().to_string();
        assert!(message.contains("absolute"), "{message}");
    }
}
