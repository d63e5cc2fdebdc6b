//! Limits that a session stores.

use replayscope_zarr::array::ArrayMetadata;

use super::Estimate;

impl Estimate {
    /// The estimate that the writer of a pooled level stored for all frames of its field, in the attribute `limits`: `{method, low, high,
    /// lowest, highest, frames}`. `None` where the attribute is missing or not valid.
    pub fn stored(level: &ArrayMetadata) -> Option<Self> {
        let limits = level.attributes.get("limits")?;
        let number = |key: &str| limits.get(key)?.as_f64();
        let method = limits.get("method")?.as_str()?;
        Some(Self {
            limits: [number("low")?, number("high")?],
            method: ["peaks", "subset"].into_iter().find(|known| *known == method)?,
            frames: number("frames")? as u64,
            extremes: [number("lowest")? as f32, number("highest")? as f32],
        })
    }
}
