//! The polygons of an environment's bins.

use std::fmt::{self, Debug, Formatter};

use crate::environment::bounds::Bounds;

/// One polygon a bin. Corners that neighbours share are bitwise equal, so that nothing shows between them.
pub trait Cells {
    /// Corners of a bin, counter-clockwise; empty where it has no place.
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]>;

    /// The bin at a place, or `None` where there is none. A place on a shared edge belongs to one bin.
    fn bin_at(&self, x: f64, y: f64) -> Option<usize>;

    /// The box around all polygons.
    fn bounds(&self) -> Bounds;

    /// Triangles of a bin as indices into its polygon; `None` where that is convex.
    fn triangles(&self, _polygon: &[[f64; 2]]) -> Option<Vec<u32>> {
        None
    }

    /// Whether every edge is horizontal or vertical, so that pixels need no smoothing.
    fn is_upright(&self) -> bool {
        false
    }

    /// Where these cells have a place of space; itself, but for a track's that are side by side.
    fn place(&self, position: [f64; 2]) -> [f64; 2] {
        position
    }

    /// The grid, where these are its cells.
    #[cfg(test)]
    fn as_grid(&self) -> Option<&crate::environment::Grid> {
        None
    }
}

/// Without the corners: thousands of them say nothing in a message.
impl Debug for dyn Cells {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells").finish_non_exhaustive()
    }
}
