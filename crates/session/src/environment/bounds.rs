//! The box around an environment's polygons, and which coordinates are places.

use serde::Serialize;

/// Coordinates beyond this are no places in a lab; it also keeps every square and every f32 finite.
const FARTHEST: f64 = 1e15;

/// The box around all polygons, in the environment's units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Lowest and highest x.
    pub x: [f64; 2],
    /// Lowest and highest y.
    pub y: [f64; 2],
}

impl Bounds {
    /// The box around some points; `None` without any.
    pub(super) fn around(points: impl Iterator<Item = [f64; 2]>) -> Option<Self> {
        points.fold(None, |bounds, [x, y]| {
            let Some(Self { x: [x0, x1], y: [y0, y1] }) = bounds else {
                return Some(Self { x: [x, x], y: [y, y] });
            };
            Some(Self { x: [x0.min(x), x1.max(x)], y: [y0.min(y), y1.max(y)] })
        })
    }
}

/// Whether a centre is a place that can be drawn.
pub(super) fn is_place(center: [f64; 2]) -> bool {
    center.iter().all(|v| v.abs() <= FARTHEST)
}
