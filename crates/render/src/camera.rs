/// Which part of the environment a viewport shows, at which scale and turned how far.
///
/// Without a turn, x points right and y up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// The position in the middle of the viewport; environment units.
    pub center: [f64; 2],
    /// Environment units per pixel, along x and along y; above zero. The two differ only where each axis is fitted to the
    /// viewport by itself.
    ///
    /// Vertices are float32, so bins are drawn within half a pixel of their position only while the environment is at most about
    /// 4 million pixels wide.
    pub units_per_pixel: [f64; 2],
    /// Quarter turns of the picture, counter-clockwise; 4 are as none.
    pub turns: u8,
}

impl Camera {
    /// The pixel coordinates of `position` (environment units) in a viewport of `size` pixels (width, height), counted from its
    /// top left corner.
    ///
    /// Pixel (i, j) covers i..i+1 and j..j+1; its centre is at (i + 0.5, j + 0.5).
    pub fn to_pixel(&self, size: [u32; 2], position: [f64; 2]) -> [f64; 2] {
        let [width, height] = size.map(f64::from);
        let offset = [0, 1].map(|axis| (position[axis] - self.center[axis]) / self.units_per_pixel[axis]);
        let [right, up] = turn(offset, self.turns);
        [width / 2.0 + right, height / 2.0 - up]
    }

    /// The position (environment units) at `pixel` in a viewport of that size: the inverse of [`Camera::to_pixel`]. The size is
    /// given in floats, as CSS pixels may be fractions; both are in the pixels that `units_per_pixel` counts.
    pub fn to_position(&self, [width, height]: [f64; 2], pixel: [f64; 2]) -> [f64; 2] {
        let offset = turn([pixel[0] - width / 2.0, height / 2.0 - pixel[1]], 4 - self.turns % 4);
        [0, 1].map(|axis| self.center[axis] + offset[axis] * self.units_per_pixel[axis])
    }
}

/// Turns a vector counter-clockwise by quarter turns.
pub(crate) fn turn([x, y]: [f64; 2], turns: u8) -> [f64; 2] {
    match turns % 4 {
        0 => [x, y],
        1 => [-y, x],
        2 => [-x, -y],
        _ => [y, -x],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_up_and_back_again() {
        let camera = Camera { center: [10.0, -5.0], units_per_pixel: [0.25; 2], turns: 0 };
        assert_eq!(camera.to_pixel([101, 50], [10.0, -5.0]), [50.5, 25.0]);
        assert_eq!(camera.to_pixel([101, 50], [11.0, -4.0]), [54.5, 21.0]);
        assert_eq!(camera.to_position([101.0, 50.0], [54.5, 21.0]), [11.0, -4.0]);
    }

    #[test]
    fn each_axis_has_its_own_scale_however_it_is_turned() {
        let right_or_up = [[52.5, 25.0], [50.5, 23.0], [48.5, 25.0], [50.5, 27.0]];
        for (turns, pixel) in (0..4).zip(right_or_up) {
            let camera = Camera { center: [10.0, -5.0], units_per_pixel: [0.5, 4.0], turns };
            assert_eq!(camera.to_pixel([101, 50], [11.0, -5.0]), pixel, "{turns}");
            let [x, y] = camera.to_pixel([101, 50], [10.0, 3.0]);
            assert_eq!((x - 50.5).abs() + (y - 25.0).abs(), 2.0, "8 units of y: {turns}");
            assert_eq!(camera.to_position([101.0, 50.0], [x, y]), [10.0, 3.0], "{turns}");
        }
    }

    #[test]
    fn a_quarter_turn_lifts_what_was_right() {
        let up = [[54.5, 25.0], [50.5, 21.0], [46.5, 25.0], [50.5, 29.0]];
        for (turns, pixel) in (0..4).zip(up) {
            let camera = Camera { center: [10.0, -5.0], units_per_pixel: [0.25; 2], turns };
            assert_eq!(camera.to_pixel([101, 50], [11.0, -5.0]), pixel, "{turns}");
            assert_eq!(camera.to_position([101.0, 50.0], pixel), [11.0, -5.0], "{turns}");
        }
    }
}
