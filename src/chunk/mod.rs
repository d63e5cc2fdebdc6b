//! What to fetch next, and what to keep.

/// One chunk in time of one array of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId {
    /// Which array: fields first, then overlays, in the session's order.
    pub array: u32,
    /// Which chunk along time.
    pub index: u64,
}
