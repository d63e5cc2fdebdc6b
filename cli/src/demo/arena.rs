//! The arena: a box with round corners and a pillar off its centre, so that a mirrored or turned picture shows.

use serde_json::{Value, json};

use crate::environment::Environment;

/// Longer side of the arena in centimetres.
const SIDE: f64 = 100.0;

/// An arena cut into square bins. All lengths in centimetres, y up, origin in the lower left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Arena {
    /// Bins along x and y, those outside the mask counted.
    pub grid: [usize; 2],
    /// Side of a bin.
    pub bin_size: f64,
    /// Grid cells that are bins, ascending; the grid is in C order over (x, y).
    pub active: Vec<usize>,
}

impl Arena {
    /// A grid of the given number of bins along x and y.
    pub fn new(grid: [usize; 2]) -> Self {
        let bin_size = SIDE / grid[0].max(grid[1]) as f64;
        let mut arena = Self { grid, bin_size, active: Vec::new() };
        arena.active = (0..grid[0] * grid[1]).filter(|&cell| arena.wall(arena.center(cell)) < 0.0).collect();
        arena
    }

    /// Width and height.
    pub fn size(&self) -> [f64; 2] {
        self.grid.map(|bins| bins as f64 * self.bin_size)
    }

    /// Centre of a grid cell.
    pub fn center(&self, cell: usize) -> [f64; 2] {
        [cell / self.grid[1], cell % self.grid[1]].map(|index| (index as f64 + 0.5) * self.bin_size)
    }

    /// The grid cell of a point; points outside belong to the nearest cell.
    pub fn cell(&self, point: [f64; 2]) -> usize {
        let index = |axis: usize| {
            let index = (point[axis] / self.bin_size).floor().max(0.0) as usize;
            index.min(self.grid[axis] - 1)
        };
        index(0) * self.grid[1] + index(1)
    }

    /// Signed distance to the nearest wall, negative inside.
    pub fn wall(&self, [x, y]: [f64; 2]) -> f64 {
        let [width, height] = self.size();
        let short = width.min(height);
        // Distance to a rounded box: https://iquilezles.org/articles/distfunctions2d/
        let radius = 0.22 * short;
        let outside_x = (x - width / 2.0).abs() - width / 2.0 + radius;
        let outside_y = (y - height / 2.0).abs() - height / 2.0 + radius;
        let corner = outside_x.max(0.0).hypot(outside_y.max(0.0));
        let outer = outside_x.max(outside_y).min(0.0) + corner - radius;
        let pillar = 0.08 * short - (x - 0.66 * width).hypot(y - 0.62 * height);
        outer.max(pillar)
    }

    /// Direction in radians that leads away from the nearest wall.
    pub fn inward(&self, [x, y]: [f64; 2]) -> f64 {
        let step = 0.1;
        let dx = self.wall([x - step, y]) - self.wall([x + step, y]);
        let dy = self.wall([x, y - step]) - self.wall([x, y + step]);
        dy.atan2(dx)
    }

    /// The arena as a session's environment.
    pub fn environment(&self) -> Environment {
        let centers: Vec<Vec<f64>> = self.active.iter().map(|&cell| self.center(cell).to_vec()).collect();
        let edges =
            |axis: usize| (0..=self.grid[axis]).map(|edge| edge as f64 * self.bin_size).collect::<Vec<_>>();
        let mut flags = vec![false; self.grid[0] * self.grid[1]];
        for &cell in &self.active {
            flags[cell] = true;
        }
        let mask: Vec<Value> = flags.chunks(self.grid[1]).map(|column| json!(column)).collect();
        let [width, height] = self.size();
        let document = json!({
            "schema_version": "Environment-v1",
            "name": "open field",
            "n_dims": 2,
            "n_bins": centers.len(),
            "layout_type": "MaskedGrid",
            "layout_parameters": { "connect_diagonal_neighbors": true },
            "dimension_ranges": [[0.0, width], [0.0, height]],
            "grid_shape": self.grid,
            "units": "cm",
            "frame": "arena",
            "regions": [],
            "bin_centers": centers,
            "active_mask": mask,
            "grid_edges": [edges(0), edges(1)],
        });
        Environment {
            document,
            centers,
            polygons: None,
            units: "cm".to_owned(),
            name: "open field".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_is_not_symmetric() {
        let arena = Arena::new([40, 40]);
        let bins = arena.active.len();
        assert!(bins > 1200 && bins < 1600, "{bins} bins");
        let active = |x: usize, y: usize| arena.active.contains(&(x * 40 + y));
        assert!(!active(0, 0) && !active(26, 24) && active(24, 14) && active(13, 24));
        for &cell in &arena.active {
            assert_eq!(arena.cell(arena.center(cell)), cell);
        }
    }
}
