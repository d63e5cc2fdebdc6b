//! Opens only regular files: reading a pipe or a device may never end.

use std::fs::{File, FileType, Metadata};
use std::io::{Error, Read, Result};
use std::path::Path;

use super::WHOLE_LIMIT;

/// Opens a regular file; the error names any other kind.
pub fn open(path: &Path) -> Result<File> {
    // Checked before opening, which alone would wait for the writer of a pipe.
    metadata(path)?;
    let file = File::open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads the text of a regular file, up to its length at opening.
pub fn read_to_string(path: &Path) -> Result<String> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    let mut text = String::new();
    file.take(size.min(WHOLE_LIMIT)).read_to_string(&mut text)?;
    Ok(text)
}

/// The metadata of a regular file.
pub fn metadata(path: &Path) -> Result<Metadata> {
    let about = path.metadata()?;
    check(&about)?;
    Ok(about)
}

fn check(about: &Metadata) -> Result<()> {
    if about.is_file() {
        return Ok(());
    }
    Err(Error::other(format!("it is {}, and only regular files are read", kind(about.file_type()))))
}

#[cfg(unix)]
fn kind(found: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match found {
        _ if found.is_dir() => "a folder",
        _ if found.is_fifo() => "a pipe",
        _ if found.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn kind(found: FileType) -> &'static str {
    if found.is_dir() { "a folder" } else { "a device" }
}
