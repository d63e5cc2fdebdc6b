//! Whether the chunks of a picture are in memory, and what can be shown until they are.

use replayscope_session::Role;

use crate::frame_request::{FrameRequest, needed_chunks, needed_fields};
use crate::view::ViewState;
use crate::viewer::Open;

/// Whether a picture can be shown as it is. An overlay that failed does not hold the field back; its error was told.
pub fn is_ready(open: &Open, state: &ViewState, request: &FrameRequest) -> bool {
    needed_chunks(&open.session, state, request).iter().all(|id| {
        let overlay = matches!(open.session.role(id.array), Role::Overlay(_));
        open.loader.contains(*id) || (overlay && open.loader.failure(*id).is_some())
    })
}

/// What can stand in for the requested frame while it is on its way: the smallest block around it that is in memory.
pub fn preview(open: &Open, state: &ViewState) -> Option<FrameRequest> {
    let (session, frame) = (&open.session, open.requested.frame);
    let field = needed_fields(session, state).next_back()?;
    session.fields[field].levels.iter().find_map(|level| {
        let start = frame / level.frames * level.frames;
        let frames = start..(start + level.frames).min(session.time.frames());
        let request = FrameRequest { frame, frames, grain: level.frames, preview: true };
        // A layer without such a block, or one that is not stored, would show what is not there.
        let there = needed_fields(session, state).all(|field| {
            request
                .rows(session, field, state.projection)
                .iter()
                .all(|rows| open.loader.get(rows.chunk).is_some_and(|chunk| chunk.stored))
        });
        there.then_some(request)
    })
}
