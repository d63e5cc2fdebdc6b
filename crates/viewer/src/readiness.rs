//! Whether the chunks of a picture are in the cache, and what can be shown until they are.

use replayscope_session::Role;

use crate::frame_request::{FrameRequest, needed_chunks, needed_fields};
use crate::view::ViewState;
use crate::viewer::Open;

/// Whether a requested picture can be drawn. An overlay whose load failed, which an event has reported, does not hold the field back.
pub fn is_ready(open: &Open, state: &ViewState, request: &FrameRequest) -> bool {
    needed_chunks(&open.session, state, request).iter().all(|id| {
        let overlay = matches!(open.session.role(id.array), Role::Overlay(_));
        open.loader.contains(*id) || (overlay && open.loader.failure(*id).is_some())
    })
}

/// The preview of the requested frame while it is being fetched: the smallest pooled block around it that is in the cache.
pub fn preview(open: &Open, state: &ViewState) -> Option<FrameRequest> {
    let (session, frame) = (&open.session, open.requested.frame);
    let field = needed_fields(session, state).next_back()?;
    session.fields[field].levels.iter().find_map(|level| {
        let start = frame / level.frames * level.frames;
        let frames = start..(start + level.frames).min(session.time.frames());
        let request = FrameRequest { frame, frames, pool_frames: level.frames, preview: true };
        // A layer without such a block, or whose block is not stored, would show wrong values.
        let there = needed_fields(session, state).all(|field| {
            request
                .rows(session, field, state.projection)
                .iter()
                .all(|rows| open.loader.get(rows.chunk).is_some_and(|chunk| chunk.stored))
        });
        there.then_some(request)
    })
}
