/// The identity of a block: some consecutive rows of one chunk of one array, uploaded together.
///
/// The renderer only compares these numbers, except that all blocks of one `array` share one table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId {
    /// Number of the array that the chunk belongs to.
    pub array: u32,
    /// Number of the chunk in its array, along time.
    pub chunk: u64,
    /// Number of the block in its chunk, along time.
    pub block: u32,
}
