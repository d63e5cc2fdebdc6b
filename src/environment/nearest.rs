//! The nearest of many points: a k-d tree without pointers.

use crate::order::order;

/// Points ordered so that the middle of every range splits it, by x and y in turn.
#[derive(Debug, Clone)]
pub(super) struct Nearest {
    points: Vec<([f64; 2], u32)>,
}

impl Nearest {
    /// Points with a number each. Built in O(n log² n), whatever their distribution.
    pub fn new(mut points: Vec<([f64; 2], u32)>) -> Self {
        split(&mut points, 0);
        Self { points }
    }

    /// The number of the nearest point and its distance. Points for which `skip` holds do not count.
    pub fn find(&self, place: [f64; 2], skip: impl Fn(u32) -> bool) -> Option<(u32, f64)> {
        let mut best = None;
        search(&self.points, 0, place, &skip, &mut best);
        best.map(|(number, squared): (u32, f64)| (number, squared.sqrt()))
    }
}

fn split(points: &mut [([f64; 2], u32)], axis: usize) {
    if points.len() < 2 {
        return;
    }
    let middle = points.len() / 2;
    let sorted = order(points.len(), &mut |a, b| points[a].0[axis].total_cmp(&points[b].0[axis]));
    let sorted: Vec<_> = sorted.into_iter().map(|at| points[at]).collect();
    points.copy_from_slice(&sorted);
    let (left, right) = points.split_at_mut(middle);
    split(left, 1 - axis);
    split(&mut right[1..], 1 - axis);
}

fn search(
    points: &[([f64; 2], u32)],
    axis: usize,
    place: [f64; 2],
    skip: &impl Fn(u32) -> bool,
    best: &mut Option<(u32, f64)>,
) {
    let middle = points.len() / 2;
    let Some((point, number)) = points.get(middle).copied() else { return };
    let squared = (place[0] - point[0]).powi(2) + (place[1] - point[1]).powi(2);
    if !skip(number) && best.is_none_or(|(_, least)| squared < least) {
        *best = Some((number, squared));
    }
    let across = place[axis] - point[axis];
    let (near, far) = if across < 0.0 {
        (&points[..middle], &points[middle + 1..])
    } else {
        (&points[middle + 1..], &points[..middle])
    };
    search(near, 1 - axis, place, skip, best);
    if best.is_none_or(|(_, least)| across * across <= least) {
        search(far, 1 - axis, place, skip, best);
    }
}
