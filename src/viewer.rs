//! The coordinator: what is asked for, what is on screen, and what to fetch so that the two become one.
//!
//! It knows neither browser nor GPU: the web edge hands it wall time and arrivals, and draws the [`Picture`] it gives.

mod event;
mod picture;
mod sampling;

use std::rc::Rc;

use futures_channel::oneshot;

pub use event::{Event, FieldInfo, OverlayInfo, SessionInfo};
pub use picture::{Block, Drawing, Layout, Probe};

use crate::chunk::{Arrival, ChunkId, Loader, Priority, Want};
use crate::clock::Clock;
use crate::environment::Bounds;
use crate::error::Error;
use crate::json::Json;
use crate::number;
use crate::session::Session;
use crate::view::{Look, ViewState, from_fragment};
use sampling::Sampling;

/// How far prefetch looks while nothing plays: this many chunks to both sides.
const NEIGHBOURS: u64 = 1;
/// How far prefetch looks while playing, in seconds of wall time, and in chunks at least and at most.
const AHEAD_SECONDS: f64 = 2.0;
const AHEAD_CHUNKS: std::ops::RangeInclusive<u64> = 2..=8;

/// A frame that reached the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Its index.
    pub frame: u64,
    /// Its time in seconds.
    pub time: f64,
}

/// Answers a seek: the frame once shown, why not, or cancelled when superseded.
pub type SeekAnswer = oneshot::Receiver<Result<Shown, Error>>;

/// Where to seek.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A frame index.
    Frame(f64),
    /// A time in seconds.
    Time(f64),
}

/// A session on screen.
struct Open {
    url: String,
    session: Rc<Session>,
    loader: Loader,
    /// The frame asked for; `displayed` follows it as data come.
    requested: u64,
    displayed: Option<u64>,
    answers: Vec<oneshot::Sender<Result<Shown, Error>>>,
    sampling: Vec<Sampling>,
    /// The failure last told, so that it is told once.
    told: Option<ChunkId>,
    in_flight: usize,
}

/// The only mutable owner of view and session.
pub struct Viewer {
    state: ViewState,
    open: Option<Open>,
    /// A link's fragment given before its session is open.
    fragment: Option<String>,
    clock: Clock,
    /// Wall time in seconds when it was last told, and whether playback then ran forward.
    now: f64,
    forward: bool,
    layout: Layout,
    /// The picture on screen is out of date.
    dirty: bool,
    events: Vec<Event>,
    frames_presented: u64,
    chunk_hits: u64,
    chunk_misses: u64,
}

impl Default for Viewer {
    fn default() -> Self {
        Self {
            state: ViewState::new(0.0, Bounds { x: [0.0, 1.0], y: [0.0, 1.0] }, Vec::new()),
            open: None,
            fragment: None,
            clock: Clock::default(),
            now: 0.0,
            forward: true,
            layout: Layout::default(),
            dirty: false,
            events: Vec::new(),
            frames_presented: 0,
            chunk_hits: 0,
            chunk_misses: 0,
        }
    }
}

impl Viewer {
    /// What happened since the last call, for whoever listens.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether there is something to draw or to advance.
    pub fn wants_animation_frame(&self) -> bool {
        self.dirty || self.clock.is_playing()
    }

    /// Tells something to whoever listens.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Shows a newly opened session, at the link's frame if one was given.
    pub fn install(&mut self, session: Session, url: String, loader: Loader) -> (SessionInfo, SeekAnswer) {
        self.close();
        let session = Rc::new(session);
        self.state = picture::initial_state(&session);
        let sampling = session.fields.iter().map(|field| Sampling::new(&field.array)).collect();
        let info = SessionInfo::new(&session, &url);
        self.open = Some(Open {
            url,
            session,
            loader,
            requested: 0,
            displayed: None,
            answers: Vec::new(),
            sampling,
            told: None,
            in_flight: 0,
        });
        self.tell(Event::Open(info.clone()));
        if let Some(fragment) = self.fragment.take() {
            self.apply_fragment(&fragment);
        }
        let answer = self.seek(Target::Time(self.state.time));
        self.tell(Event::State(self.state.clone()));
        (info, answer)
    }

    /// Frames presented, and seeks that found their chunks in memory or did not.
    pub fn counts(&self) -> [u64; 3] {
        [self.frames_presented, self.chunk_hits, self.chunk_misses]
    }

    /// Forgets the session and aborts what was on its way.
    pub fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.loader.close();
        }
        self.clock.pause(self.now);
        self.dirty = true;
    }

    /// The session on screen.
    pub fn session(&self) -> Option<&Rc<Session>> {
        self.open.as_ref().map(|open| &open.session)
    }

    /// What `session` tells JavaScript.
    pub fn info(&self) -> Option<SessionInfo> {
        self.open.as_ref().map(|open| SessionInfo::new(&open.session, &open.url))
    }

    /// The loader of the session on screen.
    pub fn loader(&self) -> Option<Loader> {
        self.open.as_ref().map(|open| open.loader.clone())
    }

    /// The chunk of a field that holds a frame, and the frame's row in it.
    pub fn locate(&self, field: &str, frame: u64) -> Option<(ChunkId, usize)> {
        let open = self.open.as_ref()?;
        let index = open.session.fields.iter().position(|other| other.name == field)?;
        let frame = frame.min(open.session.time.frames() - 1);
        Some(chunk_of(&open.session, index, frame))
    }

    /// Asks for a frame; out of range is clamped. A later seek cancels the answer of an earlier one.
    pub fn seek(&mut self, target: Target) -> SeekAnswer {
        let (send, receive) = oneshot::channel();
        let Some(open) = &mut self.open else { return receive };
        let time = &open.session.time;
        let last = (time.frames() - 1) as f64;
        let frame = match target {
            Target::Frame(frame) => frame.round().clamp(0.0, last) as u64,
            Target::Time(time_s) => time.frame_at(time_s),
        };
        open.answers.clear();
        open.answers.push(send);
        open.told = None;
        let needed = needed_chunks(&open.session, &self.state, frame);
        open.loader.forgive(&needed);
        if needed.iter().all(|id| open.loader.contains(*id)) {
            self.chunk_hits += 1;
        } else {
            self.chunk_misses += 1;
        }
        let time_s = time.time_of(frame);
        self.clock.seek(self.now, time_s);
        self.request(frame);
        if !self.clock.is_playing() {
            self.tell(Event::State(self.state.clone()));
        }
        receive
    }

    /// Starts playback; the clock keeps wall time at `speed` seconds a second.
    pub fn play(&mut self, now: f64, speed: Option<f64>, loop_mode: Option<&str>) {
        let mut patch = Vec::new();
        if let Some(speed) = speed {
            patch.push(("speed".to_owned(), speed.into()));
        }
        if let Some(mode) = loop_mode {
            patch.push(("loop".to_owned(), mode.into()));
        }
        if !patch.is_empty() {
            self.set_state(&Json::Object(patch));
        }
        self.now = now;
        self.forward = true;
        let Some(open) = &self.open else { return };
        let time = &open.session.time;
        // At the end, play means from the beginning, as in every player.
        let from = if open.requested + 1 == time.frames() { time.start() } else { self.state.time };
        self.clock.play(now, from, self.state.speed, self.state.loop_mode, [time.start(), time.stop()]);
        self.tell(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Stops playback on the frame it is at.
    pub fn pause(&mut self) {
        if !self.clock.is_playing() {
            return;
        }
        self.clock.pause(self.now);
        self.tell(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Whether playback is on, even while it waits for data.
    pub fn is_playing(&self) -> bool {
        self.clock.is_playing()
    }

    /// Advances playback to wall time `now` in seconds.
    pub fn tick(&mut self, now: f64) {
        self.now = now;
        let Some(open) = &self.open else { return };
        if !self.clock.is_playing() {
            return;
        }
        let frame = open.requested;
        if !is_ready(open, &self.state, frame) {
            if !self.clock.is_stalled() {
                self.clock.stall(now);
                self.tell(Event::Stall { waiting: true, frame });
            }
            return;
        }
        if self.clock.is_stalled() {
            self.clock.resume(now);
            self.tell(Event::Stall { waiting: false, frame });
        }
        let Some(tick) = self.clock.tick(now) else { return };
        self.forward = tick.forward;
        let next = self.open.as_ref().map_or(frame, |open| open.session.time.frame_at(tick.time));
        if next != frame {
            if let Some(open) = &mut self.open {
                open.answers.clear();
            }
            self.request(next);
        }
        if tick.ended {
            self.tell(Event::State(self.state.clone()));
        }
    }

    /// The state, exactly what a link carries.
    pub fn state(&self) -> &ViewState {
        &self.state
    }

    /// Changes parts of the state; what is wrong is clamped or ignored, and told.
    pub fn set_state(&mut self, patch: &Json) {
        let before = self.state.clone();
        let notices = self.state.patch(patch);
        self.after_patch(&before, notices);
    }

    /// Applies a link's fragment; before a session is open it is kept for it.
    pub fn apply_fragment(&mut self, fragment: &str) {
        let Some(open) = &self.open else {
            self.fragment = Some(fragment.to_owned());
            return;
        };
        let before = self.state.clone();
        let (patch, mut notices) = from_fragment(fragment);
        // A link says only what differs from what the session opens with.
        self.state = picture::initial_state(&open.session);
        notices.extend(self.state.patch(&patch));
        self.after_patch(&before, notices);
    }

    /// The time in seconds that the next session will open at, where a link said one.
    pub fn opens_at(&self) -> Option<f64> {
        from_fragment(self.fragment.as_deref()?).0.get("time")?.as_f64()
    }

    /// The fragment of a link to this state, without `#`.
    pub fn fragment(&self) -> String {
        let defaults = self.open.as_ref().map(|open| picture::initial_state(&open.session));
        self.state.to_fragment(defaults.as_ref().unwrap_or(&self.state))
    }

    fn after_patch(&mut self, before: &ViewState, notices: Vec<String>) {
        for text in notices {
            self.tell(Event::Notice { text });
        }
        self.clock.set_speed(self.now, self.state.speed);
        // Setting it makes a bounce run forward again, so only a change does.
        if self.state.loop_mode != before.loop_mode {
            self.clock.set_loop(self.now, self.state.loop_mode);
        }
        if let Some(open) = &self.open {
            let wanted = self.state.time;
            let axis = &open.session.time;
            let shown = wanted.clamp(axis.start(), axis.stop());
            // Unchanged bits mean the patch said nothing of time.
            if wanted.to_bits() == before.time.to_bits() {
                self.refresh();
            } else {
                if shown.to_bits() != wanted.to_bits() {
                    let [wanted, start, stop] = [wanted, axis.start(), axis.stop()].map(number::text);
                    let text = format!("The session has no {wanted} s; it runs from {start} to {stop} s.");
                    self.tell(Event::Notice { text });
                }
                drop(self.seek(Target::Time(shown)));
            }
        }
        self.dirty = true;
        self.tell(Event::State(self.state.clone()));
    }

    /// Asks again for whatever failed.
    pub fn retry(&mut self) {
        if let Some(open) = &mut self.open {
            open.told = None;
            let needed = needed_chunks(&open.session, &self.state, open.requested);
            open.loader.forgive(&needed);
        }
        self.refresh();
    }

    /// Back to estimated limits.
    pub fn auto_contrast(&mut self, layer: &str) {
        let layer = Json::object([("name", layer.into()), ("limits", Json::Null)]);
        self.set_state(&Json::object([("layers", Json::Array(vec![layer]))]));
    }

    /// A chunk came, or could not be had.
    pub fn arrived(&mut self, arrival: &Arrival) {
        let Some(open) = &mut self.open else { return };
        let field = arrival.id.array as usize;
        if let Some(sampling) = open.sampling.get_mut(field) {
            // A neighbour that came sooner must not choose the first colours: they would be others the next time.
            let wanted = chunk_of(&open.session, field, open.requested).0 == arrival.id;
            let event = sampling.arrived(&open.session.fields[field].name, arrival, wanted);
            self.dirty |= event.is_some();
            self.events.extend(event);
        }
        self.tell(Event::Buffered);
        self.refresh();
    }

    /// What the time array turned out to hold once all of it was read.
    pub fn replace_time(&mut self, time: crate::session::TimeAxis) {
        let Some(open) = &mut self.open else { return };
        if open.session.time == time {
            return;
        }
        // Nothing else holds the session across an await but this viewer and its readers of arrays.
        let Some(session) = Rc::get_mut(&mut open.session) else { return };
        session.time = time;
        let info = SessionInfo::new(&open.session, &open.url);
        self.state.time = open.session.time.time_of(open.requested);
        self.tell(Event::Notice {
            text: "The time stamps are irregular; times shown are now the stored ones.".to_owned(),
        });
        self.tell(Event::Open(info));
        self.refresh();
    }

    /// What [`Viewer::next_drawing`] gave is on the canvas now.
    pub fn presented(&mut self, shown: Option<u64>) {
        self.dirty = false;
        let (Some(open), Some(frame)) = (&mut self.open, shown) else { return };
        self.frames_presented += 1;
        let time = open.session.time.time_of(frame);
        let stored = needed_fields(&open.session, &self.state)
            .map(|field| open.loader.get(chunk_of(&open.session, field, frame).0))
            .all(|chunk| chunk.is_none_or(|chunk| chunk.stored));
        let exact = frame == open.requested && is_ready(open, &self.state, frame);
        let is_first = open.displayed.replace(frame).is_none();
        if exact {
            for answer in open.answers.drain(..) {
                // Whoever asked may have gone.
                let _ = answer.send(Ok(Shown { frame, time }));
            }
        }
        let requested = open.requested;
        let frames_presented = self.frames_presented;
        self.tell(Event::Frame { frame, time, requested, exact, stored, frames_presented });
        if is_first {
            // Now that something is on screen, there is room for what could wait.
            self.refresh();
        }
    }

    fn request(&mut self, frame: u64) {
        if let Some(open) = &mut self.open {
            open.requested = frame;
            self.state.time = open.session.time.time_of(frame);
        }
        self.refresh();
    }

    /// Decides anew what to fetch and whether what is asked for can be drawn.
    fn refresh(&mut self) {
        let wants = self.wants();
        let Some(open) = &mut self.open else { return };
        let state = &self.state;
        let mut pinned = needed_chunks(&open.session, state, open.requested);
        let failed = pinned.iter().find_map(|id| Some((*id, open.loader.failure(*id)?)));
        if let Some(displayed) = open.displayed {
            pinned.extend(needed_chunks(&open.session, state, displayed));
        }
        open.loader.pin(pinned);
        open.loader.want(wants);
        if is_ready(open, state, open.requested) {
            self.dirty |= open.displayed != Some(open.requested) || !open.answers.is_empty();
        }
        if let Some((id, error)) = failed.filter(|(id, _)| open.told != Some(*id)) {
            open.told = Some(id);
            for answer in open.answers.drain(..) {
                let _ = answer.send(Err(error.clone()));
            }
            self.events.push(Event::error(&error, true));
        }
        let in_flight = open.loader.in_flight();
        if in_flight != open.in_flight {
            open.in_flight = in_flight;
            let visible = !is_ready(open, state, open.requested);
            self.events.push(Event::loading(in_flight, visible.then_some(open.requested)));
        }
    }

    /// Every chunk that is worth a request now, with why.
    fn wants(&self) -> Vec<Want> {
        let Some(open) = &self.open else { return Vec::new() };
        let (session, requested) = (&open.session, open.requested);
        let needed = needed_chunks(session, &self.state, requested);
        let mut wants: Vec<Want> =
            needed.iter().map(|id| Want { id: *id, priority: Priority::Visible }).collect();
        for id in &needed {
            let array = session.array(id.array);
            let last = array.chunks() - 1;
            let mut add = |index: Option<u64>, priority| {
                if let Some(index) = index.filter(|index| *index <= last) {
                    wants.push(Want { id: ChunkId { index, ..*id }, priority });
                }
            };
            if self.clock.is_playing() {
                let rate = session.time_of(id.array).mean_rate() * self.state.speed;
                let chunks = (rate * AHEAD_SECONDS / array.chunk_frames() as f64).ceil() as u64;
                for step in 1..=chunks.clamp(*AHEAD_CHUNKS.start(), *AHEAD_CHUNKS.end()) {
                    let next = if self.forward { Some(id.index + step) } else { id.index.checked_sub(step) };
                    add(next, Priority::Ahead);
                }
            } else {
                for step in 1..=NEIGHBOURS {
                    add(Some(id.index + step), Priority::Neighbour);
                    add(id.index.checked_sub(step), Priority::Neighbour);
                }
            }
        }
        // The first picture goes before any estimate; after it, samples come as places are free.
        if open.displayed.is_some() {
            for field in needed_fields(session, &self.state) {
                let missing = open.sampling[field].missing();
                wants.extend(missing.map(|index| Want {
                    id: ChunkId { array: field as u32, index },
                    priority: Priority::Background,
                }));
            }
        }
        wants
    }
}

/// The visible fields, bottom to top.
fn needed_fields<'a>(
    session: &'a Session,
    state: &'a ViewState,
) -> impl DoubleEndedIterator<Item = usize> + 'a {
    (0..session.fields.len()).filter(|field| {
        let layer = state.layers.get(*field);
        layer.is_some_and(|layer| layer.visible && matches!(layer.look, Look::Field { .. }))
    })
}

fn chunk_of(session: &Session, field: usize, frame: u64) -> (ChunkId, usize) {
    let per_chunk = session.fields[field].array.chunk_frames();
    (ChunkId { array: field as u32, index: frame / per_chunk }, (frame % per_chunk) as usize)
}

/// Every chunk without which a frame cannot be shown as it is: those of visible fields and overlays.
fn needed_chunks(session: &Session, state: &ViewState, frame: u64) -> Vec<ChunkId> {
    let mut needed: Vec<ChunkId> =
        needed_fields(session, state).map(|field| chunk_of(session, field, frame).0).collect();
    let time = session.time.time_of(frame);
    for (i, overlay) in session.overlays.iter().enumerate() {
        let array = (session.fields.len() + i) as u32;
        if state.layers.get(array as usize).is_none_or(|layer| !layer.visible) {
            continue;
        }
        let samples = picture::trail_samples(overlay, time);
        let per_chunk = overlay.array.chunk_frames();
        needed.extend(
            (samples.start / per_chunk..=samples.end / per_chunk).map(|index| ChunkId { array, index }),
        );
    }
    needed
}

/// Whether a frame can be shown as it is. An overlay that failed does not hold the field back; its error was told.
fn is_ready(open: &Open, state: &ViewState, frame: u64) -> bool {
    needed_chunks(&open.session, state, frame).iter().all(|id| {
        let overlay = id.array as usize >= open.session.fields.len();
        open.loader.contains(*id) || (overlay && open.loader.failure(*id).is_some())
    })
}
