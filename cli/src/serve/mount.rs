//! From the path of a URL to a file that may be served.

use std::path::{Path, PathBuf};

use hyper::body::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::error::CliError;
use crate::source::{is_hidden, leads_below, links, regular};

/// Characters of a query value that are percent-encoded.
const QUERY: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>').add(b'?');
/// How deep sessions are searched below the folder, and how many are listed.
const DEPTH: usize = 3;
const LISTED: usize = 100;

/// A folder under `/data/`.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The folder, with every link resolved.
    root: PathBuf,
    /// The folder's name, which is part of the URL where the folder itself is a session.
    name: Option<String>,
}

/// The result of resolving a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A file that may be served.
    File(PathBuf),
    /// Bytes in memory.
    Made(Bytes),
    /// Nothing that may be served.
    Nothing,
}

impl Mount {
    /// The folder has to exist.
    pub fn new(folder: &Path) -> Result<Self, CliError> {
        let root = folder.canonicalize().map_err(CliError::io("serve", folder))?;
        if !root.is_dir() {
            return Err(CliError::option("DIR", folder.display(), "it is a file", "the folder it lies in"));
        }
        let name =
            is_session(&root).then(|| root.file_name().map(|name| name.to_string_lossy().into_owned()));
        Ok(Self { root, name: name.flatten() })
    }

    /// Resolves the segments of a path below `/data/`. Links are followed, but not out of the folder.
    pub async fn resolve(&self, segments: &[String]) -> Resolved {
        let rest = match &self.name {
            None => segments,
            Some(name) => match segments.split_first() {
                Some((first, rest)) if first == name => rest,
                _ => return Resolved::Nothing,
            },
        };
        below(&self.root, rest.iter().map(String::as_str)).await
    }

    /// Paths, relative to the page, of the sessions in the folder; sorted.
    pub fn sessions(&self) -> Vec<String> {
        match &self.name {
            Some(name) if is_served(&self.root, &self.root) => vec![query(name)],
            Some(_) => Vec::new(),
            None => groups_in(&self.root).iter().map(|path| query(path)).collect(),
        }
    }

    /// Sentences about what is in the folder and is not served.
    pub fn notes(&self) -> Vec<String> {
        notes_in(&self.root)
    }
}

/// The query of the page for a session of that name below `/data/`.
pub fn query(name: &str) -> String {
    format!("data/{}", utf8_percent_encode(name, QUERY))
}

/// Paths of the Zarr groups below a folder (its links resolved), relative to it, with `/`, sorted. Groups in other groups and links
/// out of the folder are left out.
pub fn groups_in(folder: &Path) -> Vec<String> {
    let found = all_in(folder).into_iter().filter(|path| is_served(folder, path));
    let mut paths: Vec<String> = found
        .filter_map(|path| Some(path.strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/")))
        .collect();
    paths.sort();
    paths
}

/// Sentences about links that are not served, of the groups below a folder or of the folder where it is one.
pub fn notes_in(folder: &Path) -> Vec<String> {
    let groups = if is_session(folder) { vec![folder.to_path_buf()] } else { all_in(folder) };
    groups.iter().filter_map(|group| links::note(folder, group)).collect()
}

fn all_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    find_sessions(folder, DEPTH, &mut found);
    found.truncate(LISTED);
    found
}

/// Whether the document of a group is served.
fn is_served(root: &Path, group: &Path) -> bool {
    let leads = |name| group.join(name).canonicalize().is_ok_and(|real| leads_below(root, &real));
    leads("zarr.json") || leads(".zgroup")
}

/// The file at a path below `root`, with links resolved, if it is neither hidden nor outside of `root`.
pub(super) async fn below<'a>(root: &Path, segments: impl Iterator<Item = &'a str>) -> Resolved {
    let asked: PathBuf = segments.collect();
    if is_hidden(&asked) {
        return Resolved::Nothing;
    }
    file(root, &root.join(asked)).await
}

/// The file that a path leads to, if it is neither hidden nor outside of `root`, whose links are resolved.
pub(super) async fn file(root: &Path, path: &Path) -> Resolved {
    // The file system decides where a path leads: links, case, short names.
    match tokio::fs::canonicalize(path).await {
        Ok(real) if leads_below(root, &real) && real.is_file() => Resolved::File(real),
        _ => Resolved::Nothing,
    }
}

/// The segments of a percent-encoded path; `None` where one could mean something else to a file system.
pub fn decode(path: &str) -> Option<Vec<String>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            // A colon is a drive or a stream on Windows.
            let risky = |c: char| matches!(c, '/' | '\\' | '\0') || (cfg!(windows) && c == ':');
            let usable = decoded != "." && decoded != ".." && !decoded.contains(risky);
            usable.then(|| decoded.into_owned())
        })
        .collect()
}

/// A Zarr group with arrays in it, version 3 or 2.
pub fn is_session(folder: &Path) -> bool {
    let is_group = |text: String| text.contains("\"group\"");
    folder.join(".zgroup").is_file() || regular::read_to_string(&folder.join("zarr.json")).is_ok_and(is_group)
}

fn find_sessions(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.is_dir() && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        })
        .collect();
    folders.sort();
    for path in folders {
        if found.len() > LISTED {
            return;
        }
        if is_session(&path) {
            found.push(path);
        } else if depth > 1 {
            find_sessions(&path, depth - 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_names_and_nothing_else() {
        assert_eq!(decode("/data/a%20b.zarr//zarr.json").unwrap(), ["data", "a b.zarr", "zarr.json"]);
        assert_eq!(decode("/").unwrap(), [""; 0]);
        for path in [
            "/data/../x",
            "/data/%2e%2e/x",
            "/data/%2E./x",
            "/data/..%2fx",
            "/a%5c..%5cx",
            "/a%00",
            "/%ff",
            "/./x",
        ] {
            assert_eq!(decode(path), None, "{path}");
        }
        // Decoded once: what is still encoded is a name with a percent sign in it.
        assert_eq!(decode("/%252e%252e/x").unwrap(), ["%2e%2e", "x"]);
    }
}
