//! Regular hexagons around centres on a hexagonal lattice, whose spacing and direction are fitted to the centres.

use crate::environment::bounds::is_place;
use crate::environment::points::tree;
use crate::environment::polygons::Polygons;

/// Largest distance of a centre from its lattice point in spacings, in addition to the rounding of float32.
const JITTER: f64 = 1e-6;

/// A hexagon at each of the centres `(bins, 2)`; `None` where these are on no regular hexagonal lattice.
///
/// A centre is at origin + a·(q + r·ω) with whole q and r, complex a and ω = exp(iπ/3). The corners of a hexagon are centroids of the
/// lattice's triangles, so that bins share them bitwise. `width` is the distance between parallel sides, where known: sparse centres
/// may all be farther apart.
pub(super) fn hexagons(centers: &[[f64; 2]], width: Option<f64>) -> Option<Polygons> {
    let places: Vec<[f64; 2]> = centers.iter().copied().filter(|center| is_place(*center)).collect();
    let first = *places.first()?;
    let mut step = nearest(&places, width)?;
    let mut origin = first;
    // Two passes: lattice numbers from a first guess, then a better lattice from the numbers.
    for _ in 0..2 {
        let numbered: Vec<_> = places.iter().map(|place| (number(*place, origin, step), *place)).collect();
        (origin, step) = fit(&numbered).unwrap_or((origin, step));
    }

    let length = (step[0] * step[0] + step[1] * step[1]).sqrt();
    let largest = places.iter().flatten().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    let allowed = JITTER * length + 2.0 * f64::from(f32::EPSILON) * largest;
    let on_lattice = |place: &[f64; 2]| {
        let [q, r] = number(*place, origin, step).map(|n| 3.0 * n);
        let [x, y] = at(origin, step, [q, r]);
        (x - place[0]).abs() <= allowed && (y - place[1]).abs() <= allowed
    };
    let fits = length > 8.0 * allowed && places.iter().all(on_lattice);
    fits.then(|| {
        let hexagon = |center: &[f64; 2]| {
            if !is_place(*center) {
                return Vec::new();
            }
            let [q, r] = number(*center, origin, step);
            CORNERS.map(|[i, j]| at(origin, step, [3.0 * q + i, 3.0 * r + j])).to_vec()
        };
        Polygons::new(centers.iter().map(hexagon).collect())
    })
}

/// Corners relative to a centre, counter-clockwise, in thirds of the lattice's two steps.
const CORNERS: [[f64; 2]; 6] = [[1.0, 1.0], [-1.0, 2.0], [-2.0, 1.0], [-1.0, -1.0], [1.0, -2.0], [2.0, -1.0]];
const SIN_60: f64 = 0.866_025_403_784_438_6;

/// The vector from a centre to its nearest neighbour; along x where that is farther than a known width.
fn nearest(places: &[[f64; 2]], width: Option<f64>) -> Option<[f64; 2]> {
    let tree = tree(places.iter().copied());
    let steps = places.iter().filter_map(|place| {
        let other = tree.nearest_neighbor_iter(place).nth(1)?.geom();
        Some([other[0] - place[0], other[1] - place[1]])
    });
    let squared = |step: &[f64; 2]| step[0] * step[0] + step[1] * step[1];
    let shortest = steps.filter(|step| squared(step) > 0.0).min_by(|a, b| squared(a).total_cmp(&squared(b)));
    match (shortest, width.filter(|width| *width > 0.0)) {
        (Some(step), Some(width)) if squared(&step).sqrt() > 1.01 * width => Some([width, 0.0]),
        (None, Some(width)) => Some([width, 0.0]),
        (step, _) => step,
    }
}

/// The position of `[q, r]` thirds of a step.
fn at(origin: [f64; 2], [x, y]: [f64; 2], [i, j]: [f64; 2]) -> [f64; 2] {
    // The second step is the first rotated by 60°.
    let [across, up] = [x / 2.0 - SIN_60 * y, SIN_60 * x + y / 2.0];
    [origin[0] + (x * i + across * j) / 3.0, origin[1] + (y * i + up * j) / 3.0]
}

/// The whole q and r of the lattice point nearest to a position.
fn number(place: [f64; 2], origin: [f64; 2], [x, y]: [f64; 2]) -> [f64; 2] {
    let [dx, dy] = [place[0] - origin[0], place[1] - origin[1]];
    // (dx + i·dy) / (x + i·y) = q + r·ω
    let squared = x * x + y * y;
    let [real, imaginary] = [(dx * x + dy * y) / squared, (dy * x - dx * y) / squared];
    let r = imaginary / SIN_60;
    [(real - r / 2.0).round(), r.round()]
}

/// Origin and step of the lattice that fits numbered positions best, by complex least squares; `None` where all positions are equal.
fn fit(numbered: &[([f64; 2], [f64; 2])]) -> Option<([f64; 2], [f64; 2])> {
    let count = numbered.len() as f64;
    let index = |[q, r]: [f64; 2]| [q + r / 2.0, SIN_60 * r];
    let (mut middle_index, mut middle) = ([0.0; 2], [0.0; 2]);
    for (number, place) in numbered {
        let z = index(*number);
        for axis in 0..2 {
            middle_index[axis] += z[axis] / count;
            middle[axis] += place[axis] / count;
        }
    }
    let (mut variance, mut covariance) = (0.0, [0.0, 0.0]);
    for (number, place) in numbered {
        let z = index(*number);
        let (z, c) =
            ([z[0] - middle_index[0], z[1] - middle_index[1]], [place[0] - middle[0], place[1] - middle[1]]);
        variance += z[0] * z[0] + z[1] * z[1];
        covariance[0] += z[0] * c[0] + z[1] * c[1];
        covariance[1] += z[0] * c[1] - z[1] * c[0];
    }
    if variance == 0.0 {
        return None;
    }
    let step = covariance.map(|part| part / variance);
    let [u, v] = middle_index;
    let origin = [middle[0] - (step[0] * u - step[1] * v), middle[1] - (step[0] * v + step[1] * u)];
    Some((origin, step))
}

#[cfg(test)]
mod tests {
    use super::super::Cells;
    use super::*;

    /// Centres of a patch of a lattice, turned and moved.
    fn lattice(step: [f64; 2], origin: [f64; 2]) -> Vec<[f64; 2]> {
        let numbers = (0..6).flat_map(|q| (0..5).map(move |r| [f64::from(q), f64::from(r)]));
        numbers.map(|[q, r]| at(origin, step, [3.0 * q, 3.0 * r])).collect()
    }

    #[test]
    fn any_direction_is_found() {
        for (step, origin) in
            [([4.0, 0.0], [0.0, 0.0]), ([0.3, 1.7], [-500.0, 20.0]), ([0.0, -2.0], [1.0, 1.0])]
        {
            let centers = lattice(step, origin);
            let cells = hexagons(&centers, None).unwrap();
            let side = (step[0] * step[0] + step[1] * step[1]).sqrt() / 3.0_f64.sqrt();
            for (bin, center) in centers.iter().enumerate() {
                for corner in cells.polygon(bin) {
                    let reach = (corner[0] - center[0]).hypot(corner[1] - center[1]);
                    assert!((reach - side).abs() < 1e-9 * side.max(origin[0].abs()), "{reach} {side}");
                }
                assert_eq!(cells.bin_at(center[0], center[1]), Some(bin));
            }
        }
    }

    #[test]
    fn sparse_centres_need_the_width() {
        let centers = [[0.0, 0.0], [8.0, 0.0], [4.0, 4.0 * 3.0_f64.sqrt()], [f64::NAN, 0.0]];
        let reach = |cells: Polygons| cells.polygon(1).iter().map(|corner| corner[0]).fold(0.0, f64::max);
        assert!((reach(hexagons(&centers, None).unwrap()) - 12.0).abs() < 1e-9);
        assert!((reach(hexagons(&centers, Some(4.0)).unwrap()) - 10.0).abs() < 1e-9);
        assert_eq!(hexagons(&centers, Some(4.0)).unwrap().polygon(3), Vec::<[f64; 2]>::new());
        assert!((reach(hexagons(&[[0.0, 0.0], [4.0, 0.0]], None).unwrap()) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_lattice_is_none() {
        assert!(hexagons(&[[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]], None).is_none());
        assert!(hexagons(&[], Some(1.0)).is_none());
        assert!(hexagons(&[[1.0, 1.0]], None).is_none());
        assert_eq!(hexagons(&[[1.0, 1.0]], Some(2.0)).unwrap().polygon(0).len(), 6);
    }
}
