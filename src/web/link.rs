//! How a link names the open session.

use std::cell::RefCell;
use std::rc::Rc;

use super::app::App;
use crate::extras;
use replayscope_viewer::Error;
use replayscope_viewer::Event;
use replayscope_viewer::view::has_no_credentials;

/// What a link says of the open session, beside the state of its view.
#[derive(Default)]
pub struct LinkTarget {
    /// The sampling rate that it was opened with, in Hz.
    pub rate: Option<f64>,
    /// Its address without credentials; `None` of files of this computer, and while it is not known yet.
    pub session: RefCell<Option<String>>,
}

impl LinkTarget {
    /// Of a session at `url`, or of files of this computer.
    pub fn new(url: Option<&str>, rate: Option<f64>) -> Self {
        let safe = url.filter(|url| has_no_credentials(url));
        Self { rate, session: RefCell::new(safe.map(str::to_owned)) }
    }
}

impl App {
    /// Finds out what of `url` a link may carry, where [`LinkTarget::new`] could not tell, and says what it leaves out.
    pub(super) async fn remove_credentials(self: &Rc<Self>, url: &str) -> Result<(), Error> {
        let target = self.link_target.borrow().clone();
        if target.session.borrow().is_some() {
            return Ok(());
        }
        let (safe, notices) = extras::shareable(url.to_owned()).await?;
        self.with(|viewer| notices.into_iter().for_each(|text| viewer.emit(Event::Notice { text })));
        target.session.replace(Some(safe));
        Ok(())
    }
}
