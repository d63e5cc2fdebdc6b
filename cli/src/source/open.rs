//! From an address to a source, and to a session.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_files::FileKind;
use replayscope_session::Error;
use replayscope_session::{self as session, Opening, Session};
use replayscope_zarr::array::{Format2, format2_node};
use replayscope_zarr::source::{ByteSource, SourceError};

use super::folder::FolderSource;
use super::http;

/// Opens a URL, or a folder of this machine; of this machine nothing is read but what is in it, and what `also` names.
pub fn open(address: &str, also: &[PathBuf]) -> Result<Rc<dyn ByteSource>, SourceError> {
    if address.contains("://") {
        return http::open(address);
    }
    for path in also {
        path.metadata().map_err(|_| SourceError::NotFound { location: path.display().to_string() })?;
    }
    Ok(Format2::over(Rc::new(FolderSource::new(address, also)), format2_node))
}

/// Opens the folder of a file as [`open()`] does, and says what the file is called there. Of a link it is the folder of the file
/// that it leads to: what that refers to lies beside it.
pub fn open_beside(address: &str, also: &[PathBuf]) -> Result<(Rc<dyn ByteSource>, String), SourceError> {
    let real =
        Some(Path::new(address)).filter(|path| path.is_symlink()).and_then(|path| path.canonicalize().ok());
    let real = real.map(|path| path.to_string_lossy().into_owned());
    let (folder, name) = match real.as_deref().unwrap_or(address).rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(place) => place,
        None => (".", address),
    };
    Ok((open(folder, also)?, name.to_owned()))
}

/// Opens a session as the viewer does: a folder, or a file that its name says the kind of. `rate` in Hz is used where nothing says
/// when its frames are.
pub fn open_session(address: &str, also: &[PathBuf], rate: Option<f64>) -> Result<Session, Error> {
    let opening = Opening { rate, ..Opening::default() };
    let Some(kind) = FileKind::of(address) else {
        return block_on(session::open(open(address, also)?, opening));
    };
    let (folder, name) = open_beside(address, also)?;
    block_on(session::open_kind(folder, &name, kind, opening))
}
