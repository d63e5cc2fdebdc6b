use std::ops::Range;

use crate::block_id::BlockId;
use crate::camera::Camera;
use crate::fold::Fold;
use crate::transfer::TransferFunction;

/// What to draw, without any pixels: fields at the bottom, then borders, region fills, and positions on top.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The part of the environment that is shown.
    pub camera: Camera,
    /// Colour behind everything: sRGB bytes and alpha. A canvas shows it on black where alpha is below 255.
    pub background: [u8; 4],
    /// Fields, bottom to top.
    pub fields: Vec<FieldPass>,
    /// Colour of the bins' borders, which are one pixel wide: sRGB bytes and alpha. `None`: no borders.
    pub borders: Option<[u8; 4]>,
    /// Insides of regions, bottom to top.
    pub fills: Vec<RegionFill>,
    /// Positions and outlines, bottom to top.
    pub overlays: Vec<PositionPass>,
}

impl Picture {
    /// A picture of nothing but a background.
    pub fn new(camera: Camera, background: [u8; 4]) -> Self {
        let (fields, fills, overlays) = (Vec::new(), Vec::new(), Vec::new());
        Self { camera, background, fields, borders: None, fills, overlays }
    }
}

/// The inside of a region in one colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionFill {
    /// Index into the list that was given to [`Renderer::set_regions`](crate::Renderer::set_regions).
    pub region: usize,
    /// sRGB bytes and alpha.
    pub color: [u8; 4],
}

/// Consecutive rows of a block, each one frame of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRows {
    /// The block, which must be resident.
    pub block: BlockId,
    /// Half-open interval of rows, counted from the block's first.
    pub rows: Range<u32>,
}

/// One field at one frame, or at several that are folded into one.
#[derive(Debug, Clone)]
pub struct FieldPass {
    /// The frames that are shown, in order of time. No interval of rows is empty.
    pub frames: Vec<BlockRows>,
    /// How several frames become one.
    pub fold: Fold,
    /// From values to colours.
    pub transfer: TransferFunction,
    /// 0 (invisible) to 1 (opaque).
    pub opacity: f32,
}

impl FieldPass {
    /// The block and the row that is drawn as it is stored; `None` where frames have to be folded first.
    pub(crate) fn single(&self) -> Option<(BlockId, u32)> {
        let last = self.frames.last()?;
        let one = self.frames.len() == 1 && last.rows.len() == 1;
        (one || self.fold == Fold::Last).then(|| (last.block, last.rows.end.saturating_sub(1)))
    }
}

/// A dot and a line in one colour: a position with the trail that leads to it, the outline of a region or of a bin.
#[derive(Debug, Clone)]
pub struct PositionPass {
    /// sRGB bytes.
    pub color: [u8; 3],
    /// 0 (invisible) to 1 (opaque).
    pub opacity: f32,
    /// Diameter of the dot without the ring around it, in pixels; at least 1 is drawn.
    pub diameter: f32,
    /// Width of the trail in pixels; at least 1 is drawn.
    pub trail_width: f32,
    /// Points of the trail, the oldest first.
    pub trail: Vec<TrailPoint>,
    /// Position of the dot, environment units. `None`, or a coordinate that is not finite: no dot.
    pub dot: Option<[f64; 2]>,
}

/// One point of a trail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrailPoint {
    /// Position in environment units. A point with a coordinate that is not finite is left out, and interrupts the line.
    pub position: [f64; 2],
    /// Opacity at this point, 0 to 1, times that of the pass.
    pub alpha: f32,
    /// Whether the line is interrupted before this point, as the positions in between are not known.
    pub breaks: bool,
}
