//! The viewer's logic without browser and GPU: which chunks to fetch, what to keep, what to draw and when.
//!
//! In reading order: [`Viewer`] is the coordinator. Its caller gives it wall time ([`Viewer::tick`]), requests ([`Viewer::seek`],
//! [`Viewer::play`]) and arrived chunks ([`Viewer::arrived`]), draws the [`Drawing`] of [`Viewer::next_drawing`], and delivers the
//! [`Event`]s of [`Viewer::take_events`]. A [`FrameRequest`] is the frames that one picture shows.
//!
//! - [`view`]: the state of the view ([`ViewState`](view::ViewState)), and its link.
//! - [`clock`] turns wall time into session time, [`playhead`] that into the frames that a picture covers.
//! - [`chunk`]: the [`Loader`](chunk::Loader) fetches and decodes chunks in the order of their [`Priority`](chunk::Priority), and
//!   keeps them in a [`Cache`](chunk::Cache).
//!
//! # Example
//!
//! A view as a link carries it:
//!
//! ```
//! use replayscope_json::Json;
//! use replayscope_session::environment::Bounds;
//! use replayscope_viewer::view::{Layer, Space, ViewState, from_fragment};
//!
//! // The state that a session of four bins opens with.
//! let space = Space { bins: 4, bounds: Bounds { x: [0.0, 100.0], y: [0.0, 50.0] }, linearised: None };
//! let initial = ViewState::new(0.0, space, vec![Layer::field("posterior")]);
//!
//! let mut state = initial.clone();
//! let notices = state.patch(&Json::object([("time", 12.5.into()), ("speed", 100.0.into())]));
//! assert_eq!((state.time, state.speed), (12.5, 64.0));
//! assert_eq!(notices.len(), 1); // the fastest is 64×
//!
//! let link = state.to_fragment(&initial);
//! assert!(link.starts_with("t=12.5&v=1&s=64"));
//! let mut opened = initial.clone();
//! opened.patch(&from_fragment(&link).0);
//! assert_eq!(opened, state);
//! ```

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
