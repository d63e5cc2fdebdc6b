//! The frames that one picture shows of the session, and which rows of which arrays these take.

use std::ops::Range;

use replayscope_session::projection::Projection;
use replayscope_session::pyramid::pooled_rows;
use replayscope_session::{ChunkId, Overlay, Role, Session};

use crate::view::{Look, ViewState};

/// The frames that a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameRequest {
    /// The frame that the picture is of: the latest one in the direction of playback. Overlays are drawn at its time.
    pub frame: u64,
    /// All frames that the picture shows: `frame` alone, or while playing all since the last picture.
    pub frames: Range<u64>,
    /// The largest pooled block, in frames, that may replace stored frames under [`Projection::Max`]; 1: none may.
    pub pool_frames: u64,
    /// Whether the picture is a preview of `frame`, which is being fetched: the maximum of a pooled block around it.
    pub preview: bool,
}

/// Consecutive rows of an array, all in one chunk of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The chunk.
    pub chunk: ChunkId,
    /// Rows of it, counted from its first.
    pub rows: Range<u64>,
}

impl FrameRequest {
    /// One frame as it is stored.
    pub fn of(frame: u64) -> Self {
        Self { frame, frames: frame..frame + 1, pool_frames: 1, preview: false }
    }

    /// The number of frames.
    pub fn count(&self) -> u64 {
        self.frames.end - self.frames.start
    }

    /// The rows of a field's array and of its levels that together are these frames, in order of time.
    pub fn rows(&self, session: &Session, field: usize, projection: Projection) -> Vec<Rows> {
        let pooled = self.preview || projection == Projection::Max;
        let pools = session.fields[field].pools(if pooled { self.pool_frames } else { 1 });
        let mut all = Vec::new();
        for part in pooled_rows(self.frames.clone(), session.time.frames(), &pools) {
            let role = part.level.map_or(Role::Field(field), |level| Role::Level(field, level));
            let mut next = part.rows.start;
            while next < part.rows.end {
                let chunk = session.chunk_id(role, next);
                let of_chunk = session.array(chunk.array).frames_of(chunk.index);
                let end = part.rows.end.min(of_chunk.end);
                all.push(Rows { chunk, rows: next - of_chunk.start..end - of_chunk.start });
                next = end;
            }
        }
        all
    }
}

/// The visible fields, bottom to top.
pub fn needed_fields<'a>(
    session: &'a Session,
    state: &'a ViewState,
) -> impl DoubleEndedIterator<Item = usize> + 'a {
    (0..session.fields.len()).filter(|field| {
        let layer = state.layers.get(*field);
        layer.is_some_and(|layer| layer.visible && matches!(layer.look, Look::Field(_)))
    })
}

/// Every chunk without which a picture cannot be shown as it is: those of visible fields and overlays.
pub fn needed_chunks(session: &Session, state: &ViewState, request: &FrameRequest) -> Vec<ChunkId> {
    let mut needed = Vec::new();
    for field in needed_fields(session, state) {
        needed.extend(request.rows(session, field, state.projection).into_iter().map(|rows| rows.chunk));
    }
    let time = session.time.time_of(request.frame);
    for (overlay, samples) in session.overlays.iter().enumerate() {
        let layer = state.layers.get(session.overlay_layer(overlay));
        if layer.is_none_or(|layer| !layer.visible) {
            continue;
        }
        let samples = trail_samples(samples, time);
        let [first, last] =
            [samples.start, samples.end].map(|sample| session.chunk_id(Role::Overlay(overlay), sample));
        needed.extend((first.index..=last.index).map(|index| ChunkId { index, ..first }));
    }
    needed
}

/// Most samples of a trail, each of which is read: a day at 50 Hz.
const MOST_SAMPLES: u64 = 1 << 22;

/// The overlay's samples that a picture at `time` seconds needs: the trail's, the dot's, and the next one for interpolation.
/// `end` is the last needed sample itself.
pub fn trail_samples(overlay: &Overlay, time: f64) -> Range<u64> {
    let first = overlay.time.frame_at(time - overlay.trail_length);
    let last = (overlay.time.frame_at(time) + 1).min(overlay.array.frames() - 1);
    first.max(last.saturating_sub(MOST_SAMPLES))..last
}
