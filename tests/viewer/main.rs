//! The viewer against a source whose reads complete only when the test says so.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod gaps;
mod narrowed;
mod playback;
mod policy;
mod pyramid;
mod range;
mod scene;
mod seeking;
mod stage;
