//! Triangulates polygons for the renderer.

use crate::environment::bounds::Bounds;
use crate::environment::cells::Cells;

/// The triangulated polygons of bins, for the GPU.
///
/// Coordinates are relative to `origin` so that f32 keeps its precision far from zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mesh {
    /// Offset from positions to environment coordinates, environment units.
    pub origin: [f64; 2],
    /// Vertex positions, y up.
    pub positions: Vec<[f32; 2]>,
    /// The bin of each vertex; same length as `positions`.
    pub bins: Vec<u32>,
    /// Triangles, three indices each, counter-clockwise.
    pub indices: Vec<u32>,
    /// The polygons' edges, two indices each.
    pub edges: Vec<u32>,
    /// Whether some edges are neither horizontal nor vertical, and need antialiasing.
    pub slanted: bool,
}

impl Mesh {
    /// The triangles of all cells; the origin is the centre of their bounding box.
    pub fn of(cells: &dyn Cells, bins: usize) -> Self {
        let Bounds { x, y } = cells.bounds();
        let origin = [f64::midpoint(x[0], x[1]), f64::midpoint(y[0], y[1])];
        let mut mesh = Self { origin, slanted: !cells.is_upright(), ..Self::default() };
        for bin in 0..bins {
            let polygon = cells.polygon(bin);
            mesh.add(bin as u32, &polygon, cells.triangles(&polygon));
        }
        mesh
    }

    /// Adds a polygon by its triangles, or a convex one as a fan from its first corner.
    fn add(&mut self, bin: u32, polygon: &[[f64; 2]], triangles: Option<Vec<u32>>) {
        let first = self.positions.len() as u32;
        let corners = polygon.len() as u32;
        for corner in polygon {
            // A shared corner has one f64 value, so it rounds to one f32 value.
            let [x, y] = [corner[0] - self.origin[0], corner[1] - self.origin[1]];
            self.positions.push([x as f32, y as f32]);
            self.bins.push(bin);
        }
        let fan = || (2..corners).flat_map(|i| [0, i - 1, i]).collect();
        self.indices.extend(triangles.unwrap_or_else(fan).into_iter().map(|corner| first + corner));
        self.edges.extend((0..corners).flat_map(|i| [first + i, first + (i + 1) % corners]));
    }
}
