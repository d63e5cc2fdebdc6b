//! Files and folders that the documentation names: each has to be there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::modules::Read;

/// Words with one of these endings and a `/` are paths of the repository, even where their first folder is gone.
const SOURCES: [&str; 6] = [".rs", ".js", ".css", ".wgsl", ".md", ".toml"];

/// What is made here and not kept.
const MADE: [&str; 3] = ["dist", "node_modules", "target"];

/// Paths in README.md, CONTRIBUTING.md, SECURITY.md, docs/ and .github/ of which no file is there.
pub fn problems(files: &[String], read: Read) -> Vec<String> {
    let tree = Tree::of(files);
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_documentation(file)) {
        let text = read(Path::new(file)).unwrap_or_default();
        for (line, path) in named(&text, file, &tree) {
            if !tree.has(&path) {
                problems.push(format!(
                    "{file}:{line} names `{path}`, which is not in the repository.\n  Name the file that took its place, from \
                     the root of the repository; or take the sentence out."
                ));
            }
        }
    }
    problems
}

/// Whether a file says where things are. The change log says where they were.
fn is_documentation(file: &str) -> bool {
    let at_top = !file.contains('/') && file != "CHANGELOG.md";
    let markdown = Path::new(file).extension().is_some_and(|extension| extension == "md");
    markdown && (at_top || file.starts_with("docs/") || file.starts_with(".github/"))
}

/// The repository's files and folders.
struct Tree<'a> {
    paths: BTreeSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn of(files: &'a [String]) -> Tree<'a> {
        let above = |file: &'a String| file.match_indices('/').map(move |(at, _)| &file[..at]);
        Tree { paths: files.iter().flat_map(|file| above(file).chain([file.as_str()])).collect() }
    }

    /// Whether there is such a file or folder; `*` is any text without `/`.
    fn has(&self, path: &str) -> bool {
        if let Some((before, rest)) = path.split_once('{')
            && let Some((choices, after)) = rest.split_once('}')
        {
            return choices.split(',').all(|choice| self.has(&format!("{before}{choice}{after}")));
        }
        let path = path.trim_end_matches('/');
        if path.contains('*') {
            self.paths.iter().any(|one| fits(path, one))
        } else {
            self.paths.contains(path)
        }
    }

    /// Whether a word in backticks is a path of the repository.
    fn means(&self, word: &str) -> bool {
        let Some((first, _)) = word.split_once('/') else { return false };
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-*{,}".contains(letter);
        if !word.chars().all(plain) || ["", ".", ".."].contains(&first) || MADE.contains(&first) {
            return false;
        }
        self.paths.contains(first) || SOURCES.iter().any(|ending| word.ends_with(ending))
    }
}

/// Whether a path fits a pattern, folder by folder.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if part_fits(pattern, part) => {}
            _ => return false,
        }
    }
}

fn part_fits(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == part,
        Some((start, rest)) => part.strip_prefix(start).is_some_and(|part| {
            (0..=part.len()).filter(|at| part.is_char_boundary(*at)).any(|at| part_fits(rest, &part[at..]))
        }),
    }
}

/// The paths that a document names, each with its line: words in backticks, and links relative to the document.
fn named(text: &str, file: &str, tree: &Tree) -> Vec<(usize, String)> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut named = Vec::new();
    let mut fenced = false;
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let words = text.split('`').skip(1).step_by(2);
            named.extend(words.filter(|word| tree.means(word)).map(|word| (line, word.to_owned())));
            let links =
                text.split("](").skip(1).filter_map(|link| link.split_once(')')).map(|(link, _)| link);
            let local = links.filter(|link| !link.contains(':') && !link.starts_with('#'));
            named.extend(local.map(|link| (line, joined(folder, link.split('#').next().unwrap_or(link)))));
        }
    }
    named
}

/// A path from a folder, with its `..` resolved.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(text: &str) -> Vec<String> {
        let files =
            ["README.md", "docs/guide.md", "src/lib.rs", "src/a/one.rs", "src/a/two.rs"].map(str::to_owned);
        let tree = Tree::of(&files);
        let named = named(text, "docs/guide.md", &tree);
        named.into_iter().map(|(_, path)| path).filter(|path| !tree.has(path)).collect()
    }

    #[test]
    fn files_folders_and_patterns_that_are_there_are_fine() {
        let text = "`src/lib.rs`, `src/a/`, `src/a`, `src/a/*.rs`, `src/a/{one,two}.rs`, [guide](guide.md#part), [x](../README.md)";
        assert_eq!(missing(text), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_there_is_named() {
        let text = "`src/gone.rs` and `old/b.rs`, `src/b*`, `src/a/{one,three}.rs`, [gone](gone.md)";
        assert_eq!(
            missing(text),
            ["src/gone.rs", "old/b.rs", "src/b*", "src/a/{one,three}.rs", "docs/gone.md"]
        );
    }

    #[test]
    fn other_words_with_a_slash_are_no_paths() {
        let text = "`time/zarr.json`, `../shared/a.rs`, `dist/x.js`, `a / b`, `https://host/a.js`, [web](https://host/a)\n\
            ```sh\nless `src/gone.rs`\n```\n";
        assert_eq!(missing(text), Vec::<String>::new());
    }
}
