//! A grid of rectangles, even or uneven, with holes.

use replayscope_zarr::argsort::argsort;

use crate::environment::bounds::Bounds;
use crate::environment::cells::Cells;

/// Rectangles between edges. Cells are numbered `[ix, iy]`, from the lower left.
#[derive(Debug, Clone)]
pub struct Grid {
    x: Vec<f64>,
    y: Vec<f64>,
    /// The cell of each bin; `None` for a bin without a position.
    cells: Vec<Option<[u32; 2]>>,
    /// Cells that hold a bin, sorted: memory follows the bins and not the area of a sparse grid.
    bins: Vec<([u32; 2], u32)>,
}

impl Grid {
    /// A grid of edges along x and y and the cell of each bin. `None` when the edges do not ascend (a spacing below the rounding of the
    /// coordinates), a cell is outside, or two bins share one.
    pub(super) fn new(x: Vec<f64>, y: Vec<f64>, cells: Vec<Option<[u32; 2]>>) -> Option<Self> {
        let shape = [x.len().checked_sub(1)?, y.len().checked_sub(1)?];
        if [&x, &y].iter().any(|edges| !edges.is_sorted_by(|a, b| a < b)) {
            return None;
        }
        let mut bins = Vec::with_capacity(cells.len());
        for (bin, cell) in cells.iter().enumerate() {
            if let Some(cell) = cell {
                if cell[0] as usize >= shape[0] || cell[1] as usize >= shape[1] {
                    return None;
                }
                bins.push((*cell, bin as u32));
            }
        }
        let sorted = argsort(bins.len(), &mut |a, b| bins[a].cmp(&bins[b]));
        let bins: Vec<_> = sorted.into_iter().map(|at| bins[at]).collect();
        let shared = bins.windows(2).any(|pair| pair[0].0 == pair[1].0);
        (!shared).then_some(Self { x, y, cells, bins })
    }

    /// Edges along x and y, ascending, in the environment's units: one more than there are columns and rows.
    pub fn edges(&self) -> [&[f64]; 2] {
        [&self.x, &self.y]
    }

    /// The cell `[ix, iy]` of a bin.
    pub fn cell(&self, bin: usize) -> Option<[u32; 2]> {
        self.cells.get(bin).copied().flatten()
    }

    /// The bin of a cell `[ix, iy]`.
    pub fn bin(&self, cell: [u32; 2]) -> Option<usize> {
        let found = self.bins.binary_search_by_key(&cell, |(cell, _)| *cell).ok()?;
        Some(self.bins[found].1 as usize)
    }

    /// The cell at a position. An edge belongs to the cell above or right of it.
    pub(super) fn cell_at(&self, x: f64, y: f64) -> Option<[u32; 2]> {
        Some([interval(&self.x, x)?, interval(&self.y, y)?])
    }

    pub(super) fn rectangle(&self, [ix, iy]: [u32; 2]) -> Bounds {
        let [ix, iy] = [ix as usize, iy as usize];
        Bounds { x: [self.x[ix], self.x[ix + 1]], y: [self.y[iy], self.y[iy + 1]] }
    }

    /// The number of bins with a neighbour to the left, right, above or below.
    pub(super) fn bins_with_neighbours(&self) -> usize {
        let has = |cell: [u32; 2]| self.bin(cell).is_some();
        let next_to = |[x, y]: [u32; 2]| {
            has([x + 1, y])
                || has([x, y + 1])
                || x.checked_sub(1).is_some_and(|x| has([x, y]))
                || y.checked_sub(1).is_some_and(|y| has([x, y]))
        };
        self.bins.iter().filter(|(cell, _)| next_to(*cell)).count()
    }
}

impl Cells for Grid {
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        let Some(cell) = self.cell(bin) else { return Vec::new() };
        let Bounds { x: [x0, x1], y: [y0, y1] } = self.rectangle(cell);
        vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        self.bin(self.cell_at(x, y)?)
    }

    /// The bounding box of the cells that hold a bin.
    fn bounds(&self) -> Bounds {
        let corners = self.bins.iter().flat_map(|(cell, _)| {
            let Bounds { x, y } = self.rectangle(*cell);
            [[x[0], y[0]], [x[1], y[1]]]
        });
        Bounds::of_points(corners).unwrap_or(Bounds { x: [0.0; 2], y: [0.0; 2] })
    }

    fn is_upright(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn as_grid(&self) -> Option<&Grid> {
        Some(self)
    }
}

/// Index of the half-open interval `[edges[i], edges[i + 1])` that contains a value.
fn interval(edges: &[f64], value: f64) -> Option<u32> {
    let right = edges.partition_point(|edge| *edge <= value);
    (right > 0 && right < edges.len()).then(|| right as u32 - 1)
}
