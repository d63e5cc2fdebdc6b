//! Counting tests from what their runners print.

use std::ops::AddAssign;

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped, ignored or left to do. There should be none: a test that does not run proves nothing.
    pub skipped: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// From the `test result: …` lines of libtest and of wasm-bindgen's runner, one a test binary.
pub fn libtest(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines() {
        let Some((_, counts)) = line.split_once("test result: ") else { continue };
        // `ok. 3 passed; 0 failed; 1 ignored; 0 measured; …`
        for part in counts.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match what {
                "passed" => tally.passed += number,
                "failed" => tally.failed += number,
                "ignored" => tally.skipped += number,
                _ => {}
            }
        }
    }
    tally
}

/// From the closing lines of node's spec reporter: `ℹ pass 3`, `ℹ fail 0`, …
pub fn node(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if !matches!(words.next(), Some("ℹ" | "#")) {
            continue;
        }
        let (Some(what), Some(number), None) = (words.next(), words.next(), words.next()) else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        match what {
            "pass" => tally.passed += number,
            "fail" | "cancelled" => tally.failed += number,
            "skipped" | "todo" => tally.skipped += number,
            _ => {}
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_counts_are_summed_over_binaries() {
        let text = "running 3 tests\ntest a ... ok\n\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            noise\n\
            test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.20s\n";
        assert_eq!(libtest(text), Tally { passed: 13, failed: 2, skipped: 1 });
    }

    #[test]
    fn node_counts_are_its_summary_not_what_a_test_prints() {
        let text = "✔ seeks (3ms)\n# pass the salt 3\nℹ tests 7\nℹ suites 0\nℹ pass 4\nℹ fail 1\n\
            ℹ cancelled 1\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 51\n";
        assert_eq!(node(text), Tally { passed: 4, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_runner_that_said_nothing_counts_nothing() {
        assert_eq!(libtest("error: could not compile"), Tally::default());
        assert_eq!(node(""), Tally::default());
    }
}
