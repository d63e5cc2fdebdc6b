//! Clips convex polygons by straight lines.

/// The part of a convex polygon on one side of a line: where `(position - on) · normal` is not below zero.
///
/// Sutherland and Hodgman, "Reentrant polygon clipping", Communications of the ACM 17 (1974), for one edge. The parts of a polygon
/// that is not convex stay connected by edges along the line.
pub(super) fn clip(polygon: &[[f64; 2]], on: [f64; 2], normal: [f64; 2]) -> Vec<[f64; 2]> {
    let height = |place: &[f64; 2]| (place[0] - on[0]) * normal[0] + (place[1] - on[1]) * normal[1];
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (i, to) in polygon.iter().enumerate() {
        let from = &polygon[(i + polygon.len() - 1) % polygon.len()];
        let (before, after) = (height(from), height(to));
        if (before < 0.0) != (after < 0.0) {
            // Always from the lower end, so that neighbours cut a shared edge at the same position.
            let (low, high, share) = if before < 0.0 {
                (from, to, before / (before - after))
            } else {
                (to, from, after / (after - before))
            };
            kept.push([0, 1].map(|axis| low[axis] + (high[axis] - low[axis]) * share));
        }
        if after >= 0.0 {
            kept.push(*to);
        }
    }
    kept
}

/// Makes corners equal that differ only by rounding, so that polygons which were cut separately share them.
pub(super) fn weld(polygons: &mut [Vec<[f64; 2]>]) {
    let largest = polygons.iter().flatten().flatten().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    // A power of two, so that multiples of it stay exact.
    let quantum = f64::exp2((largest * 1e-10).log2().ceil());
    if quantum.is_normal() {
        for v in polygons.iter_mut().flatten().flatten() {
            *v = (*v / quantum).round() * quantum;
        }
    }
}

/// Twice the area, above zero where corners run counter-clockwise.
pub(super) fn double_area(polygon: &[[f64; 2]]) -> f64 {
    let Some([x, y]) = polygon.first().copied() else { return 0.0 };
    let cross = |pair: &[[f64; 2]]| (pair[0][0] - x) * (pair[1][1] - y) - (pair[1][0] - x) * (pair[0][1] - y);
    polygon.windows(2).map(cross).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];

    #[test]
    fn a_square_is_cut_in_two() {
        let left = clip(&SQUARE, [0.5, 7.0], [-1.0, 0.0]);
        let right = clip(&SQUARE, [0.5, 7.0], [1.0, 0.0]);
        assert_eq!((double_area(&left), double_area(&right)), (2.0, 6.0));
        assert_eq!(double_area(&clip(&SQUARE, [1.0, 1.0], [1.0, 1.0])), 4.0);
    }

    #[test]
    fn nothing_or_all_may_be_left() {
        assert_eq!(clip(&SQUARE, [0.0, 0.0], [1.0, 0.0]), SQUARE);
        assert_eq!(clip(&SQUARE, [3.0, 0.0], [1.0, 0.0]), Vec::<[f64; 2]>::new());
        assert_eq!(clip(&[], [3.0, 0.0], [1.0, 0.0]), Vec::<[f64; 2]>::new());
    }
}
