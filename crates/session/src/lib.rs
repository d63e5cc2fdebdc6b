//! A decoded neural session, `posterior(time, bin)`: its document, time axis, environment, colour range and colormaps.
//!
//! In reading order: [`SessionDocument`] is what a session says of itself; [`open`], [`open_in`] and [`open_dropped`] make a
//! [`Session`] of a folder, a file or several files, as an [`Opening`] says. They fetch all parts that the document refers to together,
//! and none of the posterior. A session has a [`TimeAxis`], [`Field`]s with pooled [`Level`]s, [`Overlay`]s and an
//! [`Environment`](environment::Environment) with one polygon for each bin; [`Session::chunk_id`] gives the chunk that holds a frame.
//!
//! What a picture needs beyond that: [`pyramid`] and [`projection`] make one row of several frames, [`range`] estimates colour
//! limits from sample frames, [`colormap`] turns values into colours, [`config`] chooses chunk and cache sizes.
//!
//! Other files, environments that are no grid, and a decoder's results are opened by [`Openers`]: [`Included`] has the code at hand,
//! the page fetches it first.
//!
//! # Example
//!
//! Opens a `.npy` of two frames with three bins, and reads the last frame:
//!
//! ```
//! use std::rc::Rc;
//!
//! use futures_executor::block_on;
//! use replayscope_session::{Opening, Role, open_in};
//! use replayscope_zarr::source::{ByteSource, MemorySource};
//!
//! let mut file = b"\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}".to_vec();
//! file.resize(128, b' '); // NumPy pads the header
//! file.extend([0.1_f32, 0.2, 0.7, 0.5, 0.25, 0.25].map(f32::to_le_bytes).as_flattened());
//! let folder: Rc<dyn ByteSource> = Rc::new(MemorySource::new([("posterior.npy".to_owned(), file)]));
//!
//! // Nothing in the file says when its frames are.
//! let opening = Opening { rate: Some(500.0), ..Opening::default() };
//! let session = block_on(open_in(folder, "posterior.npy", opening))?;
//! assert_eq!((session.time.frames(), session.environment.bins()), (2, 3));
//!
//! let frame = session.time.frame_at(0.002);
//! let array = session.array(session.array_number(Role::Field(0)));
//! let id = session.chunk_id(Role::Field(0), frame);
//! let decoded = array.decode(&block_on(array.fetch(id.index))?)?;
//! let row = (frame - decoded.frames.start) as usize;
//! assert_eq!(decoded.values.row(row), [0.5, 0.25, 0.25]);
//! # Ok::<(), replayscope_session::Error>(())
//! ```

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
