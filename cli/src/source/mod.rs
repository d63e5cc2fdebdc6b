//! Sources of `info`, `range` and `pack`: a folder or a web server, as the viewer's own [`ByteSource`].
//!
//! Both block: their futures are ready when they return.

mod folder;
mod hidden;
mod http;
pub(crate) mod links;
mod reach;
pub mod regular;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_files::FileKind;
use replayscope_session::Error;
use replayscope_session::{self as session, Opening, Session};
use replayscope_zarr::array::{Format2, format2_node};
use replayscope_zarr::source::{ByteSource, SourceError};

pub use folder::FolderSource;
pub use hidden::{is_hidden, leads_below};
pub use http::HttpSource;
pub use reach::{Lead, Reach};

/// Most bytes that are read at once.
const WHOLE_LIMIT: u64 = 1 << 30;

/// Opens a URL, or a folder of this machine; of this machine only the folder and the paths of `also` are read.
pub fn open(address: &str, also: &[PathBuf]) -> Result<Rc<dyn ByteSource>, SourceError> {
    let source: Rc<dyn ByteSource> = if address.starts_with("http://") || address.starts_with("https://") {
        Rc::new(HttpSource::new(address))
    } else if address.contains("://") {
        return Err(SourceError::BadReference { reference: address.to_owned() });
    } else {
        for path in also {
            path.metadata().map_err(|_| SourceError::NotFound { location: path.display().to_string() })?;
        }
        Rc::new(FolderSource::new(address, also))
    };
    Ok(Format2::over(source, format2_node))
}

/// Opens the folder of a file as [`open`] does, and returns the file's name in it. For a link, it is the folder of the target, to
/// which the file's references are relative.
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

/// Opens a session as the viewer does: a folder, or a file whose name shows its kind. `rate` in Hz is used where the session has no
/// time axis.
pub fn open_session(address: &str, also: &[PathBuf], rate: Option<f64>) -> Result<Session, Error> {
    let opening = Opening { rate, ..Opening::default() };
    let Some(kind) = FileKind::of(address) else {
        return block_on(session::open(open(address, also)?, opening));
    };
    let (folder, name) = open_beside(address, also)?;
    block_on(session::open_kind(folder, &name, kind, opening))
}
