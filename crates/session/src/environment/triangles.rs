//! Reconstructs the triangles of neurospatial's `TriangularMesh`, which stores only their centroids.
//!
//! The mesh is a Delaunay triangulation of points that follow from its parameters: a square lattice over the boundary's bounding box,
//! and points along the boundary. So each triangle has three of those points as corners, and its centroid identifies them.

use rstar::RTree;

use crate::environment::bounds::is_place;
use crate::environment::clip::double_area;
use crate::environment::points::{Numbered, tree};
use crate::environment::polygons::Polygons;
use crate::environment::polygons::holds;

/// Most points per triangle: a mesh has fewer corners than triangles plus two, though its bounding box may have more points. It limits
/// what wrong parameters can allocate.
const MOST_CORNERS: f64 = 100.0;
/// Most candidate corners around one centroid; evenly spaced points are fewer.
const MOST_NEAR: usize = 500;

/// Distances within which corners of a centroid are searched, one after the other, in spacings of the points.
const REACHES: [f64; 3] = [1.6, 3.0, 6.0];

/// The triangle of each centroid `(bins, 2)`; `None` where one is not found, or the triangles do not form a mesh.
///
/// `boundary` is the meshed polygon with its outer ring first, `spacing` the distance of points. `neighbours` are the pairs of bins that
/// share an edge; if given, the triangles must share exactly these.
pub(super) fn triangles(
    centroids: &[[f64; 2]],
    boundary: &[Vec<[f64; 2]>],
    spacing: f64,
    neighbours: Option<&[[u32; 2]]>,
) -> Option<Polygons> {
    let outer = boundary.first()?;
    let corners = corners(outer, spacing, MOST_CORNERS * (centroids.len() as f64 + 100.0))?;
    let inside =
        |place: [f64; 2]| holds(outer, place) && boundary[1..].iter().all(|hole| !holds(hole, place));
    // All points along the boundary are corners, and those of the lattice that are inside.
    let lattice = corners.lattice.iter().copied().filter(|place| inside(*place));
    let all: Vec<[f64; 2]> = corners.boundary.iter().copied().chain(lattice).collect();
    let tree = tree(all.iter().copied());

    let largest = all.iter().flatten().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    let search =
        Search { all: &all, tree: &tree, allowed: 1e-6 * spacing + 2.0 * f64::from(f32::EPSILON) * largest };
    let found: Option<Vec<[u32; 3]>> = centroids
        .iter()
        .map(|centroid| {
            let centroid = Some(*centroid).filter(|centroid| is_place(*centroid))?;
            REACHES.iter().find_map(|reach| search.triangle(centroid, reach * spacing))
        })
        .collect();
    let found = found?;
    is_mesh(&found, neighbours).then(|| {
        Polygons::new(found.iter().map(|triangle| triangle.map(|i| all[i as usize]).to_vec()).collect())
    })
}

/// The possible corners of the mesh.
struct Corners {
    lattice: Vec<[f64; 2]>,
    boundary: Vec<[f64; 2]>,
}

/// The points of `neurospatial.layout.helpers.triangular_mesh`: a lattice that starts half a spacing inside the bounding box, and the
/// fewest equal steps along each edge of the outer ring that are not longer than the spacing.
fn corners(outer: &[[f64; 2]], spacing: f64, most: f64) -> Option<Corners> {
    let (x, y) = (outer.iter().map(|corner| corner[0]), outer.iter().map(|corner| corner[1]));
    let [left, right] = [x.clone().reduce(f64::min)?, x.reduce(f64::max)?];
    let [bottom, top] = [y.clone().reduce(f64::min)?, y.reduce(f64::max)?];
    let length =
        |ends: &[[f64; 2]]| ((ends[1][0] - ends[0][0]).powi(2) + (ends[1][1] - ends[0][1]).powi(2)).sqrt();
    let around: f64 = outer.windows(2).map(length).sum();
    let count = (right - left) / spacing * ((top - bottom) / spacing) + around / spacing + outer.len() as f64;
    if !(spacing > 0.0 && count < most) {
        return None;
    }
    let line = |low: f64, high: f64| {
        let start = low + spacing / 2.0;
        (0..).map(move |i| start + f64::from(i) * spacing).take_while(move |v| *v < high)
    };
    let lattice = line(left, right).flat_map(|x| line(bottom, top).map(move |y| [x, y])).collect();
    let mut boundary = Vec::new();
    for ends in outer.windows(2) {
        let steps = (length(ends) / spacing).ceil();
        for i in 0..steps as u32 {
            let share = f64::from(i) / steps;
            boundary.push([0, 1].map(|axis| ends[0][axis] + share * (ends[1][axis] - ends[0][axis])));
        }
    }
    Some(Corners { lattice, boundary })
}

struct Search<'a> {
    all: &'a [[f64; 2]],
    tree: &'a RTree<Numbered>,
    /// Largest distance of the mean of three corners from a centroid.
    allowed: f64,
}

impl Search<'_> {
    /// The three corners whose mean is the centroid, counter-clockwise. Of several candidates, the one with the smallest circumcircle,
    /// as a Delaunay triangle's contains no other corner.
    fn triangle(&self, centroid: [f64; 2], reach: f64) -> Option<[u32; 3]> {
        let mut near: Vec<u32> =
            self.tree.locate_within_distance(centroid, reach * reach).map(|corner| corner.data).collect();
        if near.len() > MOST_NEAR {
            return None;
        }
        near.sort_unstable_by(|a, b| self.all[*a as usize][0].total_cmp(&self.all[*b as usize][0]));
        let place = |i: u32| self.all[i as usize];
        let mut best: Option<(f64, [u32; 3])> = None;
        for (i, a) in near.iter().enumerate() {
            for (j, b) in near.iter().enumerate().skip(i + 1) {
                let third = [0, 1].map(|axis| 3.0 * centroid[axis] - place(*a)[axis] - place(*b)[axis]);
                let allowed = 3.0 * self.allowed;
                let from = near.partition_point(|c| place(*c)[0] < third[0] - allowed).max(j + 1);
                for c in near[from..].iter().take_while(|c| place(**c)[0] <= third[0] + allowed) {
                    let area = double_area(&[place(*a), place(*b), place(*c)]);
                    if (place(*c)[1] - third[1]).abs() > allowed || area == 0.0 {
                        continue;
                    }
                    let circle = circle(place(*a), place(*b), place(*c));
                    if best.is_none_or(|(smallest, _)| circle < smallest) {
                        best = Some((circle, if area > 0.0 { [*a, *b, *c] } else { [*a, *c, *b] }));
                    }
                }
            }
        }
        best.map(|(_, triangle)| triangle)
    }
}

/// Squared circumradius of three positions: the product of the sides over four times the area, squared.
fn circle(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    let squared = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    let area = double_area(&[a, b, c]);
    squared(a, b) * squared(b, c) * squared(c, a) / (4.0 * area * area)
}

/// Whether each edge belongs to at most one triangle in each direction, and exactly the `neighbours` share one.
fn is_mesh(triangles: &[[u32; 3]], neighbours: Option<&[[u32; 2]]>) -> bool {
    let mut edges: Vec<([u32; 2], u32)> = (0u32..)
        .zip(triangles)
        .flat_map(|(bin, [a, b, c])| [[*a, *b], [*b, *c], [*c, *a]].map(|edge| (edge, bin)))
        .collect();
    edges.sort_unstable();
    if edges.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return false;
    }
    let Some(neighbours) = neighbours else { return true };
    let mut shared: Vec<[u32; 2]> = edges
        .iter()
        .filter_map(|([a, b], bin)| {
            let other = edges.binary_search_by_key(&[*b, *a], |(edge, _)| *edge).ok()?;
            Some([*bin, edges[other].1]).filter(|[low, high]| low < high)
        })
        .collect();
    let mut known: Vec<[u32; 2]> = neighbours.iter().map(|[a, b]| [*a.min(b), *a.max(b)]).collect();
    shared.sort_unstable();
    known.sort_unstable();
    shared == known
}
