//! What the names and dimensions of arrays say, and names in messages.

use replayscope_zarr::array::{ArrayMetadata, DataType};

/// Names in a message.
const FEW: usize = 6;

/// Whether a group's array holds floats over time and something else.
pub(crate) fn is_over_time(metadata: &ArrayMetadata) -> bool {
    metadata.dtype().is_ok_and(DataType::is_float)
        && metadata.shape.len() >= 2
        && matches!(metadata.dimension(0), "time" | "")
}

/// A few names, and how many more there are.
pub(crate) fn listed(names: &mut dyn ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(FEW);
    let list = names.take(FEW).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// The file a source was made of holds one array, and is named for it.
pub(crate) fn stem(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, file)| file);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
