//! The size of the canvas.

/// Longest side of a picture in pixels, which every WebGPU device can draw.
const MAX_SIDE: f64 = 8192.0;

/// Size of the canvas.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CanvasSize {
    /// Width and height in CSS pixels.
    pub css: [f64; 2],
    /// Device pixels in one CSS pixel.
    pub dpr: f64,
}

impl CanvasSize {
    /// Drawn pixels in one CSS pixel: fewer than `dpr` where a side would be longer than every device can draw. Both sides have the
    /// same scale, so that the browser enlarges the picture and does not stretch it.
    pub fn scale(&self) -> f64 {
        let longest = self.css[0].max(self.css[1]) * self.dpr;
        self.dpr * (MAX_SIDE / longest).min(1.0)
    }

    /// Width and height of the drawn picture in pixels.
    pub fn device(&self) -> [u32; 2] {
        self.css.map(|side| (side * self.scale()).round() as u32)
    }
}
