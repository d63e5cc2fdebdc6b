//! The viewer's logic without browser and GPU: which chunks to fetch, what to keep, what to draw and when.

mod camera;
mod canvas;
pub mod chunk;
pub mod clock;
mod colors;
mod drawing;
mod error;
mod event;
mod frame_request;
mod marks;
mod patching;
mod playback;
pub mod playhead;
mod policy;
mod probe;
mod readiness;
mod render_types;
mod sampling;
mod seek;
pub mod view;
mod viewer;

pub use canvas::CanvasSize;
pub use colors::Histogram;
pub use drawing::{Block, Drawing};
pub use error::Error;
pub use event::{Address, Event, Failure, FieldInfo, OverlayInfo, SessionInfo};
pub use frame_request::{FrameRequest, Rows};
pub use probe::{BinInfo, Probe};
pub use render_types::{ThresholdCache, fold, mesh_ref};
pub use viewer::{Counts, SeekAnswer, Shown, Target, Viewer};
