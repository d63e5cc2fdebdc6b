//! The chunk queue, which decides what to fetch next, and the cache of decoded chunks.

mod cache;
mod loader;
mod queue;

pub use cache::Cache;
pub use loader::{Arrival, Decode, Loader, Platform};
pub use queue::{ChunkRequest, IN_FLIGHT, Priority, Queue, QueueChanges};
