//! What native tests share: files as a source, and the real sessions that lie beside the repository.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use replayscope_zarr::array::{Format2, format2_node};
use replayscope_zarr::source::{ByteSource, SourceError, Span};

/// A folder on disk.
pub struct DiskSource {
    root: PathBuf,
}

impl DiskSource {
    /// Reads below `root`, format 2 too.
    #[allow(clippy::new_ret_no_self, reason = "sources are always held so")]
    pub fn new(root: impl Into<PathBuf>) -> Rc<dyn ByteSource> {
        Format2::over(Rc::new(Self { root: root.into() }), format2_node)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn error(&self, key: &str, error: &std::io::Error) -> SourceError {
        let location = self.location(key);
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
                SourceError::NotFound { location }
            }
            _ => SourceError::Unreachable { reason: error.to_string(), location },
        }
    }

    fn range(&self, key: &str, start: u64, end: u64) -> Result<Vec<u8>, SourceError> {
        let read = || {
            let mut bytes = Vec::new();
            let mut file = File::open(self.path(key))?;
            file.seek(SeekFrom::Start(start))?;
            file.take(end - start).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|error| self.error(key, &error))?;
        let (wanted, got) = (end - start, bytes.len() as u64);
        if wanted == got {
            return Ok(bytes);
        }
        Err(SourceError::Short { wanted, got, location: self.location(key) })
    }
}

impl ByteSource for DiskSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        let bytes = match span {
            Span::Whole => fs::read(self.path(key)).map_err(|error| self.error(key, &error)),
            Span::Range(range) => self.range(key, range.start, range.end),
        };
        ready(bytes).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        let size = fs::metadata(self.path(key)).map(|metadata| metadata.len());
        ready(size.map_err(|error| self.error(key, &error))).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        Ok(Rc::new(Self { root: self.path(reference) }))
    }

    fn location(&self, key: &str) -> String {
        self.path(key).display().to_string()
    }
}

/// `tests/fixtures/…`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

/// A path in the folder of real data that lies beside the repository, or at `REPLAYSCOPE_TEST_DATA`. Where it is
/// missing, `None` and a line that says so; a failure with `REPLAYSCOPE_REQUIRE_DATA=1`.
pub fn test_data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("REPLAYSCOPE_TEST_DATA").map_or_else(|| "../shared".into(), PathBuf::from);
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(path);
    if found.exists() {
        return Some(found);
    }
    let optional = std::env::var_os("REPLAYSCOPE_REQUIRE_DATA").is_none_or(|value| value != "1");
    assert!(optional, "{} is missing, and REPLAYSCOPE_REQUIRE_DATA=1", found.display());
    println!("not run, for want of {} (set REPLAYSCOPE_TEST_DATA)", found.display());
    None
}

/// Every file below a folder, by its `/`-separated path in it.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(
                files(&entry.path()).into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)),
            );
        } else {
            found.push((name, fs::read(entry.path()).unwrap()));
        }
    }
    found
}

/// A two-dimensional little-endian float32 `.npy`, as bits: frames × bins. Reads the form that numpy writes, version 1.
pub fn npy_bits(path: &Path) -> Vec<Vec<u32>> {
    let bytes = fs::read(path).unwrap();
    assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"), "{}", path.display());
    let header_len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + header_len]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"), "{header}");
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let shape: Vec<usize> = shape.split(',').map(|length| length.trim().parse().unwrap()).collect();
    let (words, rest) = bytes[10 + header_len..].as_chunks::<4>();
    assert_eq!((words.len(), rest.len()), (shape[0] * shape[1], 0));
    words.chunks(shape[1]).map(|row| row.iter().map(|word| u32::from_le_bytes(*word)).collect()).collect()
}
