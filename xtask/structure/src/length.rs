//! No file of code is longer than a person reads at a sitting.

use std::path::Path;

use crate::modules::Read;

/// The most lines of a file.
const LIMIT: usize = 500;

/// What is counted.
const CODE: [&str; 3] = ["rs", "js", "css"];

/// Files of code that are too long.
pub fn problems(files: &[String], read: Read) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_code(file) && !is_test(file)) {
        let lines = read(Path::new(file)).map_or(0, |text| text.lines().count());
        if lines > LIMIT {
            problems.push(format!(
                "{file} has {lines} lines, and {LIMIT} are allowed.\n  Cut it along what it does, into files that are named for \
                 what they hold. Tests may be longer: in a file tests.rs, or below a folder tests/."
            ));
        }
    }
    problems
}

fn is_code(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| CODE.iter().any(|code| extension == *code))
}

/// Tests: a case after the other, each short.
fn is_test(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    parts.contains(&"tests")
        || parts.last().is_some_and(|name| *name == "tests.rs" || name.ends_with(".test.js"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_limited_and_tests_are_not() {
        let files =
            ["a/long.rs", "a/tests/long.rs", "a/tests.rs", "a/long.txt", "a/short.css"].map(str::to_owned);
        let read =
            |file: &Path| Some("line\n".repeat(if file.ends_with("short.css") { LIMIT } else { LIMIT + 1 }));
        let problems = problems(&files, &read);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("a/long.rs has 501 lines, and 500 are allowed"), "{}", problems[0]);
    }
}
