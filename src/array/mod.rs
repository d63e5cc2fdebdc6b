//! Zarr v3 arrays: frame → chunk → byte ranges → values.

/// Why an array cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArrayError {}
