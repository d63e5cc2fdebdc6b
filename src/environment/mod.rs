//! The environment: one polygon a bin, in its own units.

/// One polygon a bin, triangulated for the GPU.
///
/// Coordinates are relative to `origin` so that f32 keeps its precision far from zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mesh {
    /// What to add to a position to get environment coordinates, in the environment's units.
    pub origin: [f64; 2],
    /// Vertex positions, y up.
    pub positions: Vec<[f32; 2]>,
    /// The bin of each vertex; same length as `positions`.
    pub bins: Vec<u32>,
    /// Triangles, three indices each.
    pub indices: Vec<u32>,
}

/// Why an environment cannot be drawn.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EnvironmentError {}
