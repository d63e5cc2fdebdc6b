//! The polygons of an environment's bins.

use std::fmt::{self, Debug, Formatter};

use crate::environment::bounds::Bounds;

/// The polygon of each bin. Corners that neighbours share are bitwise equal, so that no background shows between them.
pub trait Cells {
    /// Corners of a bin, counter-clockwise, environment units; empty where the bin has no position.
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]>;

    /// The bin at a position, environment units; `None` where there is none. A position on a shared edge belongs to one bin.
    fn bin_at(&self, x: f64, y: f64) -> Option<usize>;

    /// The bounding box of all polygons.
    fn bounds(&self) -> Bounds;

    /// Triangles of a bin as indices into its polygon; `None` where the polygon is convex.
    fn triangles(&self, _polygon: &[[f64; 2]]) -> Option<Vec<u32>> {
        None
    }

    /// Whether every edge is horizontal or vertical, so that edges need no antialiasing.
    fn is_upright(&self) -> bool {
        false
    }

    /// Maps a position in space to these cells; differs only for a linearised track.
    fn place(&self, position: [f64; 2]) -> [f64; 2] {
        position
    }

    /// The grid, where the cells are a grid's.
    #[cfg(test)]
    fn as_grid(&self) -> Option<&crate::environment::Grid> {
        None
    }
}

/// Omits the corners, which may be thousands.
impl Debug for dyn Cells {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells").finish_non_exhaustive()
    }
}
