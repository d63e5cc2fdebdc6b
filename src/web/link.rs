//! The session's part of a link.

use std::cell::RefCell;
use std::rc::Rc;

use super::app::App;
use crate::error::Error;
use crate::later;
use crate::view::has_no_credentials;
use crate::viewer::Event;

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

impl App {
    /// Removes credentials from `url` for links, where [`LinkTarget::new`] could not exclude any; a `notice` event says what is left out.
    pub(super) async fn remove_credentials(self: &Rc<Self>, url: &str) -> Result<(), Error> {
        let target = self.link_target.borrow().clone();
        if target.session.borrow().is_some() {
            return Ok(());
        }
        let (safe, notices) = later::others().await?.shareable(url);
        self.with(|viewer| notices.into_iter().for_each(|text| viewer.tell(Event::Notice { text })));
        target.session.replace(Some(safe));
        Ok(())
    }
}
