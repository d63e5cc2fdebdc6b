//! Counts float64 and scaled values that float32 cannot hold.

use std::collections::HashSet;

use replayscope_zarr::array::{Decoded, Lost};

/// Counts of a field's values that float32 could not hold, in the chunks read so far; each chunk counts once.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    chunks: HashSet<u64>,
    values: u64,
    lost: Lost,
}

impl Narrowed {
    /// Adds a decoded chunk by its index. Returns whether the note changes.
    pub fn add(&mut self, chunk: u64, decoded: &Decoded) -> bool {
        if !self.chunks.insert(chunk) {
            return false;
        }
        self.values += (decoded.values.rows() * decoded.values.bins()) as u64;
        self.lost += decoded.lost;
        !self.lost.is_none()
    }

    /// Whether the chunk of this index was added.
    pub fn has(&self, chunk: u64) -> bool {
        self.chunks.contains(&chunk)
    }

    /// A sentence for the user; `None` where no value was lost.
    pub fn note(&self, field: &str) -> Option<String> {
        let Lost { zeros, infinities } = self.lost;
        let parts = [
            (zeros, "nearer to 0 than float32 can hold (1.4e-45) and shown as 0"),
            (infinities, "beyond float32 (3.4e38) and shown as infinite"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} are {what}"))
            .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "Of {} values of `{field}` that were read, {}. To see them: `replayscope pack INPUT -o OUT.zarr --scale log10`, \
                 or a factor in place of log10, such as 1e50.",
                self.values,
                parts.join(", ")
            )
        })
    }
}
