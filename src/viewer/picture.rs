//! From state and resident chunks to what the GPU draws.

use std::ops::Range;
use std::rc::Rc;

use replayscope_render::{
    BlockId, BlockRows, Camera, FieldPass, MAX_BLOCK_BYTES, Picture, PositionPass, TrailPoint,
};

use super::conversion::fold;
use super::shot::{Rows, Shot, is_ready, needed_fields, preview};
use super::{Open, Viewer};
use replayscope_zarr::array::Decoded;
use replayscope_json::number::clamp;
use replayscope_session::colormap;
use replayscope_json::Json;
use replayscope_session::{Overlay, Session};
use crate::view::{Camera as ViewCamera, Coloring, Layer, Limits, Look, Space, ViewState};

/// Room around the environment at zoom 1.
const MARGIN: f64 = 1.06;
/// A trail is drawn with at most this many points; a longer one is thinned, never cut.
const TRAIL_POINTS: u64 = 2048;
/// Longest side of a picture in pixels: what every WebGPU device can draw.
const MAX_SIDE: f64 = 8192.0;

/// Size of the canvas.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Layout {
    /// Width and height in CSS pixels.
    pub css: [f64; 2],
    /// Device pixels in one CSS pixel.
    pub dpr: f64,
}

impl Layout {
    /// Pixels that are drawn in one CSS pixel: fewer than there are where a side would be longer than any device draws. Of both
    /// sides alike, so that the browser enlarges the picture and does not stretch it.
    pub fn scale(&self) -> f64 {
        let longest = self.css[0].max(self.css[1]) * self.dpr;
        self.dpr * (MAX_SIDE / longest).min(1.0)
    }

    /// Width and height of what is drawn, in pixels.
    pub fn device(&self) -> [u32; 2] {
        self.css.map(|side| (side * self.scale()).round() as u32)
    }
}

/// One picture and the values it needs on the GPU.
pub struct Drawing {
    /// The frames it shows; `None` when nothing is there yet but the background.
    pub shot: Option<Shot>,
    /// What to draw.
    pub picture: Picture,
    /// Rows of chunks that must be resident for it.
    pub blocks: Vec<Block>,
}

/// Some rows of a decoded chunk, as they are uploaded.
pub struct Block {
    /// Its name on the GPU.
    pub id: BlockId,
    /// The chunk.
    pub chunk: Rc<Decoded>,
    /// Which of its rows.
    pub rows: Range<usize>,
}

/// The state a session opens with.
pub fn initial_state(session: &Session) -> ViewState {
    let fields = session.fields.iter().enumerate().map(|(i, field)| {
        let known = field.colormap.clone().filter(|name| colormap::all().any(|(known, _)| known == name));
        let limits = field.limits.filter(|[low, high]| low.is_finite() && high.is_finite() && low < high);
        let usual = Coloring::default();
        let coloring = Coloring {
            colormap: known.unwrap_or(usual.colormap),
            limits: limits.map_or(usual.limits, |limits| Limits::Given(limits.map(Some))),
            ..usual
        };
        // Fields lie on top of each other; the first is what people come for.
        let look = Look::Field(coloring);
        Layer { look, visible: i == 0, ..Layer::field(&field.name) }
    });
    let regions = session.environment.regions.iter().map(|region| Layer::region(&region.name));
    let overlays = session.overlays.iter().map(|overlay| Layer::position(&overlay.name));
    let environment = &session.environment;
    let space = Space {
        bins: environment.bins(),
        bounds: environment.bounds(),
        linearised: environment.linearised.as_ref().map(|strip| strip.bounds()),
    };
    ViewState::new(session.time.start(), space, fields.chain(regions).chain(overlays).collect())
}

/// Samples of a trail: a day at 50 Hz. Each is read to be drawn.
const MOST_SAMPLES: u64 = 1 << 22;

/// The overlay's samples that a picture at `time` needs: the trail, the dot's, and the next one to interpolate to.
/// `end` is the last needed sample itself.
pub fn trail_samples(overlay: &Overlay, time: f64) -> Range<u64> {
    let first = overlay.time.frame_at(time - overlay.trail_length);
    let last = (overlay.time.frame_at(time) + 1).min(overlay.array.frames() - 1);
    first.max(last.saturating_sub(MOST_SAMPLES))..last
}

impl Viewer {
    /// Changes the canvas's size; zero is allowed and draws nothing.
    pub fn resize(&mut self, layout: Layout) {
        self.dirty |= self.layout != layout;
        self.layout = layout;
    }

    /// The canvas's size.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Marks the picture as out of date, e.g. after a lost device.
    pub fn redraw(&mut self) {
        self.dirty = true;
    }

    /// The picture to present now, if the one on screen is out of date and there is something to draw with.
    pub fn next_drawing(&self) -> Option<Drawing> {
        (self.dirty && self.screen.drawable)
            .then(|| self.drawing(self.layout.device(), self.layout.scale(), false))
    }

    /// The current view at another size.
    pub fn drawing_at(&mut self, size: [u32; 2]) -> Drawing {
        self.offscreen = Some(size);
        let scale = if self.layout.css[0] > 0.0 { f64::from(size[0]) / self.layout.css[0] } else { 1.0 };
        self.drawing(size, scale, true)
    }

    /// `scale` is pixels in one CSS pixel; `shown` asks for what is on screen rather than what it is about to be.
    fn drawing(&self, size: [u32; 2], scale: f64, shown: bool) -> Drawing {
        let camera = self.camera(size);
        let [red, green, blue] = self.state.scene.background;
        let picture = Picture::new(camera, [red, green, blue, 0xff]);
        let mut drawing = Drawing { shot: None, picture, blocks: Vec::new() };
        let Some(open) = &self.open else { return drawing };
        let next = if shown {
            None
        } else if is_ready(open, &self.state, &open.requested) {
            Some(open.requested.clone())
        } else {
            // Playback waits with its last picture; a scrub goes to what is there at once.
            preview(open, &self.state).filter(|_| !self.clock.is_playing())
        };
        let Some(shot) = next.or_else(|| open.displayed.clone()) else { return drawing };
        for field in needed_fields(&open.session, &self.state) {
            self.add_field(open, field, &shot, &mut drawing);
        }
        self.add_marks(open, scale, &mut drawing.picture);
        let time = open.session.time.time_of(shot.frame);
        for (i, overlay) in open.session.overlays.iter().enumerate() {
            let array = open.session.fields.len() + i;
            let layer = self.state.layers.get(open.session.overlay_layer(i));
            let Some(layer) = layer.filter(|layer| layer.visible) else { continue };
            let mut pass = position_pass(open, array as u32, overlay, time, layer, scale);
            if self.state.scene.linearised
                && let Some(pass) = &mut pass
            {
                Self::place(open, pass);
            }
            drawing.picture.overlays.extend(pass);
        }
        drawing.shot = Some(shot);
        drawing
    }

    fn add_field(&self, open: &Open, field: usize, shot: &Shot, drawing: &mut Drawing) {
        let layer = &self.state.layers[field];
        let Look::Field(coloring) = &layer.look else { return };
        let mut frames = Vec::new();
        for Rows { chunk: id, rows } in shot.rows(&open.session, field, self.state.projection) {
            // Not there yet, though another layer of the picture is: this one is left out.
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
        let palette = coloring.palette(self.limits_of(field, Some(shot)).map(|limit| limit as f32));
        drawing.picture.fields.push(FieldPass {
            frames,
            fold: fold(self.state.projection),
            transfer: self.thresholds.borrow_mut().transfer_function(&palette),
            opacity: layer.opacity as f32,
        });
    }

    pub(super) fn camera(&self, size: [u32; 2]) -> Camera {
        if self.open.is_none() {
            return Camera { center: [0.0; 2], units_per_pixel: [1.0; 2], turns: 0 };
        }
        let turns = self.state.camera.turns();
        let [across, up] = if turns.is_multiple_of(2) { size } else { [size[1], size[0]] };
        let bounds = self.state.bounds();
        let fit = |range: [f64; 2], pixels: u32| (range[1] - range[0]) / f64::from(pixels.max(1));
        let fits = [fit(bounds.x, across), fit(bounds.y, up)];
        let units = fits[0].max(fits[1]);
        // One bin, or bins on one point, have no extent; any scale shows them.
        let units = if units > 0.0 { units } else { 1.0 / f64::from(size[0].max(1)) };
        let own = |fit: f64| if self.state.scene.fit_axes && fit > 0.0 { fit } else { units };
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        Camera { center: [x, y], units_per_pixel: fits.map(|fit| own(fit) * MARGIN / zoom), turns }
    }

    pub(super) fn camera_in_css(&self) -> Camera {
        let device = self.camera(self.layout.device());
        Camera { units_per_pixel: device.units_per_pixel.map(|units| units * self.layout.scale()), ..device }
    }

    /// Zooms by `factor` about a point in CSS pixels, which stays where it is.
    pub fn zoom(&mut self, factor: f64, x: f64, y: f64) {
        let fixed = self.unproject(x, y);
        self.move_camera([self.state.camera.x, self.state.camera.y], self.state.camera.zoom * factor);
        let moved = self.unproject(x, y);
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        self.move_camera([x + fixed[0] - moved[0], y + fixed[1] - moved[1]], zoom);
    }

    /// Moves the picture by CSS pixels.
    pub fn pan(&mut self, dx: f64, dy: f64) {
        let [from, to] = [self.unproject(dx, dy), self.unproject(0.0, 0.0)];
        let ViewCamera { x, y, zoom, .. } = self.state.camera;
        self.move_camera([x + to[0] - from[0], y + to[1] - from[1]], zoom);
    }

    /// Shows the whole environment, turned as it is.
    pub fn reset_view(&mut self) {
        if self.open.is_some() {
            let ViewCamera { x, y, zoom, .. } = ViewCamera::whole(self.state.bounds());
            self.move_camera([x, y], zoom);
        }
    }

    fn move_camera(&mut self, [x, y]: [f64; 2], zoom: f64) {
        let camera = Json::object([("x", x.into()), ("y", y.into()), ("zoom", zoom.into())]);
        // Clamped as a link's camera would be; at the end of a zoom that is no news worth telling.
        drop(self.state.patch(&Json::object([("camera", camera)])));
        self.dirty = true;
        self.tell(super::Event::State(self.state.clone()));
    }

    /// Frames in memory for the top visible field: half-open intervals in order.
    pub fn buffered(&self) -> Vec<[u64; 2]> {
        let Some(open) = &self.open else { return Vec::new() };
        let Some(field) = needed_fields(&open.session, &self.state).next_back() else { return Vec::new() };
        let array = &open.session.fields[field].array;
        let mut spans: Vec<[u64; 2]> = Vec::new();
        for id in open.loader.resident().into_iter().filter(|id| id.array as usize == field) {
            let frames = array.frames_of(id.index);
            match spans.last_mut() {
                Some(last) if last[1] == frames.start => last[1] = frames.end,
                _ => spans.push([frames.start, frames.end]),
            }
        }
        spans
    }
}

/// The dot at `time` by linear interpolation, and the samples before it as a trail that fades with age.
fn position_pass(
    open: &Open,
    array: u32,
    overlay: &Overlay,
    time: f64,
    layer: &Layer,
    scale: f64,
) -> Option<PositionPass> {
    let samples = trail_samples(overlay, time);
    let sample = |index: u64| -> Option<[f64; 2]> {
        let per_chunk = overlay.array.chunk_frames();
        let id = crate::chunk::ChunkId { array, index: index / per_chunk };
        let chunk = open.loader.get(id)?;
        let row = (index % per_chunk) as usize;
        let [x, y] = [chunk.values.get(row, 0)?, chunk.values.get(row, 1)?];
        Some([f64::from(x), f64::from(y)]).filter(|position| position.iter().all(|c| c.is_finite()))
    };
    let before = overlay.time.frame_at(time);
    let (since, until) = (overlay.time.time_of(before), overlay.time.time_of(samples.end));
    // Outside its own recording an overlay says nothing.
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
