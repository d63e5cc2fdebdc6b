//! The `replayscope` command line: makes sessions, serves them, and says what is in one.
//!
//! In reading order:
//!
//! 1. [`demo`] simulates a session; [`pack`] makes one of [`frames`] and an [`environment`].
//! 2. Both write the field through [`writer`] and the rest through [`session`], into an [`output`] folder that appears once it is
//!    complete.
//! 3. [`serve`] serves a folder of sessions and the viewer to a browser; [`view`] recognises some files and serves only these.
//! 4. [`info`] reads a session through a [`source`] by the viewer's own code and describes it; [`range`] estimates the colour limits
//!    as the viewer does.

pub mod demo;
pub mod environment;
pub mod error;
pub mod frames;
pub mod info;
pub mod npy;
pub mod output;
pub mod pack;
pub mod range;
pub mod serve;
pub mod session;
pub mod short;
pub mod source;
pub mod view;
pub mod writer;
