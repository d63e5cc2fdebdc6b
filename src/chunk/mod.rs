//! What to fetch next, and what to keep.

mod cache;
mod loader;
mod queue;

pub use cache::Cache;
pub use loader::{Arrival, Decode, Loader, Platform};
pub use queue::{IN_FLIGHT, Plan, Priority, Queue, Want};

/// One chunk in time of one array of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId {
    /// Which array: fields first, then overlays, in the session's order.
    pub array: u32,
    /// Which chunk along time.
    pub index: u64,
}
