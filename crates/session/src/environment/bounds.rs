//! The bounding box of an environment's polygons, and which coordinates are valid positions.

use serde::Serialize;

/// Largest valid coordinate; its square and its float32 stay finite.
const FARTHEST: f64 = 1e15;

/// The bounding box of all polygons, environment units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Lowest and highest x.
    pub x: [f64; 2],
    /// Lowest and highest y.
    pub y: [f64; 2],
}

impl Bounds {
    /// The bounding box of points; `None` without any.
    pub(super) fn of_points(points: impl Iterator<Item = [f64; 2]>) -> Option<Self> {
        points.fold(None, |bounds, [x, y]| {
            let Some(Self { x: [x0, x1], y: [y0, y1] }) = bounds else {
                return Some(Self { x: [x, x], y: [y, y] });
            };
            Some(Self { x: [x0.min(x), x1.max(x)], y: [y0.min(y), y1.max(y)] })
        })
    }
}

/// Whether a centre is finite and small enough to be drawn.
pub(super) fn is_place(center: [f64; 2]) -> bool {
    center.iter().all(|v| v.abs() <= FARTHEST)
}
