//! Voronoi cells of bin centres: what is nearer to one than to any other. For meshes whose triangles cannot be reconstructed.

use crate::environment::bounds::{Bounds, is_place};
use crate::environment::clip::{clip, weld};
use crate::environment::polygons::Polygons;

/// A cell for each of the centres `(bins, 2)`, within the outer ring of the boundary if given, else within their bounding box. `None`
/// where the centres span no area, or two are equal.
pub(super) fn voronoi(centers: &[[f64; 2]], boundary: Option<&[[f64; 2]]>) -> Option<Polygons> {
    let placed: Vec<usize> = (0..centers.len()).filter(|bin| is_place(centers[*bin])).collect();
    let points: Vec<delaunator::Point> =
        placed.iter().map(|bin| delaunator::Point { x: centers[*bin][0], y: centers[*bin][1] }).collect();
    let mesh = delaunator::triangulate(&points);
    if mesh.is_empty() {
        return None;
    }
    // The neighbours of a cell are those that share an edge of a Delaunay triangle.
    let mut across = vec![Vec::new(); centers.len()];
    let corners =
        mesh.triangles.as_chunks::<3>().0.iter().flat_map(|t| [[t[0], t[1]], [t[1], t[2]], [t[2], t[0]]]);
    for [a, b] in corners.chain(mesh.hull.windows(2).map(|ends| [ends[0], ends[1]])) {
        across[placed[a]].push(placed[b]);
        across[placed[b]].push(placed[a]);
    }
    if placed.iter().any(|bin| across[*bin].is_empty()) {
        return None;
    }
    let box_of = Bounds::of_points(placed.iter().map(|bin| centers[*bin]))?;
    let spacing = ((box_of.x[1] - box_of.x[0]) * (box_of.y[1] - box_of.y[0]) / placed.len() as f64).sqrt();
    let [left, right, bottom, top] = [
        box_of.x[0] - spacing / 2.0,
        box_of.x[1] + spacing / 2.0,
        box_of.y[0] - spacing / 2.0,
        box_of.y[1] + spacing / 2.0,
    ];
    let bounding_box = vec![[left, bottom], [right, bottom], [right, top], [left, top]];
    let outside = match boundary {
        Some(ring) if ring.first() == ring.last() => ring[1..].to_vec(),
        Some(ring) => ring.to_vec(),
        None => bounding_box,
    };
    let cell = |(center, across): (&[f64; 2], &Vec<usize>)| {
        if !is_place(*center) {
            return Vec::new();
        }
        across.iter().fold(outside.clone(), |cell, other| {
            let other = centers[*other];
            let middle = [0, 1].map(|axis| f64::midpoint(center[axis], other[axis]));
            clip(&cell, middle, [center[0] - other[0], center[1] - other[1]])
        })
    };
    let mut cells: Vec<_> = centers.iter().zip(&across).map(cell).collect();
    weld(&mut cells);
    Some(Polygons::new(cells))
}

#[cfg(test)]
mod tests {
    use super::super::Cells;
    use super::super::clip::double_area;
    use super::*;

    #[test]
    fn cells_fill_the_boundary() {
        let ring = [[0.0, 0.0], [8.0, 0.0], [8.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
        let centers = [[1.0, 1.0], [6.0, 1.5], [3.0, 3.0], [f64::NAN, 1.0], [7.0, 3.5]];
        let cells = voronoi(&centers, Some(&ring)).unwrap();
        let area: f64 = (0..5).map(|bin| double_area(&cells.polygon(bin)) / 2.0).sum();
        assert!((area - 32.0).abs() < 1e-9, "{area}");
        for (bin, [x, y]) in centers.into_iter().enumerate().filter(|(bin, _)| *bin != 3) {
            assert_eq!(cells.bin_at(x, y), Some(bin));
        }
        assert_eq!(cells.polygon(3), Vec::<[f64; 2]>::new());
    }

    #[test]
    fn without_a_boundary_the_box_is_one() {
        let cells = voronoi(&[[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [3.0, 3.0]], None).unwrap();
        assert_eq!(cells.bounds(), Bounds { x: [-0.75, 3.75], y: [-0.75, 3.75] });
        assert_eq!(cells.bin_at(1.4, 1.4), Some(0));
    }

    #[test]
    fn a_line_of_centres_has_none() {
        assert!(voronoi(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], None).is_none());
        assert!(voronoi(&[], None).is_none());
    }
}
