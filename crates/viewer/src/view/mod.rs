//! The view state, its patches and its links.

mod coloring;
mod initial;
mod link;
mod notices;
mod patch;
mod shareable;
mod state;
mod values;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests;

pub use coloring::{Coloring, FLOOR, GAMMAS, Limits, STEPS};
pub use initial::initial_state;
pub use link::{LINK_VERSION, from_fragment};
pub use shareable::{has_no_credentials, shareable};
pub use state::*;
