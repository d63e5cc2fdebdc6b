//! What one picture shows of the session, and which rows of which arrays that takes.

use std::ops::Range;

use super::Open;
use super::picture::trail_samples;
use crate::chunk::ChunkId;
use crate::view::{Look, ViewState};
use replayscope_session::projection::Projection;
use replayscope_session::pyramid::parts;
use replayscope_session::{Role, Session};

/// What a picture shows of the session.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// The frame that is told, and whose time the overlays are drawn at: the latest on the way.
    pub frame: u64,
    /// All frames of it: that one, or while playing all since the last picture.
    pub frames: Range<u64>,
    /// Blocks of up to so many frames may stand for them, under [`Projection::Max`]; 1: none.
    pub grain: u64,
    /// It stands in for `frame`, which is on its way: the maximum of a pooled block around it.
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

impl Shot {
    /// One frame, as it is.
    pub fn of(frame: u64) -> Self {
        Self { frame, frames: frame..frame + 1, grain: 1, preview: false }
    }

    /// How many frames.
    pub fn count(&self) -> u64 {
        self.frames.end - self.frames.start
    }

    /// The rows of a field's array and of its levels that together are these frames, in order of time.
    pub fn rows(&self, session: &Session, field: usize, projection: Projection) -> Vec<Rows> {
        let pooled = self.preview || projection == Projection::Max;
        let pools = session.fields[field].pools(if pooled { self.grain } else { 1 });
        let mut all = Vec::new();
        for part in parts(self.frames.clone(), session.time.frames(), &pools) {
            let role = part.level.map_or(Role::Field(field), |level| Role::Level(field, level));
            let array = session.number(role);
            let per_chunk = session.array(array).chunk_frames();
            let mut next = part.rows.start;
            while next < part.rows.end {
                let index = next / per_chunk;
                let end = part.rows.end.min((index + 1) * per_chunk);
                let rows = next - index * per_chunk..end - index * per_chunk;
                all.push(Rows { chunk: ChunkId { array, index }, rows });
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

/// The chunk of a field that holds a frame, and the frame's row in it.
pub fn chunk_of(session: &Session, field: usize, frame: u64) -> (ChunkId, usize) {
    let per_chunk = session.fields[field].array.chunk_frames();
    (ChunkId { array: field as u32, index: frame / per_chunk }, (frame % per_chunk) as usize)
}

/// Every chunk without which a picture cannot be shown as it is: those of visible fields and overlays.
pub fn needed_chunks(session: &Session, state: &ViewState, shot: &Shot) -> Vec<ChunkId> {
    let mut needed = Vec::new();
    for field in needed_fields(session, state) {
        needed.extend(shot.rows(session, field, state.projection).into_iter().map(|rows| rows.chunk));
    }
    let time = session.time.time_of(shot.frame);
    for (overlay, samples) in session.overlays.iter().enumerate() {
        let layer = state.layers.get(session.overlay_layer(overlay));
        if layer.is_none_or(|layer| !layer.visible) {
            continue;
        }
        let array = session.number(Role::Overlay(overlay));
        let (per_chunk, samples) = (samples.array.chunk_frames(), trail_samples(samples, time));
        needed.extend(
            (samples.start / per_chunk..=samples.end / per_chunk).map(|index| ChunkId { array, index }),
        );
    }
    needed
}

/// Whether a picture can be shown as it is. An overlay that failed does not hold the field back; its error was told.
pub fn is_ready(open: &Open, state: &ViewState, shot: &Shot) -> bool {
    needed_chunks(&open.session, state, shot).iter().all(|id| {
        let overlay = matches!(open.session.role(id.array), Role::Overlay(_));
        open.loader.contains(*id) || (overlay && open.loader.failure(*id).is_some())
    })
}

/// What can stand in for the requested frame while it is on its way: the smallest block around it that is in memory.
pub fn preview(open: &Open, state: &ViewState) -> Option<Shot> {
    let (session, frame) = (&open.session, open.requested.frame);
    let field = needed_fields(session, state).next_back()?;
    session.fields[field].levels.iter().find_map(|level| {
        let start = frame / level.frames * level.frames;
        let frames = start..(start + level.frames).min(session.time.frames());
        let shot = Shot { frame, frames, grain: level.frames, preview: true };
        // A layer without such a block, or one that is not stored, would show what is not there.
        let there = needed_fields(session, state).all(|field| {
            shot.rows(session, field, state.projection)
                .iter()
                .all(|rows| open.loader.get(rows.chunk).is_some_and(|chunk| chunk.stored))
        });
        there.then_some(shot)
    })
}
