//! Colours of values: the limits in force, where they come from, and histograms.

use replayscope_codecs::histogram;
use replayscope_json::Json;
use replayscope_session::colormap::{Palette, Transform};
use replayscope_session::estimate_range;
use replayscope_session::range::{ColorRange, EstimateRequest, in_float32, of_extremes};
use replayscope_session::{ChunkId, Role, Session};
use replayscope_zarr::futures::Boxed;
use serde::Serialize;

use crate::chunk::Priority;
use crate::error::Error;
use crate::event::Event;
use crate::frame_request::{FrameRequest, Rows, needed_fields};
use crate::view::{Limits, ViewState, from_fragment, initial_state};
use crate::viewer::{Open, Viewer};

/// Counts of values between neighbouring edges: one fewer than edges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// Counts in the sampled frames.
    pub sample: Vec<f64>,
    /// Counts in the frame on screen.
    pub frame: Vec<f64>,
}

impl Viewer {
    /// The limits a field is drawn with: finite, low before high.
    pub fn limits(&self, field: usize) -> [f32; 2] {
        let shown = self.open.as_ref().and_then(|open| open.displayed.as_ref());
        self.limits_of(field, shown).map(|limit| limit as f32)
    }

    /// The limits of a field in a picture: the user's, else the estimated ones.
    pub(crate) fn limits_of(&self, field: usize, request: Option<&FrameRequest>) -> [f64; 2] {
        let found = self.open.as_ref().and_then(|open| open.sampling.get(field)?.found());
        let estimated = found.map_or([0.0, 1.0], |found| found.estimate.limits);
        let frame = || {
            let values = self.values_of(self.open.as_ref()?, field, request?)?;
            Some(of_extremes(extremes(&values)))
        };
        let limits =
            self.state.coloring(field).map_or(estimated, |coloring| coloring.in_force(estimated, frame));
        in_float32(limits)
    }

    /// The state as a link carries it: with the limits that were estimated for each visible field, and with times in decimal digits.
    pub(crate) fn linked_state(&self) -> ViewState {
        let mut state = self.state.clone();
        if let Some(open) = &self.open {
            let axis = &open.session.time;
            state.time = axis.written(axis.frame_at(state.time));
            // An end that is no frame's time is kept as the user gave it.
            let written = |time: f64| {
                let frame = axis.frame_at(time);
                if axis.time_of(frame).to_bits() == time.to_bits() { axis.written(frame) } else { time }
            };
            state.selection = state.selection.map(|ends| ends.map(written));
        }
        let samplings = self.open.iter().flat_map(|open| open.sampling.iter().enumerate());
        for (field, sampling) in samplings {
            let estimated = sampling.found().map(|found| found.estimate.limits);
            state.link_limits(field, estimated);
        }
        state
    }

    /// The limits in force and where they come from, of a named field or of the top visible one; `None` where there is no such field.
    pub fn range(&self, field: Option<&str>) -> Option<ColorRange> {
        let (open, field) = (self.open.as_ref()?, self.field(field)?);
        let [low, high] = self.limits_of(field, open.displayed.as_ref());
        let name = open.session.fields[field].name.clone();
        let from = match self.palette(field)?.scale.transform() {
            Transform::Linear => None,
            Transform::Log { from } => Some(from),
        };
        let none = ColorRange {
            field: name,
            low,
            high,
            from,
            method: "empty",
            frames: 0,
            chunks: 0,
            bytes: 0,
            seed: 0,
        };
        let coloring = self.state.coloring(field)?;
        Some(match (coloring.limits, open.sampling[field].found()) {
            (Limits::Given([Some(_), Some(_)]), _) => ColorRange { method: "given", ..none },
            (Limits::Given(_), _) if coloring.linked.is_some() => ColorRange { method: "link", ..none },
            (Limits::Frame, _) => {
                let frames = open.displayed.as_ref().map_or(0, FrameRequest::count);
                ColorRange { method: "frame", frames, ..none }
            }
            (_, None) => none,
            (_, Some(found)) => ColorRange {
                method: found.estimate.method,
                frames: found.estimate.frames,
                chunks: found.chunks,
                bytes: found.bytes,
                seed: found.seed,
                ..none
            },
        })
    }

    /// Estimates the range of a field. `request` is `{field, …}` with what [`EstimateRequest::from_json`] reads. Its chunks are fetched
    /// in the background.
    ///
    /// # Errors
    /// A sentence that says which part of the request is wrong.
    pub fn estimate(&self, request: &Json) -> Result<Boxed<'static, ColorRange, Error>, String> {
        let name = request.get("field").and_then(Json::as_str);
        let Some((open, number)) = self.open.as_ref().zip(self.field(name)) else {
            return Err("estimateRange needs an open session and, as {field}, the name of one of its fields"
                .to_owned());
        };
        let request = EstimateRequest::from_json(request)?;
        let (field, loader) = (open.session.fields[number].clone(), open.loader.clone());
        let of_field = open.session.chunk_id(Role::Field(number), 0);
        let fetch = move |index| {
            let (loader, id) = (loader.clone(), ChunkId { index, ..of_field });
            async move { loader.chunk(id, Priority::Background).await }
        };
        Ok(Box::pin(async move { estimate_range(&field, request, fetch).await }))
    }

    /// Histogram of a field's values between ascending `edges`; `None` where there is no such field.
    pub fn histogram(&self, field: Option<&str>, edges: &[f64]) -> Option<Histogram> {
        let (open, field) = (self.open.as_ref()?, self.field(field)?);
        let values = open.displayed.as_ref().and_then(|request| self.values_of(open, field, request));
        let frame = histogram(values.unwrap_or_default().into_iter(), edges);
        Some(Histogram { sample: open.sampling[field].histogram(edges), frame })
    }

    /// The colour scale that a field is drawn with.
    pub fn palette(&self, field: usize) -> Option<Palette> {
        Some(self.state.coloring(field)?.palette(self.limits(field)))
    }

    /// The index of the field of that name; without a name, of the top visible field, else of the first.
    pub fn field(&self, name: Option<&str>) -> Option<usize> {
        let session = &self.open.as_ref()?.session;
        match name {
            Some(name) => session.fields.iter().position(|field| field.name == name),
            None => needed_fields(session, &self.state).next_back().or(Some(0)),
        }
    }

    /// A field's values as a picture shows them, one per bin; `None` where a chunk is no longer in the cache.
    pub(crate) fn values_of(&self, open: &Open, field: usize, request: &FrameRequest) -> Option<Vec<f32>> {
        let mut frames = Vec::new();
        for Rows { chunk, rows } in request.rows(&open.session, field, self.state.projection) {
            let chunk = open.loader.get(chunk)?;
            frames.extend(rows.map(|row| chunk.values.row(row as usize)));
        }
        if frames.len() == 1 {
            return frames.pop();
        }
        let bins = frames.first()?.len();
        let of_bin = |bin: usize| {
            let values: Vec<f32> = frames.iter().map(|frame| frame[bin]).collect();
            self.state.projection.of(values.into_iter())
        };
        Some((0..bins).map(of_bin).collect())
    }

    /// Reports that the colormaps loaded on demand are available.
    pub fn colormaps_loaded(&mut self) {
        self.redraw();
        self.emit(Event::State(self.state.clone()));
    }

    /// Whether the first view of `session` needs a colormap that is loaded on demand.
    pub fn will_lack_colormap(&self, session: &Session) -> bool {
        let mut state = initial_state(session);
        if let Some(fragment) = &self.fragment {
            drop(state.patch(&from_fragment(fragment).0));
        }
        state.lacks_colormap()
    }
}

/// The lowest and the highest finite value.
fn extremes(values: &[f32]) -> Option<[f32; 2]> {
    let mut finite = values.iter().copied().filter(|value| value.is_finite());
    let first = finite.next()?;
    Some(finite.fold([first; 2], |[low, high], value| [low.min(value), high.max(value)]))
}
