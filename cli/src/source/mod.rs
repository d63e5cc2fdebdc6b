//! Where `info`, `range` and `pack` read from: a folder or a web server, through the viewer's own [`ByteSource`].
//!
//! Both block, and answer before they return: there is nothing else to do meanwhile.

mod folder;
mod http;

use std::rc::Rc;

use futures_executor::block_on;
use replayscope::error::Error;
use replayscope::file::FileKind;
use replayscope::session::{self, Opening, Session};
use replayscope::source::{ByteSource, SourceError};

pub use folder::FolderSource;
pub use http::HttpSource;

/// Opens a URL, or a folder of this machine.
pub fn open(address: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
    if address.starts_with("http://") || address.starts_with("https://") {
        Ok(Rc::new(HttpSource::new(address)))
    } else if address.contains("://") {
        Err(SourceError::BadReference { reference: address.to_owned() })
    } else {
        Ok(Rc::new(FolderSource::new(address)))
    }
}

/// Opens a session as the viewer does: a folder, or a file that its name says the kind of. `rate` in Hz is used where nothing says
/// when its frames are.
pub fn open_session(address: &str, rate: Option<f64>) -> Result<Session, Error> {
    let opening = Opening { rate, ..Opening::default() };
    let Some(kind) = FileKind::of(address) else { return block_on(session::open(open(address)?, opening)) };
    let (folder, name) = match address.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(place) => place,
        None => (".", address),
    };
    block_on(session::open_kind(open(folder)?, name, kind, opening))
}
