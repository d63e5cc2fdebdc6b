//! The coordinator: what is asked for, what is on screen, and what to fetch so that the two become one.
//!
//! It knows neither browser nor GPU: the web edge hands it wall time and arrivals, and draws the [`Picture`] it gives.

mod event;
mod picture;
mod sampling;

use std::ops::Range;
use std::rc::Rc;

use futures_channel::oneshot;

pub use event::{Event, FieldInfo, OverlayInfo, SessionInfo};
pub use picture::{Block, Drawing, Layout, Probe};

use crate::chunk::{Arrival, ChunkId, Loader, Priority, Want};
use crate::clock::{Clock, Pace};
use crate::environment::Bounds;
use crate::error::Error;
use crate::json::Json;
use crate::number;
use crate::playhead::Playhead;
use crate::session::Session;
use crate::view::{Look, ViewState, from_fragment};
use sampling::Sampling;

/// How far prefetch looks while nothing plays: this many chunks to both sides.
const NEIGHBOURS: u64 = 1;
/// How far prefetch looks while playing, in seconds of wall time, and in chunks at least and at most.
const AHEAD_SECONDS: f64 = 2.0;
const AHEAD_CHUNKS: std::ops::RangeInclusive<u64> = 2..=8;

/// An animation frame this many seconds after the last one is late: at 60 a second one was missed.
const LATE: f64 = 1.5 / 60.0;
/// After this many seconds without one the page was asleep, and playback with it.
const ASLEEP: f64 = 1.0;

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

/// What a picture shows of the session.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// The frame that is told, and whose time the overlays are drawn at: the latest on the way.
    pub frame: u64,
    /// All frames of it: that one, or while playing all since the last picture.
    pub frames: Range<u64>,
}

impl Shot {
    /// One frame, as it is.
    fn of(frame: u64) -> Self {
        Self { frame, frames: frame..frame + 1 }
    }
}

/// How to play; what is not said stays as it is.
#[derive(Debug, Clone, Default)]
pub struct PlayOptions {
    /// Session seconds a wall second.
    pub speed: Option<f64>,
    /// A name of [`crate::view::LoopMode`].
    pub loop_mode: Option<String>,
    /// A name of [`crate::projection::Projection`].
    pub projection: Option<String>,
    /// From the end to the start.
    pub backward: bool,
}

/// Counters since the viewer was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pictures.
    pub frames_presented: u64,
    /// Data frames that reached a picture.
    pub frames_covered: u64,
    /// Animation frames that came a whole one too late while playing.
    pub late_frames: u64,
    /// Seeks that found all their chunks in memory.
    pub chunk_hits: u64,
    /// Seeks that did not.
    pub chunk_misses: u64,
}

/// A session on screen.
struct Open {
    url: String,
    session: Rc<Session>,
    loader: Loader,
    /// What is asked for; `displayed` follows it as data come.
    requested: Shot,
    displayed: Option<Shot>,
    /// How far playback has been seen, and how far once what is requested is on screen.
    playhead: Option<Playhead>,
    ahead: Option<Playhead>,
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
    counts: Counts,
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
            counts: Counts::default(),
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
            requested: Shot::of(0),
            displayed: None,
            playhead: None,
            ahead: None,
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

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
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
        let needed = needed_chunks(&open.session, &self.state, &Shot::of(frame));
        if needed.iter().all(|id| open.loader.contains(*id)) {
            self.counts.chunk_hits += 1;
        } else {
            self.counts.chunk_misses += 1;
        }
        let time_s = time.time_of(frame);
        self.clock.seek(self.now, time_s);
        self.request(Shot::of(frame));
        self.set_playhead(frame, false);
        if !self.clock.is_playing() {
            self.tell(Event::State(self.state.clone()));
        }
        receive
    }

    /// Starts playback; the clock keeps wall time at `speed` seconds a second.
    pub fn play(&mut self, now: f64, options: &PlayOptions) {
        let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
        self.set_state(&Json::object([
            ("speed", options.speed.map_or(Json::Null, Json::from)),
            ("loop", text(&options.loop_mode)),
            ("projection", text(&options.projection)),
        ]));
        self.now = now;
        self.forward = !options.backward;
        let Some(open) = &self.open else { return };
        let time = &open.session.time;
        let requested = open.requested.frame;
        // At the end, play means from the beginning, as in every player.
        let (end, start) = if options.backward { (0, time.frames() - 1) } else { (time.frames() - 1, 0) };
        let from = if requested == end { start } else { requested };
        let shown = open.displayed.as_ref().is_some_and(|shot| shot.frame == from);
        let span = [time.start(), time.stop()];
        let at = if from == requested { self.state.time } else { time.time_of(from) };
        let (speed, loop_mode, backward) = (self.state.speed, self.state.loop_mode, options.backward);
        self.clock.play(now, at, Pace { speed, loop_mode, backward, span });
        self.set_playhead(from, shown);
        self.tell(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Playback goes on from a frame, which is on screen or still has to be.
    fn set_playhead(&mut self, frame: u64, shown: bool) {
        let tick = if self.clock.is_playing() { self.clock.peek(self.now) } else { None };
        let Some(open) = &mut self.open else { return };
        let at = if shown { Playhead::after } else { Playhead::before };
        open.playhead = tick.map(|tick| at(frame, &tick));
        open.ahead = tick.map(|tick| Playhead::after(frame, &tick));
    }

    /// Stops playback on the frame it is at.
    pub fn pause(&mut self) {
        if !self.clock.is_playing() {
            return;
        }
        self.clock.pause(self.now);
        self.settle();
        self.tell(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Where playback has ended, a picture of several frames gives way to its last one alone.
    fn settle(&mut self) {
        let Some(open) = self.open.as_ref().filter(|_| !self.clock.is_playing()) else { return };
        let shot = &open.requested;
        if shot.frames.end - shot.frames.start > 1 && open.displayed.as_ref() == Some(shot) {
            self.request(Shot::of(shot.frame));
        }
    }

    /// Whether playback is on, even while it waits for data.
    pub fn is_playing(&self) -> bool {
        self.clock.is_playing()
    }

    /// Advances playback to wall time `now` in seconds.
    pub fn tick(&mut self, now: f64) {
        let passed = now - std::mem::replace(&mut self.now, now);
        let Some(open) = &self.open else { return };
        if !self.clock.is_playing() {
            return;
        }
        if passed > ASLEEP {
            // Nobody was looking: a tab in the background gets no animation frames.
            self.clock.sleep(passed);
        } else if passed > LATE {
            self.counts.late_frames += 1;
        }
        let frame = open.requested.frame;
        if !is_ready(open, &self.state, &open.requested) {
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
        if let Some(open) = &mut self.open
            && let Some(playhead) = open.playhead
        {
            let time = &open.session.time;
            // An answer to a seek is of that frame alone; until it is given playback waits for it.
            let next = playhead.interval(&tick, time.frame_at(tick.time), time.frames());
            if let Some(next) = next.filter(|_| open.answers.is_empty()) {
                open.ahead = Some(next.after);
                self.request(Shot { frame: next.latest, frames: next.frames });
            }
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
            if let Some(frame) = self.open.as_ref().map(|open| open.requested.frame) {
                // The way changes with it, and perhaps the direction; what is requested is still to be presented.
                self.set_playhead(frame, true);
            }
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
            let needed = needed_chunks(&open.session, &self.state, &open.requested);
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
            let wanted = chunk_of(&open.session, field, open.requested.frame).0 == arrival.id;
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
        self.state.time = open.session.time.time_of(open.requested.frame);
        self.tell(Event::Notice {
            text: "The time stamps are irregular; times shown are now the stored ones.".to_owned(),
        });
        self.tell(Event::Open(info));
        self.refresh();
    }

    /// What [`Viewer::next_drawing`] gave is on the canvas now.
    pub fn presented(&mut self, shown: Option<Shot>) {
        self.dirty = false;
        let (Some(open), Some(shot)) = (&mut self.open, shown) else { return };
        self.counts.frames_presented += 1;
        let frame = shot.frame;
        let time = open.session.time.time_of(frame);
        let stored = needed_chunks(&open.session, &self.state, &shot)
            .into_iter()
            .filter(|id| (id.array as usize) < open.session.fields.len())
            .all(|id| open.loader.get(id).is_none_or(|chunk| chunk.stored));
        let exact = shot == open.requested && is_ready(open, &self.state, &shot);
        let frames = shot.frames.end - shot.frames.start;
        // The last frame of several, now alone, has been covered with them.
        let again = open
            .displayed
            .as_ref()
            .is_some_and(|before| before == &shot || (frames == 1 && before.frames.contains(&frame)));
        if !again {
            self.counts.frames_covered += frames;
        }
        if exact && open.playhead.is_some() {
            open.playhead = open.ahead;
        }
        let is_first = open.displayed.replace(shot).is_none();
        if exact {
            for answer in open.answers.drain(..) {
                // Whoever asked may have gone.
                let _ = answer.send(Ok(Shown { frame, time }));
            }
        }
        let requested = open.requested.frame;
        let frames_presented = self.counts.frames_presented;
        let projection = self.state.projection;
        self.tell(Event::Frame {
            frame,
            time,
            requested,
            exact,
            stored,
            frames,
            projection,
            frames_presented,
        });
        self.settle();
        if is_first {
            // Now that something is on screen, there is room for what could wait.
            self.refresh();
        }
    }

    fn request(&mut self, shot: Shot) {
        if let Some(open) = &mut self.open {
            // What could not be had ahead of time is asked for again now that it is needed.
            open.loader.forgive(&needed_chunks(&open.session, &self.state, &shot));
            self.state.time = open.session.time.time_of(shot.frame);
            open.requested = shot;
        }
        self.refresh();
    }

    /// Decides anew what to fetch and whether what is asked for can be drawn.
    fn refresh(&mut self) {
        let wants = self.wants();
        let Some(open) = &mut self.open else { return };
        let state = &self.state;
        let mut pinned = needed_chunks(&open.session, state, &open.requested);
        let failed = pinned.iter().find_map(|id| Some((*id, open.loader.failure(*id)?)));
        if let Some(displayed) = &open.displayed {
            pinned.extend(needed_chunks(&open.session, state, displayed));
        }
        open.loader.pin(pinned);
        open.loader.want(wants);
        if is_ready(open, state, &open.requested) {
            self.dirty |= open.displayed.as_ref() != Some(&open.requested) || !open.answers.is_empty();
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
            let visible = !is_ready(open, state, &open.requested);
            self.events.push(Event::loading(in_flight, visible.then_some(open.requested.frame)));
        }
    }

    /// Every chunk that is worth a request now, with why.
    fn wants(&self) -> Vec<Want> {
        let Some(open) = &self.open else { return Vec::new() };
        let session = &open.session;
        let needed = needed_chunks(session, &self.state, &open.requested);
        let mut wants: Vec<Want> =
            needed.iter().map(|id| Want { id: *id, priority: Priority::Visible }).collect();
        for id in &needed_chunks(session, &self.state, &Shot::of(open.requested.frame)) {
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

/// Every chunk without which a picture cannot be shown as it is: those of visible fields and overlays.
fn needed_chunks(session: &Session, state: &ViewState, shot: &Shot) -> Vec<ChunkId> {
    let mut needed = Vec::new();
    for field in needed_fields(session, state) {
        let [first, last] =
            [shot.frames.start, shot.frames.end - 1].map(|frame| chunk_of(session, field, frame).0);
        needed.extend((first.index..=last.index).map(|index| ChunkId { index, ..first }));
    }
    let time = session.time.time_of(shot.frame);
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

/// Whether a picture can be shown as it is. An overlay that failed does not hold the field back; its error was told.
fn is_ready(open: &Open, state: &ViewState, shot: &Shot) -> bool {
    needed_chunks(&open.session, state, shot).iter().all(|id| {
        let overlay = id.array as usize >= open.session.fields.len();
        open.loader.contains(*id) || (overlay && open.loader.failure(*id).is_some())
    })
}
