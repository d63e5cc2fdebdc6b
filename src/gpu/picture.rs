use super::{BlockId, Camera};
use crate::colormap::Lut;

/// Everything one picture shows. It borrows, and owns no pixels.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// Where one looks.
    pub camera: Camera,
    /// Behind everything: sRGB and alpha. A canvas shows it on black where alpha is below 255.
    pub background: [u8; 4],
    /// Bottom to top.
    pub fields: Vec<FieldPass<'a>>,
    /// Above the fields, bottom to top.
    pub overlays: Vec<PositionPass>,
}

/// One field at one frame.
#[derive(Debug, Clone, Copy)]
pub struct FieldPass<'a> {
    /// The block that holds the frame.
    pub block: BlockId,
    /// The frame, counted from the block's first.
    pub row: u32,
    /// Values of the lowest and the highest colour, in order.
    pub limits: [f32; 2],
    /// Exponent; see [`Scale`](crate::colormap::Scale).
    pub gamma: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// The colours.
    pub lut: &'a Lut,
    /// Colour of NaN: sRGB and alpha.
    pub no_data: [u8; 4],
}

/// A position: a dot with the way it came.
#[derive(Debug, Clone)]
pub struct PositionPass {
    /// sRGB.
    pub color: [u8; 3],
    /// 0 to 1.
    pub opacity: f32,
    /// Of the dot without its outline, device pixels.
    pub diameter: f32,
    /// Device pixels.
    pub trail_width: f32,
    /// Oldest first.
    pub trail: Vec<TrailPoint>,
    /// Now, environment units; `None` (or NaN): not drawn.
    pub dot: Option<[f64; 2]>,
}

/// One point of a trail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrailPoint {
    /// Environment units; a point that is not finite is left out, and breaks the line.
    pub position: [f64; 2],
    /// 0 to 1.
    pub alpha: f32,
    /// No line leads here from the point before: the position was unknown in between.
    pub breaks: bool,
}
