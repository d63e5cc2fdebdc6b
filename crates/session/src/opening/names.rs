//! Names and dimensions of arrays, and lists of names in messages.

use replayscope_zarr::array::{ArrayMetadata, DataType};

/// Most names in a message.
const FEW: usize = 6;

/// Whether an array holds floats over time and at least one more dimension.
pub(crate) fn is_over_time(metadata: &ArrayMetadata) -> bool {
    metadata.dtype().is_ok_and(DataType::is_float)
        && metadata.shape.len() >= 2
        && matches!(metadata.dimension(0), "time" | "")
}

/// The first [`FEW`] names, and the number of the others.
pub(crate) fn listed(names: &mut dyn ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(FEW);
    let list = names.take(FEW).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// A file's name without folder and extensions.
pub(crate) fn stem(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, file)| file);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
