//! Where `info` reads from: a folder or a web server, through the viewer's own [`ByteSource`].
//!
//! Both block, and answer before they return: there is nothing else to do meanwhile.

mod folder;
mod http;

use std::rc::Rc;

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
