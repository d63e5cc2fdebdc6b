use std::ops::Range;

use super::{BlockId, Camera};
use replayscope_session::colormap::Palette;
use replayscope_session::projection::Projection;

/// Everything one picture shows. It owns no pixels.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Where one looks.
    pub camera: Camera,
    /// Behind everything: sRGB and alpha. A canvas shows it on black where alpha is below 255.
    pub background: [u8; 4],
    /// Bottom to top.
    pub fields: Vec<FieldPass>,
    /// Colour of the bins' borders, one device pixel wide, if they are drawn: sRGB and alpha.
    pub borders: Option<[u8; 4]>,
    /// Insides of regions, above the fields, bottom to top.
    pub fills: Vec<Fill>,
    /// Above the fields, bottom to top.
    pub overlays: Vec<PositionPass>,
}

impl Picture {
    /// Nothing but a background.
    pub fn new(camera: Camera, background: [u8; 4]) -> Self {
        let (fields, fills, overlays) = (Vec::new(), Vec::new(), Vec::new());
        Self { camera, background, fields, borders: None, fills, overlays }
    }
}

/// The inside of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Which of those that were given to the renderer.
    pub region: usize,
    /// sRGB and alpha.
    pub color: [u8; 4],
}

/// Some frames of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames {
    /// The block that holds them.
    pub block: BlockId,
    /// Which, counted from the block's first.
    pub rows: Range<u32>,
}

/// One field at one frame, or at several.
#[derive(Debug, Clone)]
pub struct FieldPass {
    /// What is shown, in order of time; no part is empty.
    pub frames: Vec<Frames>,
    /// How several frames become one.
    pub projection: Projection,
    /// From values to colours.
    pub palette: Palette,
    /// 0 to 1.
    pub opacity: f32,
}

impl FieldPass {
    /// The block and the row that are drawn as they are; `None` where frames have to be folded first.
    pub fn single(&self) -> Option<(BlockId, u32)> {
        let last = self.frames.last()?;
        let one = self.frames.len() == 1 && last.rows.len() == 1;
        (one || self.projection == Projection::Last).then(|| (last.block, last.rows.end.saturating_sub(1)))
    }
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
