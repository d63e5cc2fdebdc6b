//! The coordinator: what is asked for, what is on screen, and what to fetch so that the two become one.
//!
//! It knows neither browser nor GPU: the web edge hands it wall time and arrivals, and draws the [`Drawing`] it gives.

mod colors;
mod conversion;
mod event;
mod marks;
mod picture;
mod playback;
mod policy;
mod probe;
mod sampling;
mod shot;

use std::cell::{OnceCell, RefCell};

use futures_channel::oneshot;

pub use colors::Histogram;
pub use conversion::{ThresholdCache, fold, mesh_ref};
pub use event::{Address, Event, Failure, FieldInfo, OverlayInfo, SessionInfo};
pub use picture::{Block, Drawing, Layout};
pub use playback::PlayOptions;
pub use probe::{BinInfo, Probe};
pub use shot::{Rows, Shot};

use crate::chunk::{Arrival, ChunkId, Loader};
use crate::clock::Clock;
use crate::error::Error;
use crate::playhead::Playhead;
use crate::view::{Space, ViewState, from_fragment};
use replayscope_json::Json;
use replayscope_json::number;
use replayscope_json::number::clamp;
use replayscope_session::environment::Bounds;
use replayscope_session::{Narrowed, Role, Session};
use sampling::Sampling;
use shot::{chunk_of, is_ready, needed_chunks, preview};

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

type Answer = oneshot::Sender<Result<Shown, Error>>;

/// A session on screen.
struct Open {
    address: Address,
    session: Session,
    /// How wide its bins are, in space and side by side; found out when that is first wanted.
    bin_sizes: OnceCell<[f64; 2]>,
    /// Its stretches without frames.
    gaps: Vec<[f64; 2]>,
    loader: Loader,
    /// What is asked for; `displayed` follows it as data come.
    requested: Shot,
    displayed: Option<Shot>,
    /// The frames of the last picture that counted as covered: shown again, they are not counted again.
    covered: Option<std::ops::Range<u64>>,
    /// How far playback has been seen, and how far once what is requested is on screen.
    playhead: Option<Playhead>,
    after: Option<Playhead>,
    /// Wall time since when the requested frame has its time, where playback goes frame by frame.
    since: f64,
    answers: Vec<Answer>,
    /// Answers whose picture is presented and that the device has not accepted yet, with the picture's number.
    presented: Vec<(u64, Shown, Answer)>,
    sampling: Vec<Sampling>,
    /// What float32 could not hold, of each field.
    narrowed: Vec<Narrowed>,
    /// The failure last told, so that it is told once.
    told: Option<ChunkId>,
    in_flight: usize,
}

/// Whether a picture can be shown.
struct Screen {
    /// There is something to draw with.
    drawable: bool,
    /// Nobody sees the page.
    hidden: bool,
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
    /// Seconds between the last two ticks.
    tick_seconds: f64,
    /// Whether playback set out backwards.
    backward: bool,
    layout: Layout,
    /// Size of the last picture that was drawn offscreen.
    offscreen: Option<[u32; 2]>,
    /// The picture on screen is out of date.
    dirty: bool,
    thresholds: RefCell<ThresholdCache>,
    screen: Screen,
    events: Vec<Event>,
    counts: Counts,
}

/// What there is before a session.
const NOWHERE: Space = Space { bins: 0, bounds: Bounds { x: [0.0, 1.0], y: [0.0, 1.0] }, linearised: None };

impl Default for Viewer {
    fn default() -> Self {
        Self {
            state: ViewState::new(0.0, NOWHERE, Vec::new()),
            open: None,
            fragment: None,
            clock: Clock::default(),
            now: 0.0,
            forward: true,
            tick_seconds: 0.0,
            backward: false,
            layout: Layout::default(),
            offscreen: None,
            dirty: false,
            thresholds: RefCell::default(),
            screen: Screen { drawable: true, hidden: false },
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
        self.screen.drawable && (self.dirty || self.clock.is_playing())
    }

    /// Whether a picture is waited for that can be drawn now; the next animation frame may be most of one away.
    pub fn is_waited_for(&self) -> bool {
        let waits = self
            .open
            .as_ref()
            .is_some_and(|open| !open.answers.is_empty() && is_ready(open, &self.state, &open.requested));
        self.dirty && waits && !self.clock.is_playing()
    }

    /// Tells something to whoever listens.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Shows a newly opened session in the place of the one before, at the link's frame if one was given.
    pub fn install(
        &mut self,
        session: Session,
        address: Address,
        loader: Loader,
    ) -> (SessionInfo, SeekAnswer) {
        self.close();
        self.tell(Event::Close);
        self.state = picture::initial_state(&session);
        let sampling = session.fields.iter().map(Sampling::new).collect();
        let narrowed = vec![Narrowed::default(); session.fields.len()];
        let info = SessionInfo::new(&session, &address);
        self.open = Some(Open {
            address,
            bin_sizes: OnceCell::new(),
            gaps: session.time.gaps(),
            session,
            loader,
            requested: Shot::of(0),
            displayed: None,
            covered: None,
            playhead: None,
            after: None,
            since: 0.0,
            answers: Vec::new(),
            presented: Vec::new(),
            sampling,
            narrowed,
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
    pub fn session(&self) -> Option<&Session> {
        self.open.as_ref().map(|open| &open.session)
    }

    /// What `session` tells JavaScript.
    pub fn info(&self) -> Option<SessionInfo> {
        self.open.as_ref().map(|open| SessionInfo::new(&open.session, &open.address))
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
            Target::Frame(frame) => clamp(frame.round(), 0.0, last) as u64,
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
        self.linked_state().to_fragment(defaults.as_ref().unwrap_or(&self.state))
    }

    fn after_patch(&mut self, before: &ViewState, notices: Vec<String>) {
        for text in notices {
            self.tell(Event::Notice { text });
        }
        self.keep_selection();
        self.clock.set_speed(self.now, self.state.speed);
        let way = |state: &ViewState| (state.loop_mode, state.pace, state.selection);
        if way(&self.state) != way(before) {
            self.set_out_again();
        }
        if let Some(open) = &self.open {
            let wanted = self.state.time;
            let axis = &open.session.time;
            let shown = clamp(wanted, axis.start(), axis.stop());
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
            open.loader.forgive_all();
        }
        self.dirty = true;
        self.refresh();
    }

    /// Whether there is something to draw with; until there is, playback waits, and so does whoever asked for a picture.
    pub fn set_drawable(&mut self, now: f64, drawable: bool) {
        self.screen.drawable = drawable;
        self.dirty = true;
        if let Some(open) = &mut self.open {
            // What was presented last may be drawn nowhere: it is shown again. Of another frame there is nothing to show any more.
            let waiting =
                open.presented.drain(..).filter(|(_, shown, _)| shown.frame == open.requested.frame);
            open.answers.extend(waiting.map(|(_, _, answer)| answer));
        }
        self.tick(now);
    }

    /// What [`Viewer::next_drawing`] gave cannot be drawn; it is tried again when something changes or somebody asks.
    pub fn not_presented(&mut self, error: &Error) {
        if let Some(open) = &mut self.open {
            for answer in open.answers.drain(..) {
                let _ = answer.send(Err(error.clone()));
            }
        }
        self.tell(Event::error(error, true));
        self.pause();
        self.dirty = false;
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
        if let (Some(narrowed), Ok(decoded)) = (open.narrowed.get_mut(field), &arrival.result)
            && open.session.fields[field].array.is_wide()
            && narrowed.add(arrival.id.index, decoded)
        {
            let fields = open.session.fields.iter().zip(&open.narrowed);
            let notes = fields.filter_map(|(field, narrowed)| narrowed.note(&field.name)).collect();
            self.events.push(Event::Narrowed { notes });
        }
        self.tell(Event::Buffered);
        self.refresh();
    }

    /// What the time array turned out to hold once all of it was read.
    pub fn replace_time(&mut self, time: replayscope_session::TimeAxis) {
        let Some(open) = &mut self.open else { return };
        if open.session.time == time {
            return;
        }
        open.gaps = time.gaps();
        open.session.time = time;
        let info = SessionInfo::new(&open.session, &open.address);
        self.state.time = open.session.time.time_of(open.requested.frame);
        self.tell(Event::Notice {
            text: "The time stamps are irregular; times shown are now the stored ones.".to_owned(),
        });
        self.tell(Event::Open(info));
        self.refresh();
    }

    /// What [`Viewer::next_drawing`] gave is handed to the canvas. Its number, where somebody waits for it: once it is known to be
    /// accepted, [`Viewer::accepted`] answers.
    pub fn presented(&mut self, shown: Option<Shot>) -> Option<u64> {
        self.dirty = false;
        let (open, shot) = (self.open.as_mut()?, shown?);
        self.counts.frames_presented += 1;
        let frame = shot.frame;
        let time = open.session.time.time_of(frame);
        let stored = needed_chunks(&open.session, &self.state, &shot)
            .into_iter()
            .filter(|id| !matches!(open.session.role(id.array), Role::Overlay(_)))
            .all(|id| open.loader.get(id).is_none_or(|chunk| chunk.stored));
        let exact = shot == open.requested && is_ready(open, &self.state, &shot);
        let frames = shot.count();
        let pooled = if shot.preview { frames } else { 0 };
        // The last frame of several, now alone, has been covered with them.
        let again = open
            .covered
            .as_ref()
            .is_some_and(|before| before == &shot.frames || (frames == 1 && before.contains(&frame)));
        if !again && !shot.preview {
            self.counts.frames_covered += frames;
            open.covered = Some(shot.frames.clone());
        }
        if exact && open.playhead.is_some() {
            open.playhead = open.after;
        }
        let is_first = open.displayed.replace(shot).is_none();
        let frames_presented = self.counts.frames_presented;
        let waits = exact && !open.answers.is_empty();
        if waits {
            let answers = open.answers.drain(..);
            open.presented.extend(answers.map(|answer| (frames_presented, Shown { frame, time }, answer)));
        }
        let requested = open.requested.frame;
        let projection = self.state.projection;
        self.tell(Event::Frame {
            frame,
            time,
            requested,
            exact,
            stored,
            frames,
            pooled,
            projection,
            frames_presented,
        });
        self.settle();
        if is_first {
            // Now that something is on its way to the screen, there is room for what could wait, for this answer or for the chunks.
            self.accepted(frames_presented);
            self.refresh();
        }
        (waits && !is_first).then_some(frames_presented)
    }

    /// The device has accepted all pictures up to this one, by number.
    pub fn accepted(&mut self, picture: u64) {
        let Some(open) = &mut self.open else { return };
        while open.presented.first().is_some_and(|(number, ..)| *number <= picture) {
            let (_, shown, answer) = open.presented.remove(0);
            // Whoever asked may have gone.
            let _ = answer.send(Ok(shown));
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
        let (wants, coarsest) = (self.wants(), self.coarsest());
        let Some(open) = &mut self.open else { return };
        let state = &self.state;
        let mut pinned = needed_chunks(&open.session, state, &open.requested);
        let failed = pinned.iter().find_map(|id| Some((*id, open.loader.failure(*id)?)));
        if let Some(displayed) = &open.displayed {
            pinned.extend(needed_chunks(&open.session, state, displayed));
        }
        pinned.extend(coarsest);
        open.loader.pin(pinned);
        open.loader.want(wants);
        if is_ready(open, state, &open.requested) {
            self.dirty |= open.displayed.as_ref() != Some(&open.requested) || !open.answers.is_empty();
        } else if let Some(preview) = preview(open, state).filter(|_| !self.clock.is_playing()) {
            self.dirty |= open.displayed.as_ref() != Some(&preview);
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
}
