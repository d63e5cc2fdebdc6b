/// Where in the environment one looks, and how closely.
///
/// Before it is turned, y points up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// What lies in the middle of the viewport, environment units.
    pub center: [f64; 2],
    /// Environment units per device pixel, of x and of y; above zero, and the same unless each axis fits the picture by itself.
    ///
    /// Bins stay within half a pixel of where they belong while the environment is at most some 4 million pixels wide:
    /// its vertices are f32.
    pub units_per_pixel: [f64; 2],
    /// Quarter turns of the picture, counter-clockwise.
    pub turns: u8,
}

impl Camera {
    /// Where `position` (environment units) falls in a viewport of `size` device pixels, from its top left corner.
    ///
    /// Pixel (i, j) covers i..i+1 and j..j+1; its centre is at (i + 0.5, j + 0.5).
    pub fn to_pixel(&self, size: [u32; 2], position: [f64; 2]) -> [f64; 2] {
        let [width, height] = size.map(f64::from);
        let offset = [0, 1].map(|axis| (position[axis] - self.center[axis]) / self.units_per_pixel[axis]);
        let [right, up] = turn(offset, self.turns);
        [width / 2.0 + right, height / 2.0 - up]
    }

    /// The inverse of [`Camera::to_pixel`], of any unit of `size` and `pixel` that the camera is in, CSS pixels too.
    pub fn to_position(&self, [width, height]: [f64; 2], pixel: [f64; 2]) -> [f64; 2] {
        let offset = turn([pixel[0] - width / 2.0, height / 2.0 - pixel[1]], 4 - self.turns % 4);
        [0, 1].map(|axis| self.center[axis] + offset[axis] * self.units_per_pixel[axis])
    }
}

/// A vector, turned by quarters counter-clockwise.
pub(super) fn turn([x, y]: [f64; 2], turns: u8) -> [f64; 2] {
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
