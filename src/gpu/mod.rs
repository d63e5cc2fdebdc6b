//! Values to pixels, through WebGPU.

/// Why nothing can be drawn.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GpuError {}
