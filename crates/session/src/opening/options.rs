//! How a session is opened.

use crate::opening::included::Included;
use crate::opening::openers::Openers;

/// How a session is opened.
#[derive(Clone, Copy)]
pub struct Opening {
    /// The time in seconds that is shown first.
    pub at: Option<f64>,
    /// Frames per second in Hz, where nothing in the session says when its frames are.
    pub rate: Option<f64>,
    /// What opens other files, environments that are no grid, and a decoder's results.
    pub openers: &'static dyn Openers,
}

impl Default for Opening {
    /// From the first frame, with all openers [included](Included).
    fn default() -> Self {
        Self { at: None, rate: None, openers: &Included }
    }
}
