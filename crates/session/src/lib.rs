//! A decoded neural session, `posterior(time, bin)`: its document, time axis, environment, colour range and colormaps.

pub mod colormap;
pub mod config;
mod document;
pub mod environment;
mod error;
mod estimate_range;
mod narrowed;
mod opening;
pub mod projection;
pub mod pyramid;
pub mod range;
mod session;
mod time;

pub use document::*;
pub use error::{Error, ErrorKind, SessionError};
pub use estimate_range::estimate_range;
pub use narrowed::Narrowed;
pub use opening::*;
pub use session::{ChunkId, Field, Level, Overlay, Role, Session};
pub use time::{TimeAxis, seconds_per_unit};
