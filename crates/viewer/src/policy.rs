//! Which chunks to request, and with which priority. [`Priority`] holds how many requests of each may be in flight.

use replayscope_session::{ChunkId, Role};

use crate::chunk::{ChunkRequest, Priority};
use crate::clock::AtEnd;
use crate::frame_request::{FrameRequest, needed_chunks, needed_fields};
use crate::viewer::Viewer;

/// Chunks to prefetch on both sides while nothing plays.
const NEIGHBOURS: u64 = 1;
/// How far to prefetch while playing: seconds of wall time, or the time of this many chunk loads or pictures, if that is more.
const AHEAD_SECONDS: f64 = 1.0;
const AHEAD_CHUNK_TIMES: f64 = 3.0;
const AHEAD_TICKS: f64 = 2.0;
/// Chunks for the colour range that are requested at a time.
const SAMPLES_LISTED: usize = 8;
/// Most chunks of a field that are listed with one priority: a chunk may be as small as one value, and every change makes a new list.
const MOST_LISTED: u64 = 4096;
/// Prefetched chunks take at most one of this many parts of the cache, and so do the coarsest levels.
const SHARE: u64 = 4;

impl Viewer {
    /// Every chunk to request now, with its priority; of equal priority, the most urgent first.
    pub(crate) fn chunk_requests(&self) -> Vec<ChunkRequest> {
        let Some(open) = &self.open else { return Vec::new() };
        let mut requests = Vec::new();
        let mut add = |priority, ids: Vec<ChunkId>| {
            requests.extend(ids.into_iter().map(|id| ChunkRequest { id, priority }));
        };
        let visible = needed_chunks(&open.session, &self.state, &open.requested);
        let failed = visible.iter().any(|id| open.loader.failure(*id).is_some());
        add(Priority::Visible, visible);
        if failed {
            // Chunks beside one that failed are likely to fail too.
        } else if self.clock.is_playing() {
            add(Priority::Ahead, self.ahead());
        } else {
            add(Priority::Neighbour, self.neighbours());
        }
        // The first picture is loaded before anything of lower priority.
        if open.displayed.is_some() {
            add(Priority::Background, self.coarsest());
            for field in needed_fields(&open.session, &self.state) {
                // A short list is enough: every loaded chunk makes a new one.
                let array = open.session.array_number(Role::Field(field));
                let missing = open.sampling[field].missing().take(SAMPLES_LISTED);
                add(Priority::Background, missing.map(|index| ChunkId { array, index }).collect());
            }
        }
        requests
    }

    /// The chunks that playback needs next.
    fn ahead(&self) -> Vec<ChunkId> {
        let Some(open) = &self.open else { return Vec::new() };
        let (session, frame) = (&open.session, open.requested.frame);
        let takes = (AHEAD_CHUNK_TIMES * open.loader.chunk_seconds()).max(AHEAD_TICKS * self.tick_seconds);
        let seconds = AHEAD_SECONDS.max(takes) * self.state.speed;
        let (playback, at_least) = (self.playback_span(), session.config().prefetch_chunks);
        let mut all = Vec::new();
        // A field's level that is shown at this speed.
        let field = |field: usize| {
            let level = session.fields[field].pools(playback.pool_frames).len().checked_sub(1);
            level.map_or(Role::Field(field), |level| Role::Level(field, level))
        };
        let fields = needed_fields(session, &self.state).map(field);
        let overlays = (0..session.overlays.len())
            .filter(|overlay| {
                self.state.layers.get(session.overlay_layer(*overlay)).is_some_and(|layer| layer.visible)
            })
            .map(Role::Overlay);
        for role in fields.chain(overlays) {
            let number = session.array_number(role);
            let array = session.array(number);
            let (axis, pool) = (session.time_of(role), session.pool(role));
            let chunk_of = |frame: u64| {
                let row = match role {
                    Role::Overlay(_) => axis.frame_at(session.time.time_of(frame)),
                    Role::Field(_) | Role::Level(..) => frame / pool,
                };
                session.chunk_id(role, row).index
            };
            let chunks = axis.mean_rate() * seconds / (array.chunk_frames() * pool) as f64;
            let most = open.loader.budget() / SHARE / array.chunk_bytes().max(1);
            let chunks = (chunks.ceil() as u64).min(most).min(MOST_LISTED).max(at_least);
            let [first, last] = [playback.frames.start, playback.frames.end - 1].map(chunk_of);
            // A seek may have left the frames of the playback.
            let mut at = chunk_of(frame.clamp(playback.frames.start, playback.frames.end - 1));
            for _ in 0..chunks {
                let (end, start) = if self.forward { (last, first) } else { (first, last) };
                at = match (at == end, playback.at_end) {
                    (true, AtEnd::Restart) => start,
                    (true, _) => break,
                    (false, _) if self.forward => at + 1,
                    (false, _) => at.saturating_sub(1),
                };
                all.push(ChunkId { array: number, index: at });
            }
        }
        all
    }

    /// The chunks beside the requested ones, where the next scrub may go, and the pooled blocks for its preview.
    fn neighbours(&self) -> Vec<ChunkId> {
        let Some(open) = &self.open else { return Vec::new() };
        let (session, frame) = (&open.session, open.requested.frame);
        let mut all = Vec::new();
        for id in needed_chunks(session, &self.state, &FrameRequest::of(frame)) {
            let last = session.array(id.array).chunks() - 1;
            for step in 1..=NEIGHBOURS {
                let beside =
                    [Some(id.index + step).filter(|index| *index <= last), id.index.checked_sub(step)];
                all.extend(beside.into_iter().flatten().map(|index| ChunkId { index, ..id }));
            }
        }
        for field in needed_fields(session, &self.state) {
            for (number, level) in session.fields[field].levels.iter().enumerate() {
                all.push(session.chunk_id(Role::Level(field, number), frame / level.frames));
            }
        }
        all
    }

    /// Chunks of the coarsest level of each visible field, from which any moment has a preview. The nearest chunks come first, as many
    /// as fit; they are pinned.
    pub(crate) fn coarsest(&self) -> Vec<ChunkId> {
        let Some(open) = &self.open else { return Vec::new() };
        let (session, frame) = (&open.session, open.requested.frame);
        let mut all = Vec::new();
        for field in needed_fields(session, &self.state) {
            let levels = &session.fields[field].levels;
            let Some(level) = levels.last() else { continue };
            let here = session.chunk_id(Role::Level(field, levels.len() - 1), frame / level.frames);
            let most = open.loader.budget() / SHARE / level.array.chunk_bytes().max(1);
            let chunks = level.array.chunks();
            let sides =
                (0..chunks).flat_map(|step| [here.index.checked_sub(step), Some(here.index + step + 1)]);
            let near = sides
                .flatten()
                .filter(|index| *index < chunks)
                .take(most.min(chunks).min(MOST_LISTED) as usize);
            all.extend(near.map(|index| ChunkId { index, ..here }));
        }
        all
    }
}
