//! Options of opening a session.

use crate::opening::included::Included;
use crate::opening::openers::Openers;

/// Options of opening a session.
#[derive(Clone, Copy)]
pub struct Opening {
    /// Time in seconds of the frame that is shown first; `None` for the first frame.
    pub at: Option<f64>,
    /// Frame rate in Hz, used where the session has no time axis.
    pub rate: Option<f64>,
    /// Opens other file formats, environments that are no grid, and a decoder's results.
    pub openers: &'static dyn Openers,
}

impl Default for Opening {
    /// Shows the first frame, with all openers [included](Included).
    fn default() -> Self {
        Self { at: None, rate: None, openers: &Included }
    }
}
