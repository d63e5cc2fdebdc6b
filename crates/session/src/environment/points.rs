//! Bins without a shape of their own: a small disc at each centre.

use std::cmp::Ordering;

use replayscope_zarr::argsort::{argsort, sorted};
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::environment::bounds::{Bounds, is_place};
use crate::environment::cells::Cells;

/// Corners of a disc of radius 1, counter-clockwise.
const CORNERS: [[f64; 2]; 12] = [
    [1.0, 0.0],
    [SIN_60, 0.5],
    [0.5, SIN_60],
    [0.0, 1.0],
    [-0.5, SIN_60],
    [-SIN_60, 0.5],
    [-1.0, 0.0],
    [-SIN_60, -0.5],
    [-0.5, -SIN_60],
    [0.0, -1.0],
    [0.5, -SIN_60],
    [SIN_60, -0.5],
];
const SIN_60: f64 = 0.866_025_403_784_438_6;

/// Radius as a share of the distance to the nearest other centre: discs never touch.
const SHARE: f64 = 0.4;

/// A position and its index.
pub(super) type Numbered = GeomWithData<[f64; 2], u32>;

/// Positions with their indices, in order.
pub(super) fn tree(places: impl Iterator<Item = [f64; 2]>) -> RTree<Numbered> {
    RTree::bulk_load(places.zip(0..).map(|(place, number)| Numbered::new(place, number)).collect())
}

/// A disc at the centre of each bin.
///
/// All discs have one size, from the 10th percentile of the distances to the nearest neighbour, except that discs of close centres are
/// smaller, so that none overlaps another.
#[derive(Debug, Clone)]
pub struct Points {
    /// Centre and radius of each bin; `None` for a bin without a position.
    discs: Vec<Option<([f64; 2], f64)>>,
    nearest: RTree<Numbered>,
    /// Number of bins at exactly the position of a later one.
    covered: usize,
}

impl Points {
    /// Discs at the finite centres; `None` without any.
    pub(super) fn new(centers: &[[f64; 2]]) -> Option<Self> {
        let bins = (0u32..).zip(centers).filter(|(_, center)| is_place(**center));
        let places: Vec<([f64; 2], u32)> = bins.map(|(bin, center)| (positive_zero(*center), bin)).collect();
        let all = places.len();
        // Of bins at one position the last is drawn on top, so it is the one found.
        let order = argsort(all, &mut |a, b| compare(places[a].0, places[b].0).then(b.cmp(&a)));
        let mut places: Vec<_> = order.into_iter().map(|at| places[at]).collect();
        places.dedup_by(|a, b| compare(a.0, b.0).is_eq());
        let covered = all - places.len();

        let nearest =
            RTree::bulk_load(places.iter().map(|(place, bin)| Numbered::new(*place, *bin)).collect());
        let to_neighbour = |(place, _): &([f64; 2], u32)| {
            // The nearest neighbour of a position is itself.
            let other: &Numbered = nearest.nearest_neighbor_iter(place).nth(1)?;
            let [x, y] = other.geom();
            Some(((x - place[0]).powi(2) + (y - place[1]).powi(2)).sqrt())
        };
        let distances: Vec<f64> = places.iter().map(|place| to_neighbour(place).unwrap_or(1.0)).collect();
        let common = *sorted(&distances).get(distances.len() / 10)?;

        let disc = |center: [f64; 2]| {
            let place = places.binary_search_by(|(place, _)| compare(*place, positive_zero(center))).ok()?;
            Some((center, SHARE * common.min(distances[place])))
        };
        let discs = centers.iter().map(|center| disc(*center)).collect();
        Some(Self { discs, nearest, covered })
    }

    /// The number of bins at exactly the position of a later one, which hides them.
    pub fn covered(&self) -> usize {
        self.covered
    }
}

impl Cells for Points {
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        let Some(([x, y], radius)) = self.discs.get(bin).copied().flatten() else { return Vec::new() };
        CORNERS.map(|[cos, sin]| [x + radius * cos, y + radius * sin]).to_vec()
    }

    fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        // Discs do not overlap, so only the nearest can contain the position.
        let bin = self.nearest.nearest_neighbor(&[x, y])?.data as usize;
        contains(&self.polygon(bin), [x, y]).then_some(bin)
    }

    fn bounds(&self) -> Bounds {
        let corners = self.discs.iter().flatten().flat_map(|([x, y], r)| [[x - r, y - r], [x + r, y + r]]);
        Bounds::of_points(corners).unwrap_or(Bounds { x: [0.0; 2], y: [0.0; 2] })
    }
}

/// Whether a convex, counter-clockwise polygon holds a point; its edge counts as inside.
fn contains(polygon: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let next = polygon.iter().cycle().skip(1);
    !polygon.is_empty()
        && polygon
            .iter()
            .zip(next)
            .all(|(a, b)| (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0.0)
}

fn compare(a: [f64; 2], b: [f64; 2]) -> Ordering {
    a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
}

/// Replaces -0 by 0, which are one position and must be sorted as one.
fn positive_zero(place: [f64; 2]) -> [f64; 2] {
    place.map(|v| v + 0.0)
}
