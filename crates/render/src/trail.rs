//! Turns a trail into segments in pixels, which the shader draws as they are.

use bytemuck::{Pod, Zeroable};

use crate::camera::Camera;
use crate::picture::PositionPass;

/// One straight piece of a trail: `SegmentInput` in `overlay.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Segment {
    /// Pixels from the top left corner.
    pub start: [f32; 2],
    /// Pixels from the top left corner.
    pub end: [f32; 2],
    /// Normal of the line through `start` that divides this segment from the previous one, so that no pixel is painted twice;
    /// zero where the trail begins.
    pub start_plane: [f32; 2],
    /// Normal of the line through `end` that divides this segment from the next one; zero where the trail ends.
    pub end_plane: [f32; 2],
    /// Opacity at start and end, 0 to 1.
    pub alpha: [f32; 2],
    /// Pixels.
    pub half_width: f32,
    /// sRGB bytes; their alpha is not read.
    pub color: [u8; 4],
}

/// A point of a trail on its viewport.
#[derive(Debug, Clone, Copy)]
struct Point {
    pixel: [f64; 2],
    alpha: f32,
}

/// The segments of a pass's trail in a viewport of `size` pixels, the oldest first.
///
/// Points closer together than a pixel (or half the trail's width) are merged: at 500 positions a second most are.
pub(crate) fn segments(pass: &PositionPass, camera: &Camera, size: [u32; 2]) -> Vec<Segment> {
    let width = pass.trail_width.max(1.0);
    let spacing = f64::from(width / 2.0).max(1.0);
    let opacity = pass.opacity.clamp(0.0, 1.0);
    let mut segments = Vec::new();
    let mut line: Vec<Point> = Vec::new();
    let mut skipped: Option<Point> = None;
    let mut finish = |line: &mut Vec<Point>, skipped: &mut Option<Point>| {
        // The last point of a line stays, however close it is to the previous one.
        line.extend(skipped.take());
        join(line, width / 2.0, pass.color, &mut segments);
        line.clear();
    };
    for point in &pass.trail {
        let finite = point.position.iter().all(|coordinate| coordinate.is_finite());
        if point.breaks || !finite {
            finish(&mut line, &mut skipped);
        }
        if !finite {
            continue;
        }
        let pixel = camera.to_pixel(size, point.position);
        let point = Point { pixel, alpha: point.alpha.clamp(0.0, 1.0) * opacity };
        if line.last().is_some_and(|last| distance(last.pixel, pixel) < spacing) {
            skipped = Some(point);
        } else {
            skipped = None;
            line.push(point);
        }
    }
    finish(&mut line, &mut skipped);
    segments
}

/// Appends the segments of one unbroken line.
fn join(line: &[Point], half_width: f32, [red, green, blue]: [u8; 3], segments: &mut Vec<Segment>) {
    let directions: Vec<[f64; 2]> =
        line.windows(2).map(|ends| direction(ends[0].pixel, ends[1].pixel)).collect();
    // The sum of two directions is the normal of the dividing line between their segments; it is zero where a trail turns back.
    let plane =
        |joint: usize| match (joint.checked_sub(1).and_then(|i| directions.get(i)), directions.get(joint)) {
            (Some(before), Some(after)) => [(before[0] + after[0]) as f32, (before[1] + after[1]) as f32],
            _ => [0.0, 0.0],
        };
    for (i, ends) in line.windows(2).enumerate() {
        segments.push(Segment {
            start: ends[0].pixel.map(|pixel| pixel as f32),
            end: ends[1].pixel.map(|pixel| pixel as f32),
            start_plane: plane(i),
            end_plane: plane(i + 1),
            alpha: [ends[0].alpha, ends[1].alpha],
            half_width,
            color: [red, green, blue, 255],
        });
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The unit vector from `a` to `b`; zero where the two are equal.
fn direction(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let length = distance(a, b);
    if length > 0.0 { [(b[0] - a[0]) / length, (b[1] - a[1]) / length] } else { [0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::TrailPoint;

    /// One unit is one pixel, (0, 0) is the middle of 100 × 100.
    const CAMERA: Camera = Camera { center: [0.0, 0.0], units_per_pixel: [1.0; 2], turns: 0 };
    const SIZE: [u32; 2] = [100, 100];

    fn pass(points: &[([f64; 2], bool)]) -> PositionPass {
        let trail = points.iter().map(|&(position, breaks)| TrailPoint { position, alpha: 1.0, breaks });
        PositionPass {
            color: [1, 2, 3],
            opacity: 0.5,
            diameter: 8.0,
            trail_width: 2.0,
            trail: trail.collect(),
            dot: None,
        }
    }

    #[test]
    fn a_line_is_one_segment_less_than_its_points() {
        let made = segments(
            &pass(&[([0.0, 0.0], false), ([10.0, 0.0], false), ([10.0, 10.0], false)]),
            &CAMERA,
            SIZE,
        );
        assert_eq!(made.len(), 2);
        assert_eq!((made[0].start, made[0].end), ([50.0, 50.0], [60.0, 50.0]));
        assert_eq!((made[1].start, made[1].end), ([60.0, 50.0], [60.0, 40.0]));
        assert_eq!((made[0].start_plane, made[1].end_plane), ([0.0; 2], [0.0; 2]));
        assert_eq!(made[0].end_plane, [1.0, -1.0]);
        assert_eq!(made[0].end_plane, made[1].start_plane);
        assert_eq!(made[0].alpha, [0.5, 0.5]);
    }

    #[test]
    fn breaks_and_nan_part_the_line() {
        let made = segments(
            &pass(&[
                ([0.0, 0.0], false),
                ([10.0, 0.0], false),
                ([20.0, 0.0], true),
                ([30.0, 0.0], false),
                ([f64::NAN, 0.0], false),
                ([40.0, 0.0], false),
                ([45.0, 0.0], false),
            ]),
            &CAMERA,
            SIZE,
        );
        let ends: Vec<[f32; 2]> = made.iter().map(|segment| [segment.start[0], segment.end[0]]).collect();
        assert_eq!(ends, [[50.0, 60.0], [70.0, 80.0], [90.0, 95.0]]);
    }

    #[test]
    fn close_points_merge_but_the_last_stays() {
        let points: Vec<_> = (0..=1005).map(|i| ([f64::from(i) * 0.01, 0.0], false)).collect();
        let made = segments(&pass(&points), &CAMERA, SIZE);
        assert!((9..=11).contains(&made.len()), "{}", made.len());
        assert_eq!(made[made.len() - 1].end, [60.05, 50.0]);
    }

    #[test]
    fn nothing_makes_nothing() {
        assert_eq!(segments(&pass(&[]), &CAMERA, SIZE), []);
        assert_eq!(segments(&pass(&[([1.0, 1.0], false)]), &CAMERA, SIZE), []);
        assert_eq!(segments(&pass(&[([f64::INFINITY, 1.0], false); 3]), &CAMERA, SIZE), []);
    }
}
