//! The `replayscope` command line: makes sessions, serves them, and says what is in one.
//!
//! In reading order:
//!
//! 1. [`demo`] simulates a session; [`pack`] makes one of [`frames`] and an [`environment`].
//! 2. Both write through [`writer`], put [`session`] around it, into an [`output`] folder that appears whole or not
//!    at all.
//! 3. [`serve`] gives a folder of sessions and the viewer to a browser; [`view`] finds out what some files are to each
//!    other and serves these alone.
//! 4. [`info`] reads a session through a [`source`] and the viewer's own reader, and says what it finds; [`range`] says the
//!    colour limits that the viewer would find.

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
