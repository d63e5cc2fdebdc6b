//! Polar environments: sectors of rings, of a grid over distance and angle.

use crate::environment::cells::Cells;
use crate::environment::grid::Grid;
use crate::environment::polygons::Polygons;

/// Largest angle of a chord that replaces an arc; it deviates by less than a hundred-thousandth of the radius.
const CHORD: f64 = std::f64::consts::PI / 360.0;

/// Direction of angle 0; angles increase counter-clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// Up, which is ahead in an egocentric frame.
    Up,
    /// Right, as in mathematics.
    Right,
}

impl Zero {
    /// Converts (r, θ in radians) to a position.
    pub fn place(self, [radius, angle]: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = angle.sin_cos();
        match self {
            Self::Up => [-radius * sin, radius * cos],
            Self::Right => [radius * cos, radius * sin],
        }
    }
}

/// The sectors of a grid over (r, θ), one per bin.
pub(super) fn wedges(grid: &Grid, bins: usize, zero: Zero) -> Polygons {
    let wedge = |bin| {
        let rectangle = grid.polygon(bin);
        let [[inner, from], _, [outer, to], _] = rectangle.as_slice() else { return Vec::new() };
        let chords = ((to - from) / CHORD).ceil().clamp(1.0, 1e4) as u32;
        // The same angles for every ring, so that neighbours share their corners.
        let angle =
            |i: u32| if i == chords { *to } else { from + (to - from) * f64::from(i) / f64::from(chords) };
        let outwards = (0..=chords).map(|i| zero.place([*outer, angle(i)]));
        let back = (0..=chords).rev().map(|i| zero.place([*inner, angle(i)]));
        let mut polygon: Vec<[f64; 2]> = outwards.chain(back).collect();
        if *inner == 0.0 {
            polygon.truncate(chords as usize + 2);
        }
        polygon
    };
    Polygons::new((0..bins).map(wedge).collect())
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::super::clip::double_area;
    use super::*;

    #[test]
    fn angles_are_radians_counter_clockwise() {
        for (angle, right, up) in [
            (0.0, [2.0, 0.0], [0.0, 2.0]),
            (PI / 6.0, [3.0_f64.sqrt(), 1.0], [-1.0, 3.0_f64.sqrt()]),
            (PI / 2.0, [0.0, 2.0], [-2.0, 0.0]),
            (-PI, [-2.0, 0.0], [0.0, -2.0]),
        ] {
            for (zero, expected) in [(Zero::Right, right), (Zero::Up, up)] {
                let [x, y] = zero.place([2.0, angle]);
                assert!(
                    (x - expected[0]).abs() < 1e-15 && (y - expected[1]).abs() < 1e-15,
                    "{zero:?} {angle}"
                );
            }
        }
    }

    #[test]
    fn sectors_of_a_disc() {
        let angles: Vec<f64> = (0..=4).map(|i| (f64::from(i) - 2.0) * PI / 2.0).collect();
        let cells = (0..2).flat_map(|r| (0..4).map(move |angle| Some([r, angle]))).collect();
        let grid = Grid::new(vec![0.0, 2.0, 5.0], angles, cells).unwrap();
        let cells = wedges(&grid, 8, Zero::Up);
        let area: f64 = (0..8).map(|bin| double_area(&cells.polygon(bin)) / 2.0).sum();
        assert!((area / (25.0 * PI) - 1.0).abs() < 1e-4, "{area}");
        // Ahead is between the sectors that end and begin with angle 0; left of it are the angles above.
        assert_eq!(cells.bin_at(-0.1, 1.0), Some(2));
        assert_eq!(cells.bin_at(0.1, 4.0), Some(5));
        let right = wedges(&grid, 8, Zero::Right);
        assert_eq!(right.bin_at(1.0, 0.1), Some(2));
        assert_eq!(right.bin_at(0.0, 5.1), None);
    }
}
