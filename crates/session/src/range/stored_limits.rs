//! Limits that a session tells.

use super::Estimate;
use replayscope_zarr::array::ArrayMetadata;

impl Estimate {
    /// What whoever wrote a pooled level found in all frames of its field, its attribute `limits`: `{method, low, high, lowest,
    /// highest, frames}`. `None` where it does not say.
    pub fn stored(level: &ArrayMetadata) -> Option<Self> {
        let told = level.attributes.get("limits")?;
        let number = |key: &str| told.get(key)?.as_f64();
        let method = told.get("method")?.as_str()?;
        Some(Self {
            limits: [number("low")?, number("high")?],
            method: ["peaks", "subset"].into_iter().find(|known| *known == method)?,
            frames: number("frames")? as u64,
            extremes: [number("lowest")? as f32, number("highest")? as f32],
        })
    }
}
