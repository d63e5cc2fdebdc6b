//! The session's part of a link.

use std::cell::RefCell;

use replayscope_viewer::view::has_no_credentials;

/// What a link says of the open session, beside the state of the view.
#[derive(Default)]
pub struct LinkTarget {
    /// The sampling rate that it was opened with, in Hz.
    pub rate: Option<f64>,
    /// Its address without credentials; `None` for files of this computer, and until it is known.
    pub session: RefCell<Option<String>>,
}

impl LinkTarget {
    /// Names a session at `url`; without one, files of this computer.
    pub fn new(url: Option<&str>, rate: Option<f64>) -> Self {
        let safe = url.filter(|url| has_no_credentials(url));
        Self { rate, session: RefCell::new(safe.map(str::to_owned)) }
    }
}
