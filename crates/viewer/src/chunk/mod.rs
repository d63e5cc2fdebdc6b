//! What to fetch next, and what to keep.

mod cache;
mod loader;
mod queue;

pub use cache::Cache;
pub use loader::{Arrival, Decode, Loader, Platform};
pub use queue::{IN_FLIGHT, Plan, Priority, Queue, Want};
