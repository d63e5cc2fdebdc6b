//! The events that the viewer emits to JavaScript; docs/handle.md lists them and their details.

use replayscope_session::Session;
use replayscope_session::colormap;
use replayscope_session::environment::{Region, RegionShape};
use replayscope_session::projection::Projection;
use replayscope_zarr::source::WaitNotice;
use serde::Serialize;

use crate::error::Error;
use crate::view::ViewState;

/// One event. It serialises to its detail alone; [`Event::name`] is its type.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub enum Event {
    Progress {
        text: String,
        fraction: f64,
    },
    Close,
    Open(SessionInfo),
    Frame {
        frame: u64,
        time: f64,
        requested: u64,
        exact: bool,
        stored: bool,
        frames: u64,
        pooled: u64,
        projection: Projection,
        frames_presented: u64,
    },
    Range {
        layer: String,
        limits: [f64; 2],
        extremes: [f32; 2],
        method: &'static str,
        frames: u64,
        chunks: u64,
        bytes: u64,
        seed: u64,
        #[serde(rename = "final")]
        is_final: bool,
    },
    Narrowed {
        notes: Vec<String>,
    },
    Stall {
        waiting: bool,
        frame: u64,
    },
    Loading {
        in_flight: usize,
        text: String,
    },
    Buffered,
    State(ViewState),
    Notice {
        text: String,
    },
    Wait(Failure),
    Error(Failure),
}

/// The detail of a failure; `retry` says whether the same request can succeed later.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct Failure {
    pub code: &'static str,
    pub text: String,
    pub retry: bool,
    pub seconds: Option<f64>,
}

impl Event {
    /// The event's type, as `addEventListener` takes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Progress { .. } => "progress",
            Self::Close => "close",
            Self::Open(_) => "open",
            Self::Frame { .. } => "frame",
            Self::Range { .. } => "range",
            Self::Narrowed { .. } => "narrowed",
            Self::Stall { .. } => "stall",
            Self::Loading { .. } => "loading",
            Self::Buffered => "buffered",
            Self::State(_) => "state",
            Self::Notice { .. } => "notice",
            Self::Wait(_) => "wait",
            Self::Error(_) => "error",
        }
    }

    /// The event for a failure; `retry` says whether the same request can succeed later.
    pub fn error(error: &Error, retry: bool) -> Self {
        let seconds = match error {
            Error::Session(error) => error.asked_to_wait().map(f64::from),
            Error::Gpu(_) | Error::Closed => None,
        };
        Self::Error(Failure { code: error.code(), text: error.to_string(), retry, seconds })
    }

    /// The event for a server that asks to wait; `None` where no request waits any more.
    pub fn server_wait(wait: Option<WaitNotice>) -> Self {
        let (text, seconds) = wait.map(|wait| (wait.text, f64::from(wait.seconds))).unzip();
        Self::Wait(Failure { code: "server-wait", text: text.unwrap_or_default(), retry: true, seconds })
    }

    /// The event for a lost graphics device; an empty text once there is a device again.
    pub fn device_wait(text: String) -> Self {
        Self::Wait(Failure { code: "device-lost", text, retry: true, seconds: None })
    }

    /// The event for `in_flight` requests: for frame `waited_for`, or else a prefetch.
    pub fn loading(in_flight: usize, waited_for: Option<u64>) -> Self {
        let text = match (in_flight, waited_for) {
            (0, _) => String::new(),
            (_, Some(frame)) => format!("loading frame {frame}"),
            (n, None) => format!("reading ahead ({n})"),
        };
        Self::Loading { in_flight, text }
    }
}

/// The session's description, as JavaScript gets it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct SessionInfo {
    pub url: String,
    pub local: bool,
    pub name: String,
    pub description: Option<String>,
    pub frames: u64,
    pub bins: usize,
    pub start: f64,
    pub stop: f64,
    pub rate: Option<f64>,
    pub gaps: Vec<[f64; 2]>,
    pub units: Option<String>,
    pub bounds: Bounds,
    pub layout: &'static str,
    pub linearised: bool,
    pub regions: Vec<RegionInfo>,
    pub fields: Vec<FieldInfo>,
    pub overlays: Vec<OverlayInfo>,
    pub notes: Vec<String>,
}

/// Where a session was opened from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The URL as it was given; for files of this computer, their name.
    pub url: String,
    /// Whether the session is on this computer, so that no link can carry it.
    pub local: bool,
}

impl From<&str> for Address {
    fn from(url: &str) -> Self {
        Self { url: url.to_owned(), local: false }
    }
}

/// The environment's extent in its own units.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct Bounds {
    pub x: [f64; 2],
    pub y: [f64; 2],
}

/// The description of a field.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct FieldInfo {
    pub name: String,
    pub units: Option<String>,
    pub dtype: String,
    pub chunk_frames: u64,
    pub chunks: u64,
}

/// The description of a region.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct RegionInfo {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub color: String,
}

impl RegionInfo {
    fn new(region: &Region) -> Self {
        let kind = match region.shape {
            RegionShape::Point(_) => "point",
            RegionShape::Polygon(_) => "polygon",
        };
        Self { name: region.name.clone(), kind, color: colormap::hex(region.color) }
    }
}

/// The description of an overlay.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "docs/handle.md describes each detail; twice would drift")]
pub struct OverlayInfo {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl SessionInfo {
    /// The description of a session that was opened from `address`.
    pub fn new(session: &Session, address: &Address) -> Self {
        let mut notes = session.notes.clone();
        if !session.time.is_whole() {
            notes.push(
                "The time stamps are irregular and are still being read; until then, times between the known ones are estimates."
                    .to_owned(),
            );
        }
        let bounds = session.environment.bounds();
        let fields = session.fields.iter().map(|field| FieldInfo {
            name: field.name.clone(),
            units: field.units.clone(),
            dtype: field.array.metadata().data_type.name.clone(),
            chunk_frames: field.array.chunk_frames(),
            chunks: field.array.chunks(),
        });
        let overlays = session
            .overlays
            .iter()
            .map(|overlay| OverlayInfo { name: overlay.name.clone(), kind: "position" });
        Self {
            url: address.url.clone(),
            local: address.local,
            name: session.name.clone(),
            description: session.description.clone(),
            frames: session.time.frames(),
            bins: session.environment.bins(),
            start: session.time.start(),
            stop: session.time.time_of(u64::MAX),
            rate: session.time.rate(),
            gaps: session.time.gaps(),
            units: session.environment.units.clone(),
            bounds: Bounds { x: bounds.x, y: bounds.y },
            layout: session.environment.layout.name(),
            linearised: session.environment.linearised.is_some(),
            regions: session.environment.regions.iter().map(RegionInfo::new).collect(),
            fields: fields.collect(),
            overlays: overlays.collect(),
            notes,
        }
    }
}
