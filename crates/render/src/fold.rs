/// How several frames of a field become the one that is drawn, bin by bin. NaN counts as no value: the result is NaN only where
/// all values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// The greatest value.
    Max,
    /// The arithmetic mean, added up in float32 in the order of the frames.
    Mean,
    /// The least value.
    Min,
    /// The value of the last frame, NaN or not. The other frames are not read.
    Last,
}
