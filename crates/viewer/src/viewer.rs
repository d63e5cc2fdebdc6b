//! The viewer: the session on screen, the view of it, and everything between a request and a picture.
//!
//! It knows neither browser nor GPU: the web edge gives it wall time and arrivals, and draws the [`Drawing`](crate::Drawing) that it
//! returns. Its methods lie in files of their own: `seek`, `playback`, `patching`, `policy`, `drawing`, `camera`, `marks`, `probe`,
//! `colors`.

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

pub(crate) type Answer = oneshot::Sender<Result<Shown, Error>>;

/// A session on screen.
pub(crate) struct Open {
    pub(crate) address: Address,
    pub(crate) session: Session,
    /// How wide its bins are, in space and side by side; found out when that is first wanted.
    pub(crate) bin_sizes: OnceCell<[f64; 2]>,
    /// Its stretches without frames.
    pub(crate) gaps: Vec<[f64; 2]>,
    pub(crate) loader: Loader,
    /// What is asked for; `displayed` follows it as data come.
    pub(crate) requested: FrameRequest,
    pub(crate) displayed: Option<FrameRequest>,
    /// The frames of the last picture that counted as covered: shown again, they are not counted again.
    pub(crate) covered: Option<std::ops::Range<u64>>,
    /// How far playback has been seen, and how far once what is requested is on screen.
    pub(crate) playhead: Option<Playhead>,
    pub(crate) after: Option<Playhead>,
    /// Wall time since when the requested frame has its time, where playback goes frame by frame.
    pub(crate) since: f64,
    pub(crate) answers: Vec<Answer>,
    /// Answers whose picture is presented and that the device has not accepted yet, with the picture's number.
    pub(crate) presented: Vec<(u64, Shown, Answer)>,
    pub(crate) sampling: Vec<Sampling>,
    /// What float32 could not hold, of each field.
    pub(crate) narrowed: Vec<Narrowed>,
    /// The chunk whose failure was reported last, so that it is reported once.
    pub(crate) reported: Option<ChunkId>,
    pub(crate) in_flight: usize,
}

/// Whether a picture can be shown.
pub(crate) struct Screen {
    /// There is something to draw with.
    pub(crate) drawable: bool,
    /// Nobody sees the page.
    pub(crate) hidden: bool,
}

/// The only mutable owner of view and session.
pub struct Viewer {
    pub(crate) state: ViewState,
    pub(crate) open: Option<Open>,
    /// A link's fragment given before its session is open.
    pub(crate) fragment: Option<String>,
    pub(crate) clock: Clock,
    /// Wall time in seconds when it was last told, and whether playback then ran forward.
    pub(crate) now: f64,
    pub(crate) forward: bool,
    /// Seconds between the last two ticks.
    pub(crate) tick_seconds: f64,
    /// Whether playback set out backwards.
    pub(crate) backward: bool,
    pub(crate) canvas: CanvasSize,
    /// Size of the last picture that was drawn offscreen.
    pub(crate) offscreen: Option<[u32; 2]>,
    /// The picture on screen is out of date.
    pub(crate) dirty: bool,
    pub(crate) thresholds: RefCell<ThresholdCache>,
    pub(crate) screen: Screen,
    pub(crate) events: Vec<Event>,
    pub(crate) counts: Counts,
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
    /// What happened since the last call, for whoever listens.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether there is something to draw or to advance.
    pub fn wants_animation_frame(&self) -> bool {
        self.screen.drawable && (self.dirty || self.clock.is_playing())
    }

    /// Tells something to whoever listens.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Shows a newly opened session in the place of the one before, at the link's frame if one was given.
    pub fn install(&mut self, session: Session, address: Address, loader: Loader) -> SeekAnswer {
        if self.open.is_some() {
            self.tell(Event::Close);
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
        self.tell(Event::Open(info));
        if let Some(fragment) = self.fragment.take() {
            self.apply_fragment(&fragment);
        }
        let answer = self.seek(Target::Time(self.state.time));
        self.tell(Event::State(self.state.clone()));
        answer
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

    /// The loader of the session on screen.
    pub fn loader(&self) -> Option<Loader> {
        self.open.as_ref().map(|open| open.loader.clone())
    }
}
