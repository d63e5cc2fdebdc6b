//! From the state and the cached chunks to the picture that the renderer draws.

use std::ops::Range;
use std::rc::Rc;

use replayscope_json::number::clamp;
use replayscope_render::{BlockId, BlockRows, FieldPass, MAX_BLOCK_BYTES, Picture, PositionPass, TrailPoint};
use replayscope_session::{Overlay, Role};
use replayscope_zarr::array::Decoded;

use crate::frame_request::{FrameRequest, Rows, needed_fields, trail_samples};
use crate::readiness::{is_ready, preview};
use crate::render_types::fold;
use crate::view::{Layer, Look};
use crate::viewer::{Open, Viewer};

/// A trail is drawn with at most this many points; a longer one is thinned, never cut.
const TRAIL_POINTS: u64 = 2048;

/// A picture and the values that it needs on the GPU.
pub struct Drawing {
    /// The frames that the picture shows; `None` while it is only the background.
    pub request: Option<FrameRequest>,
    /// The passes to draw.
    pub picture: Picture,
    /// Rows of chunks that must be on the GPU for the picture.
    pub blocks: Vec<Block>,
}

/// Rows of a decoded chunk that are uploaded as one block.
pub struct Block {
    /// The block's id on the GPU.
    pub id: BlockId,
    /// The decoded chunk.
    pub chunk: Rc<Decoded>,
    /// The chunk's rows that the block holds.
    pub rows: Range<usize>,
}

impl Viewer {
    /// Marks the picture as out of date, e.g. after a lost device.
    pub fn redraw(&mut self) {
        self.dirty = true;
    }

    /// The picture to present now; `None` where the one on screen is up to date or there is no graphics device.
    pub fn next_drawing(&self) -> Option<Drawing> {
        (self.dirty && self.screen.drawable)
            .then(|| self.drawing(self.canvas.device(), self.canvas.scale(), false))
    }

    /// The current view at another size in pixels.
    pub fn drawing_at(&mut self, size: [u32; 2]) -> Drawing {
        self.offscreen = Some(size);
        let scale = if self.canvas.css[0] > 0.0 { f64::from(size[0]) / self.canvas.css[0] } else { 1.0 };
        self.drawing(size, scale, true)
    }

    /// The picture at `size` pixels. `scale` is pixels per CSS pixel; `shown` draws the displayed frame rather than the requested one.
    fn drawing(&self, size: [u32; 2], scale: f64, shown: bool) -> Drawing {
        let camera = self.camera(size);
        let [red, green, blue] = self.state.scene.background;
        let picture = Picture::new(camera, [red, green, blue, 0xff]);
        let mut drawing = Drawing { request: None, picture, blocks: Vec::new() };
        let Some(open) = &self.open else { return drawing };
        let next = if shown {
            None
        } else if is_ready(open, &self.state, &open.requested) {
            Some(open.requested.clone())
        } else {
            // Playback keeps its last picture while it waits; a scrub shows a preview at once.
            preview(open, &self.state).filter(|_| !self.clock.is_playing())
        };
        let Some(request) = next.or_else(|| open.displayed.clone()) else { return drawing };
        for field in needed_fields(&open.session, &self.state) {
            self.add_field(open, field, &request, &mut drawing);
        }
        self.add_marks(open, scale, &mut drawing.picture);
        let time = open.session.time.time_of(request.frame);
        for (i, overlay) in open.session.overlays.iter().enumerate() {
            let layer = self.state.layers.get(open.session.overlay_layer(i));
            let Some(layer) = layer.filter(|layer| layer.visible) else { continue };
            let mut pass = position_pass(open, Role::Overlay(i), overlay, time, layer, scale);
            if self.state.scene.linearised
                && let Some(pass) = &mut pass
            {
                Self::place(open, pass);
            }
            drawing.picture.overlays.extend(pass);
        }
        drawing.request = Some(request);
        drawing
    }

    fn add_field(&self, open: &Open, field: usize, request: &FrameRequest, drawing: &mut Drawing) {
        let layer = &self.state.layers[field];
        let Look::Field(coloring) = &layer.look else { return };
        let mut frames = Vec::new();
        for Rows { chunk: id, rows } in request.rows(&open.session, field, self.state.projection) {
            // A layer whose chunk is not loaded yet is left out.
            let Some(chunk) = open.loader.get(id) else { return };
            let rows_per_block = (MAX_BLOCK_BYTES / chunk.values.row_bytes().max(1)).max(1);
            let mut row = rows.start as usize;
            while row < rows.end as usize {
                let block = row / rows_per_block;
                let rows_of = block * rows_per_block..((block + 1) * rows_per_block).min(chunk.values.rows());
                let end = rows_of.end.min(rows.end as usize);
                let id = BlockId { array: id.array, chunk: id.index, block: block as u32 };
                let first = rows_of.start;
                frames.push(BlockRows { block: id, rows: (row - first) as u32..(end - first) as u32 });
                drawing.blocks.push(Block { id, chunk: chunk.clone(), rows: rows_of });
                row = end.max(row + 1);
            }
        }
        let palette = coloring.palette(self.limits_of(field, Some(request)).map(|limit| limit as f32));
        drawing.picture.fields.push(FieldPass {
            frames,
            fold: fold(self.state.projection),
            transfer: self.thresholds.borrow_mut().transfer_function(&palette),
            opacity: layer.opacity as f32,
        });
    }

    /// Cached frames of the top visible field: half-open intervals `[first, end)`, ascending.
    pub fn buffered(&self) -> Vec<[u64; 2]> {
        let Some(open) = &self.open else { return Vec::new() };
        let Some(field) = needed_fields(&open.session, &self.state).next_back() else { return Vec::new() };
        let array = &open.session.fields[field].array;
        let mut spans: Vec<[u64; 2]> = Vec::new();
        for id in open.loader.resident().into_iter().filter(|id| open.session.field_of(*id) == Some(field)) {
            let frames = array.frames_of(id.index);
            match spans.last_mut() {
                Some(last) if last[1] == frames.start => last[1] = frames.end,
                _ => spans.push([frames.start, frames.end]),
            }
        }
        spans
    }
}

/// An overlay's dot at `time` by linear interpolation, and the samples before it as a trail that fades with age.
fn position_pass(
    open: &Open,
    role: Role,
    overlay: &Overlay,
    time: f64,
    layer: &Layer,
    scale: f64,
) -> Option<PositionPass> {
    let samples = trail_samples(overlay, time);
    let sample = |index: u64| -> Option<[f64; 2]> {
        let id = open.session.chunk_id(role, index);
        let chunk = open.loader.get(id)?;
        let row = (index - overlay.array.frames_of(id.index).start) as usize;
        let [x, y] = [chunk.values.get(row, 0)?, chunk.values.get(row, 1)?];
        Some([f64::from(x), f64::from(y)]).filter(|position| position.iter().all(|c| c.is_finite()))
    };
    let before = overlay.time.frame_at(time);
    let (since, until) = (overlay.time.time_of(before), overlay.time.time_of(samples.end));
    // Outside its own recording an overlay has no position.
    let inside = time >= overlay.time.start() && time <= overlay.time.stop();
    let dot = inside.then(|| sample(before)).flatten().and_then(|from| {
        let part = if until > since { clamp((time - since) / (until - since), 0.0, 1.0) } else { 0.0 };
        if part == 0.0 {
            return Some(from);
        }
        let to = sample(samples.end)?;
        Some([0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part))
    });

    let mut trail = Vec::new();
    let mut breaks = true;
    let step = ((before.saturating_sub(samples.start)) / TRAIL_POINTS + 1) as usize;
    let stamps =
        (samples.start..=before).step_by(step).map(|index| (overlay.time.time_of(index), sample(index)));
    for (stamp, position) in stamps.chain(dot.map(|dot| (time, Some(dot)))) {
        let age = (time - stamp) / overlay.trail_length;
        match position {
            Some(position) if overlay.trail_length > 0.0 && (0.0..=1.0).contains(&age) => {
                trail.push(TrailPoint { position, alpha: (1.0 - age) as f32, breaks });
                breaks = false;
            }
            Some(_) => {}
            None => breaks = true,
        }
    }
    (dot.is_some() || trail.len() > 1).then(|| PositionPass {
        color: overlay.color,
        opacity: layer.opacity as f32,
        diameter: overlay.size * scale as f32,
        trail_width: (overlay.size * 0.3).max(1.5) * scale as f32,
        trail,
        dot,
    })
}
