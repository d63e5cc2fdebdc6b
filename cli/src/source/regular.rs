//! Files that end: a pipe may be waited for, and a device read, for ever.

use std::fs::{File, FileType, Metadata};
use std::io::{Error, Read, Result};
use std::path::Path;

use super::WHOLE_LIMIT;

/// Opens a regular file; the error says what else it is.
pub fn open(path: &Path) -> Result<File> {
    // Before it is opened: that alone waits for whoever writes into a pipe.
    metadata(path)?;
    let file = File::open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// The text of a regular file, as long as it was when it was opened.
pub fn read_to_string(path: &Path) -> Result<String> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    let mut text = String::new();
    file.take(size.min(WHOLE_LIMIT)).read_to_string(&mut text)?;
    Ok(text)
}

/// What the system says of a regular file.
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
