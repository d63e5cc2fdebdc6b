//! What is told of values that float32 cannot hold: float64, and packed ones that a scale makes so.

use std::collections::HashSet;

use replayscope_zarr::array::{Decoded, Lost};

/// The values of a field that were read so far, each chunk counted once.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    chunks: HashSet<u64>,
    values: u64,
    lost: Lost,
}

impl Narrowed {
    /// Counts a chunk in; whether its values change what there is to tell.
    pub fn add(&mut self, chunk: u64, decoded: &Decoded) -> bool {
        if !self.chunks.insert(chunk) {
            return false;
        }
        self.values += (decoded.values.rows() * decoded.values.bins()) as u64;
        self.lost += decoded.lost;
        !self.lost.is_none()
    }

    /// Whether a chunk was counted.
    pub fn has(&self, chunk: u64) -> bool {
        self.chunks.contains(&chunk)
    }

    /// A sentence for the reader; `None` where nothing was lost.
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
