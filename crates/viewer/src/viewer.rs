//! The viewer: the session on screen, the view of it, and everything between a request and a picture.
//!
//! The viewer knows neither browser nor GPU: the web edge passes it wall time and loaded chunks, and draws the
//! [`Drawing`](crate::Drawing) that it returns. Its methods lie in files of their own: `seek`, `playback`, `patching`, `policy`,
//! `drawing`, `camera`, `marks`, `probe`, `colors`.

use std::cell::{OnceCell, RefCell};

use futures_channel::oneshot;
use replayscope_session::environment::Bounds;
use replayscope_session::{ChunkId, Narrowed, Session};

use crate::canvas::CanvasSize;
use crate::chunk::Loader;
use crate::clock::Clock;
use crate::error::Error;
use crate::event::{Address, Event, SessionInfo};
use crate::frame_request::FrameRequest;
use crate::playhead::Playhead;
use crate::render_types::ThresholdCache;
use crate::sampling::Sampling;
use crate::view::{Space, ViewState, initial_state};

/// A frame that reached the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// The frame's index.
    pub frame: u64,
    /// The frame's time in seconds.
    pub time: f64,
}

/// The answer to a seek: the frame once it is on screen, or the error; cancelled when another seek supersedes it.
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
    /// Pictures presented.
    pub frames_presented: u64,
    /// Data frames that reached a picture.
    pub frames_covered: u64,
    /// Animation frames that came at least one frame late while playing.
    pub late_frames: u64,
    /// Seeks whose chunks were all in the cache.
    pub chunk_hits: u64,
    /// Seeks that had to fetch a chunk.
    pub chunk_misses: u64,
}

pub(crate) type Answer = oneshot::Sender<Result<Shown, Error>>;

/// A session on screen.
pub(crate) struct Open {
    pub(crate) address: Address,
    pub(crate) session: Session,
    /// The width of the bins in environment units, in space and linearised; computed on first use.
    pub(crate) bin_sizes: OnceCell<[f64; 2]>,
    /// Intervals without frames, each `[last frame before, first frame after]` in seconds.
    pub(crate) gaps: Vec<[f64; 2]>,
    pub(crate) loader: Loader,
    /// The requested frames; `displayed` follows once their chunks are loaded.
    pub(crate) requested: FrameRequest,
    pub(crate) displayed: Option<FrameRequest>,
    /// The frames of the last picture that counted as covered, so that presenting them again does not count them again.
    pub(crate) covered: Option<std::ops::Range<u64>>,
    /// The playhead after the displayed picture, and the one after the requested picture.
    pub(crate) playhead: Option<Playhead>,
    pub(crate) after: Option<Playhead>,
    /// Wall time in seconds at which the requested frame was due, for playback frame by frame.
    pub(crate) since: f64,
    pub(crate) answers: Vec<Answer>,
    /// Answers whose picture is presented and that the device has not accepted yet, with the picture's number.
    pub(crate) presented: Vec<(u64, Shown, Answer)>,
    pub(crate) sampling: Vec<Sampling>,
    /// The values of each field that float32 could not hold.
    pub(crate) narrowed: Vec<Narrowed>,
    /// The chunk whose failure was reported last, so that it is reported once.
    pub(crate) reported: Option<ChunkId>,
    pub(crate) in_flight: usize,
}

/// Whether a picture can be drawn and seen.
pub(crate) struct Screen {
    /// Whether there is a graphics device.
    pub(crate) drawable: bool,
    /// Whether the page is hidden.
    pub(crate) hidden: bool,
}

/// The only mutable owner of view and session.
pub struct Viewer {
    pub(crate) state: ViewState,
    pub(crate) open: Option<Open>,
    /// A link's fragment that was applied before its session was open.
    pub(crate) fragment: Option<String>,
    pub(crate) clock: Clock,
    /// Wall time of the last tick in seconds, and whether playback ran forward at it.
    pub(crate) now: f64,
    pub(crate) forward: bool,
    /// Seconds between the last two ticks.
    pub(crate) tick_seconds: f64,
    /// Whether playback was started backwards.
    pub(crate) backward: bool,
    pub(crate) canvas: CanvasSize,
    /// Size in pixels of the last picture that was drawn offscreen.
    pub(crate) offscreen: Option<[u32; 2]>,
    /// Whether the picture on screen is out of date.
    pub(crate) dirty: bool,
    pub(crate) thresholds: RefCell<ThresholdCache>,
    pub(crate) screen: Screen,
    pub(crate) events: Vec<Event>,
    pub(crate) counts: Counts,
}

/// The space of the state before a session is open.
const EMPTY_SPACE: Space =
    Space { bins: 0, bounds: Bounds { x: [0.0, 1.0], y: [0.0, 1.0] }, linearised: None };

impl Default for Viewer {
    fn default() -> Self {
        Self {
            state: ViewState::new(0.0, EMPTY_SPACE, Vec::new()),
            open: None,
            fragment: None,
            clock: Clock::default(),
            now: 0.0,
            forward: true,
            tick_seconds: 0.0,
            backward: false,
            canvas: CanvasSize::default(),
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
    /// The events emitted since the last call, oldest first.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether there is something to draw or to advance.
    pub fn wants_animation_frame(&self) -> bool {
        self.screen.drawable && (self.dirty || self.clock.is_playing())
    }

    /// Emits an event; [`Viewer::take_events`] returns it.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Shows a newly opened session in the place of the one before, at the link's frame if one was given.
    pub fn install(&mut self, session: Session, address: Address, loader: Loader) -> SeekAnswer {
        if self.open.is_some() {
            self.emit(Event::Close);
        }
        self.close();
        self.state = initial_state(&session);
        let sampling = session.fields.iter().map(Sampling::new).collect();
        let narrowed = vec![Narrowed::default(); session.fields.len()];
        let info = SessionInfo::new(&session, &address);
        self.open = Some(Open {
            address,
            bin_sizes: OnceCell::new(),
            gaps: session.time.gaps(),
            session,
            loader,
            requested: FrameRequest::of(0),
            displayed: None,
            covered: None,
            playhead: None,
            after: None,
            since: 0.0,
            answers: Vec::new(),
            presented: Vec::new(),
            sampling,
            narrowed,
            reported: None,
            in_flight: 0,
        });
        self.emit(Event::Open(info));
        if let Some(fragment) = self.fragment.take() {
            self.apply_fragment(&fragment);
        }
        let answer = self.seek(Target::Time(self.state.time));
        self.emit(Event::State(self.state.clone()));
        answer
    }

    /// The counters since the viewer was made.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Closes the session and aborts its requests.
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

    /// The loader of the session on screen.
    pub fn loader(&self) -> Option<Loader> {
        self.open.as_ref().map(|open| open.loader.clone())
    }
}
