//! What the tests share: files read as the page would, by ranges, and where the real ones are.
#![allow(dead_code)] // Each test binary uses its part.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use replayscope_formats::{Kind, Reading, Step};
use serde_json::Value;

/// What reading a file came to, and what it took.
pub struct Outcome {
    /// The answer, or what is wrong.
    pub told: Result<Value, String>,
    /// Steps that needed something.
    pub needs: usize,
    /// Bytes that were asked for.
    pub bytes: u64,
}

/// Reads a file that is in memory.
pub fn read(kind: Kind, file: &[u8]) -> Outcome {
    let (mut reading, mut told) =
        (Reading::new(kind, file.len() as u64), Outcome { told: Err(String::new()), needs: 0, bytes: 0 });
    let mut asked: Vec<(u64, u64)> = Vec::new();
    loop {
        match reading.step() {
            Step::Needs(ranges) => {
                assert!(ranges.iter().len() > 0);
                told.needs += 1;
                for range in ranges {
                    assert!(range.start < range.end && range.end <= file.len() as u64, "{range:?}");
                    told.bytes += range.end - range.start;
                    asked.push((range.start, range.end));
                    reading.supply(range.start, file[range.start as usize..range.end as usize].to_vec());
                }
            }
            Step::Done(text) => {
                told.told = Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                return told;
            }
            Step::Failed(reason) => {
                told.told = Err(reason);
                return told;
            }
        }
    }
}

/// `tests/fixtures/…` of the repository.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(path)
}

/// A path in the folder of real data that lies beside the repository, or at `REPLAYSCOPE_TEST_DATA`. Where it is
/// missing, `None` and a line that says so; in CI it must be there.
pub fn test_data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("REPLAYSCOPE_TEST_DATA").map_or_else(|| "../shared".into(), PathBuf::from);
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var("CI").is_err(), "in CI the test data must be there: {}", found.display());
    println!("not run, for want of {} (set REPLAYSCOPE_TEST_DATA)", found.display());
    None
}
