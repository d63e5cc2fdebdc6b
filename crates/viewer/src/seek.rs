//! From a request to its picture: seeks, loaded chunks, pictures that are presented and accepted.

use futures_channel::oneshot;
use replayscope_json::number::clamp;
use replayscope_session::{ChunkId, Role};

use crate::chunk::Arrival;
use crate::error::Error;
use crate::event::{Event, SessionInfo};
use crate::frame_request::{FrameRequest, needed_chunks};
use crate::readiness::{is_ready, preview};
use crate::viewer::{SeekAnswer, Shown, Target, Viewer};

impl Viewer {
    /// Whether a seek waits for a picture that can be drawn now; the next animation frame may be nearly a whole interval away.
    pub fn is_waited_for(&self) -> bool {
        let waits = self
            .open
            .as_ref()
            .is_some_and(|open| !open.answers.is_empty() && is_ready(open, &self.state, &open.requested));
        self.dirty && waits && !self.clock.is_playing()
    }

    /// The chunk of a field that holds a frame, and the frame's row in it; `None` where there is no such field.
    pub fn locate(&self, field: &str, frame: u64) -> Option<(ChunkId, usize)> {
        let open = self.open.as_ref()?;
        let index = open.session.fields.iter().position(|other| other.name == field)?;
        let frame = frame.min(open.session.time.frames() - 1);
        let id = open.session.chunk_id(Role::Field(index), frame);
        Some((id, (frame - open.session.fields[index].array.frames_of(id.index).start) as usize))
    }

    /// Requests a frame; a target out of range is clamped. A later seek cancels the answer of an earlier one.
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
        open.reported = None;
        let needed = needed_chunks(&open.session, &self.state, &FrameRequest::of(frame));
        if needed.iter().all(|id| open.loader.contains(*id)) {
            self.counts.chunk_hits += 1;
        } else {
            self.counts.chunk_misses += 1;
        }
        let time_s = time.time_of(frame);
        self.clock.seek(self.now, time_s);
        self.request(FrameRequest::of(frame));
        self.set_playhead(frame, false);
        if !self.clock.is_playing() {
            self.emit(Event::State(self.state.clone()));
        }
        receive
    }

    /// Requests every chunk that failed once more.
    pub fn retry(&mut self) {
        if let Some(open) = &mut self.open {
            open.reported = None;
            open.loader.forget_all_failures();
        }
        self.dirty = true;
        self.refresh();
    }

    /// Sets whether there is a graphics device; without one, playback and the answers of seeks wait.
    pub fn set_drawable(&mut self, now: f64, drawable: bool) {
        self.screen.drawable = drawable;
        self.dirty = true;
        if let Some(open) = &mut self.open {
            // A picture that the lost device had not accepted is presented again, if its frame is still the requested one.
            let waiting =
                open.presented.drain(..).filter(|(_, shown, _)| shown.frame == open.requested.frame);
            open.answers.extend(waiting.map(|(_, _, answer)| answer));
        }
        self.tick(now);
    }

    /// Reports that the picture of [`Viewer::next_drawing`] could not be drawn; it is drawn again at the next change or [`Viewer::retry`].
    pub fn not_presented(&mut self, error: &Error) {
        if let Some(open) = &mut self.open {
            for answer in open.answers.drain(..) {
                let _ = answer.send(Err(error.clone()));
            }
        }
        self.emit(Event::error(error, true));
        self.pause();
        self.dirty = false;
    }

    /// Takes a chunk that was loaded, or whose load failed.
    pub fn arrived(&mut self, arrival: &Arrival) {
        let Some(open) = &mut self.open else { return };
        if let Some(field) = open.session.field_of(arrival.id) {
            // A neighbour that is loaded sooner must not choose the first colours: they would differ from one time to the next.
            let wanted = open.session.chunk_id(Role::Field(field), open.requested.frame) == arrival.id;
            let event = open.sampling[field].arrived(&open.session.fields[field].name, arrival, wanted);
            self.dirty |= event.is_some();
            self.events.extend(event);
            if let Ok(decoded) = &arrival.result
                && open.session.fields[field].array.is_wide()
                && open.narrowed[field].add(arrival.id.index, decoded)
            {
                let fields = open.session.fields.iter().zip(&open.narrowed);
                let notes = fields.filter_map(|(field, narrowed)| narrowed.note(&field.name)).collect();
                self.events.push(Event::Narrowed { notes });
            }
        }
        self.emit(Event::Buffered);
        self.refresh();
    }

    /// Replaces the time axis by the one that was read in full.
    pub fn replace_time(&mut self, time: replayscope_session::TimeAxis) {
        let Some(open) = &mut self.open else { return };
        if open.session.time == time {
            return;
        }
        open.gaps = time.gaps();
        open.session.time = time;
        let info = SessionInfo::new(&open.session, &open.address);
        self.state.time = open.session.time.time_of(open.requested.frame);
        self.emit(Event::Notice {
            text: "The time stamps are irregular; times shown are now the stored ones.".to_owned(),
        });
        self.emit(Event::Open(info));
        self.refresh();
    }

    /// Reports that the picture of [`Viewer::next_drawing`] was handed to the canvas. Returns the picture's number where a seek waits
    /// for it: the caller passes it to [`Viewer::accepted`] once the device has accepted the picture.
    pub fn presented(&mut self, shown: Option<FrameRequest>) -> Option<u64> {
        self.dirty = false;
        let (open, request) = (self.open.as_mut()?, shown?);
        self.counts.frames_presented += 1;
        let frame = request.frame;
        let time = open.session.time.time_of(frame);
        let stored = needed_chunks(&open.session, &self.state, &request)
            .into_iter()
            .filter(|id| !matches!(open.session.role(id.array), Role::Overlay(_)))
            .all(|id| open.loader.get(id).is_none_or(|chunk| chunk.stored));
        let exact = request == open.requested && is_ready(open, &self.state, &request);
        let frames = request.count();
        let pooled = if request.preview { frames } else { 0 };
        // The last frame of several is shown alone once they were covered: it does not count twice.
        let again = open
            .covered
            .as_ref()
            .is_some_and(|before| before == &request.frames || (frames == 1 && before.contains(&frame)));
        if !again && !request.preview {
            self.counts.frames_covered += frames;
            open.covered = Some(request.frames.clone());
        }
        if exact && open.playhead.is_some() {
            open.playhead = open.after;
        }
        let is_first = open.displayed.replace(request).is_none();
        let frames_presented = self.counts.frames_presented;
        let waits = exact && !open.answers.is_empty();
        if waits {
            let answers = open.answers.drain(..);
            open.presented.extend(answers.map(|answer| (frames_presented, Shown { frame, time }, answer)));
        }
        let requested = open.requested.frame;
        let projection = self.state.projection;
        self.emit(Event::Frame {
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
            // The first picture is on its way to the screen: requests of lower priority may start.
            self.accepted(frames_presented);
            self.refresh();
        }
        (waits && !is_first).then_some(frames_presented)
    }

    /// Reports that the device has accepted all pictures up to this number.
    pub fn accepted(&mut self, picture: u64) {
        let Some(open) = &mut self.open else { return };
        while open.presented.first().is_some_and(|(number, ..)| *number <= picture) {
            let (_, shown, answer) = open.presented.remove(0);
            // The receiver may be dropped already.
            let _ = answer.send(Ok(shown));
        }
    }

    pub(crate) fn request(&mut self, request: FrameRequest) {
        if let Some(open) = &mut self.open {
            // A chunk whose prefetch failed is requested again now that it is needed.
            open.loader.forget_failures(&needed_chunks(&open.session, &self.state, &request));
            self.state.time = open.session.time.time_of(request.frame);
            open.requested = request;
        }
        self.refresh();
    }

    /// Updates the loader's requests and pins, and decides whether the requested picture can be drawn.
    pub(crate) fn refresh(&mut self) {
        let (requests, coarsest) = (self.chunk_requests(), self.coarsest());
        let Some(open) = &mut self.open else { return };
        let state = &self.state;
        let mut pinned = needed_chunks(&open.session, state, &open.requested);
        let failed = pinned.iter().find_map(|id| Some((*id, open.loader.failure(*id)?)));
        if let Some(displayed) = &open.displayed {
            pinned.extend(needed_chunks(&open.session, state, displayed));
        }
        pinned.extend(coarsest);
        open.loader.pin(pinned);
        open.loader.set_requests(requests);
        if is_ready(open, state, &open.requested) {
            self.dirty |= open.displayed.as_ref() != Some(&open.requested) || !open.answers.is_empty();
        } else if let Some(preview) = preview(open, state).filter(|_| !self.clock.is_playing()) {
            self.dirty |= open.displayed.as_ref() != Some(&preview);
        }
        if let Some((id, error)) = failed.filter(|(id, _)| open.reported != Some(*id)) {
            open.reported = Some(id);
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
