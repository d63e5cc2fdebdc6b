//! Bins of any polygons, convex or not.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Coord, LineString, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::environment::bounds::Bounds;
use crate::environment::cells::Cells;
use crate::environment::clip::double_area;

/// The bounding box of a polygon, with its bin.
type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The polygon of each bin, without holes. Where two overlap, the later one is on top.
#[derive(Debug, Clone)]
pub struct Polygons {
    vertices: Vec<[f64; 2]>,
    /// Index in `vertices` of each bin's first corner; one more than bins.
    offsets: Vec<usize>,
    boxes: RTree<Boxed>,
}

impl Polygons {
    /// Makes cells of each bin's corners, in either direction. A bin with fewer than three corners, or no area, has no polygon.
    pub fn new(polygons: Vec<Vec<[f64; 2]>>) -> Self {
        let (mut vertices, mut offsets, mut boxes) = (Vec::new(), vec![0], Vec::new());
        for (bin, mut polygon) in (0u32..).zip(polygons) {
            // A ring may repeat its first corner at its end.
            if polygon.len() > 1 && polygon.first() == polygon.last() {
                polygon.pop();
            }
            let area = double_area(&polygon);
            if area < 0.0 {
                polygon.reverse();
            }
            if polygon.len() > 2
                && area != 0.0
                && let Some(Bounds { x, y }) = Bounds::of_points(polygon.iter().copied())
            {
                boxes.push(Boxed::new(Rectangle::from_corners([x[0], y[0]], [x[1], y[1]]), bin));
                vertices.extend(polygon);
            }
            offsets.push(vertices.len());
        }
        Self { vertices, offsets, boxes: RTree::bulk_load(boxes) }
    }

    fn corners(&self, bin: usize) -> &[[f64; 2]] {
        match (self.offsets.get(bin), self.offsets.get(bin + 1)) {
            (Some(start), Some(end)) => &self.vertices[*start..*end],
            _ => &[],
        }
    }
}

impl Cells for Polygons {
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        self.corners(bin).to_vec()
    }

    fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        if !(x.is_finite() && y.is_finite()) {
            return None;
        }
        let near = self.boxes.locate_in_envelope_intersecting(&AABB::from_point([x, y]));
        near.map(|found| found.data as usize).filter(|bin| holds(self.corners(*bin), [x, y])).max()
    }

    fn bounds(&self) -> Bounds {
        Bounds::of_points(self.vertices.iter().copied()).unwrap_or(Bounds { x: [0.0; 2], y: [0.0; 2] })
    }

    fn triangles(&self, polygon: &[[f64; 2]]) -> Option<Vec<u32>> {
        if is_convex(polygon) {
            return None;
        }
        Some(triangulate(&[polygon.to_vec()]))
    }
}

/// Triangles of an outer ring and the holes that follow it, counter-clockwise, as indices into all corners.
pub(super) fn triangulate(rings: &[Vec<[f64; 2]>]) -> Vec<u32> {
    let corners = || rings.iter().flatten().copied();
    let starts = rings.iter().scan(0, |start, ring| {
        let at = *start;
        *start += ring.len() as u32;
        Some(at)
    });
    let holes: Vec<u32> = starts.skip(1).collect();
    let mut triangles = Vec::new();
    earcut::Earcut::new().earcut(corners(), &holes, &mut triangles);
    let all: Vec<[f64; 2]> = corners().collect();
    for triangle in triangles.as_chunks_mut::<3>().0 {
        let [a, b, c] = triangle.map(|i| all[i as usize]);
        if double_area(&[a, b, c]) < 0.0 {
            triangle.swap(1, 2);
        }
    }
    triangles
}

/// Whether a ring contains a position; its edge counts as inside. Exact, by adaptive arithmetic.
pub(super) fn holds(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let line: Vec<Coord> = ring.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect();
    let polygon = Polygon::new(LineString(line), Vec::new());
    polygon.coordinate_position(&Coord { x, y }) != CoordPos::Outside
}

/// Whether a ring is convex and counter-clockwise: all turns are to the left, in one revolution.
fn is_convex(ring: &[[f64; 2]]) -> bool {
    let count = ring.len();
    let direction = |i: usize| [0, 1].map(|axis| ring[(i + 1) % count][axis] - ring[i % count][axis]);
    let (mut turns_left, mut changes) = (true, 0);
    for i in 0..count {
        let (a, b) = (direction(i), direction(i + 1));
        turns_left &= a[0] * b[1] - a[1] * b[0] >= 0.0;
        // In one revolution x changes its direction twice.
        changes += usize::from((a[0] < 0.0) != (b[0] < 0.0));
    }
    turns_left && changes <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Polygons {
        let notch = vec![[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0]];
        let clockwise = vec![[4.0, 0.0], [4.0, 4.0], [6.0, 4.0], [6.0, 0.0], [4.0, 0.0]];
        Polygons::new(vec![notch, Vec::new(), clockwise])
    }

    #[test]
    fn a_notch_is_outside() {
        let cells = cells();
        assert_eq!(cells.bin_at(2.0, 2.0), None);
        assert_eq!(cells.bin_at(0.5, 2.0), Some(0));
        assert_eq!(cells.bin_at(2.0, 1.0), Some(0), "on its tip");
        assert_eq!(cells.bin_at(5.0, 2.0), Some(2));
        assert_eq!(cells.bin_at(4.0, 2.0), Some(2), "a shared edge is the later one's");
        assert_eq!(cells.bin_at(f64::NAN, 2.0), None);
    }

    #[test]
    fn rings_are_opened_and_turned() {
        let cells = cells();
        assert_eq!(cells.polygon(2).len(), 4);
        assert!(double_area(&cells.polygon(2)) > 0.0);
        assert_eq!((cells.polygon(1), cells.polygon(9)), (Vec::new(), Vec::new()));
        assert_eq!(cells.bounds(), Bounds { x: [0.0, 6.0], y: [0.0, 4.0] });
    }

    #[test]
    fn what_is_not_convex_is_cut_in_ears() {
        let cells = cells();
        let polygon = cells.polygon(0);
        let triangles = cells.triangles(&polygon).unwrap();
        let area: f64 = triangles
            .chunks(3)
            .map(|corners| double_area(&[0, 1, 2].map(|i| polygon[corners[i] as usize])))
            .inspect(|area| assert!(*area > 0.0))
            .sum();
        assert_eq!(area, double_area(&polygon));
        assert_eq!(cells.triangles(&cells.polygon(2)), None);
    }

    #[test]
    fn a_hole_stays_open() {
        let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high]];
        let rings = [square(0.0, 4.0), square(1.0, 3.0)];
        let all = rings.concat();
        let area: f64 = triangulate(&rings)
            .chunks(3)
            .map(|corners| double_area(&[0, 1, 2].map(|i| all[corners[i] as usize])))
            .sum();
        assert_eq!(area, 24.0);
    }
}
