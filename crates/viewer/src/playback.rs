//! Playback: from wall time to the next frame request.

use std::ops::Range;

use replayscope_json::number;
use replayscope_session::projection::Projection;

use crate::clock::{AtEnd, PlaybackParameters};
use crate::event::Event;
use crate::frame_request::{FrameRequest, needed_fields};
use crate::playhead::{Interval, PlaybackSpan, Playhead};
use crate::readiness::is_ready;
use crate::view::{Gaps, LoopMode, Pace};
use crate::viewer::Viewer;

/// An animation frame this many seconds after the last one is late: at 60 Hz one was missed.
const LATE: f64 = 1.5 / 60.0;
/// Most seconds of the session that one picture covers, unless a second of wall time is more. After a longer pause, such as a
/// computer's sleep, the next picture would otherwise have to read all frames that were missed.
const AT_ONCE: f64 = 5.0;
/// The speed above which a picture may show pooled blocks.
const POOLED_ABOVE: f64 = 4.0;
/// Pictures a second for which the size of pooled blocks is chosen: a block holds at most the frames of one picture.
const PICTURES: f64 = 60.0;
/// How many seconds early a picture may be presented frame by frame: animation frames are not exact to the microsecond.
const EARLY: f64 = 0.25 / PICTURES;

impl Viewer {
    /// Starts playback at wall time `now` in seconds with the state's settings; `backward` runs from the end to the start.
    pub fn play(&mut self, now: f64, backward: bool) {
        self.now = now;
        self.backward = backward;
        let Some(open) = &self.open else { return };
        let requested = open.requested.frame;
        // At the end, playback starts from the beginning, as in every player.
        let Range { start, end } = self.playback_span().frames;
        let (end, start) = if backward { (start, end - 1) } else { (end - 1, start) };
        let outside = requested < start.min(end) || requested > start.max(end);
        self.start_playback(if requested == end || outside { start } else { requested });
        self.emit(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Stops playback at the current frame.
    pub fn pause(&mut self) {
        if !self.clock.is_playing() {
            return;
        }
        self.clock.pause(self.now);
        self.settle();
        self.emit(Event::State(self.state.clone()));
        self.refresh();
    }

    /// Whether playback is on, even while it waits for data.
    pub fn is_playing(&self) -> bool {
        self.clock.is_playing()
    }

    /// Sets whether the page is hidden. A hidden page gets no animation frames: playback continues where it was.
    pub fn set_hidden(&mut self, now: f64, hidden: bool) {
        self.advance_wall_time(now);
        self.screen.hidden = hidden;
    }

    /// Advances to wall time `now` and returns how many of the passed seconds count. Those of a slow picture do: if they were taken for
    /// sleep, playback would stand still wherever pictures are slow.
    fn advance_wall_time(&mut self, now: f64) -> f64 {
        let passed = now - std::mem::replace(&mut self.now, now);
        let most = if self.screen.hidden { 0.0 } else { (AT_ONCE / self.state.speed).max(1.0) };
        if passed > most {
            self.clock.sleep(passed - most);
        }
        passed.min(most)
    }

    /// Whether playback runs forward, or did when it last ran; false backwards and on the way back of a bounce.
    pub fn runs_forward(&self) -> bool {
        self.forward
    }

    /// Advances playback to wall time `now` in seconds.
    pub fn tick(&mut self, now: f64) {
        let passed = self.advance_wall_time(now);
        let Some(open) = &self.open else { return };
        if !self.clock.is_playing() {
            return;
        }
        self.tick_seconds = passed;
        if passed > LATE {
            self.counts.late_frames += 1;
        }
        let frame = open.requested.frame;
        if !self.screen.drawable || !is_ready(open, &self.state, &open.requested) {
            if !self.clock.is_stalled() {
                self.clock.stall(now);
                self.emit(Event::Stall { waiting: true, frame });
            }
            return;
        }
        if self.clock.is_stalled() {
            self.clock.resume(now);
            self.emit(Event::Stall { waiting: false, frame });
        }
        if self.open.as_ref().is_some_and(|open| open.displayed.as_ref() != Some(&open.requested)) {
            // Loaded frames are shown before more are requested: otherwise slow pictures would never be shown.
            return;
        }
        let playback = self.playback_span();
        let next = match self.state.pace {
            Pace::Time => self.next_by_time(now, &playback),
            Pace::Frames => self.next_by_frames(now, &playback),
        };
        if let Some(next) = next
            && let Some(open) = &mut self.open
        {
            open.after = Some(next.after);
            self.request(FrameRequest {
                frame: next.latest,
                frames: next.frames,
                pool_frames: playback.pool_frames,
                preview: false,
            });
        }
        if !self.clock.is_playing() {
            self.emit(Event::State(self.state.clone()));
        }
    }

    /// All frames whose time has passed since the last picture.
    fn next_by_time(&mut self, now: f64, playback: &PlaybackSpan) -> Option<Interval> {
        let mut tick = self.clock.tick(now)?;
        if let Some([start, end]) = self.gap_at(tick.time) {
            self.clock.skip(end - start);
            tick = self.clock.tick(now)?;
        }
        self.forward = tick.forward;
        let open = self.open.as_ref()?;
        let frame = open.session.time.frame_at(tick.time);
        // Playback waits while a seek is unanswered: its picture shows that frame alone.
        open.playhead.filter(|_| open.answers.is_empty())?.interval(&tick, frame, playback)
    }

    /// The next frame alone, once the last one is on screen and its time is over.
    fn next_by_frames(&mut self, now: f64, playback: &PlaybackSpan) -> Option<Interval> {
        let open = self.open.as_mut()?;
        if !open.answers.is_empty() {
            return None;
        }
        let Some(next) = open.playhead?.step(playback) else {
            self.clock.pause(now);
            return None;
        };
        let time = &open.session.time;
        // From one end to the other no session time passes.
        let beside = open.requested.frame.abs_diff(next.latest) <= 1;
        let passes = (time.time_of(next.latest) - time.time_of(open.requested.frame)).abs();
        let mut seconds = if beside { passes } else { 1.0 / time.mean_rate() };
        let between = f64::midpoint(time.time_of(next.latest), time.time_of(open.requested.frame));
        if let Some([start, end]) = gap_at(&open.gaps, between).filter(|_| self.state.gaps == Gaps::Skip) {
            seconds -= end - start;
        }
        let due = open.since + seconds / self.state.speed;
        if now + EARLY < due {
            return None;
        }
        self.forward = next.after.is_forward();
        open.since = due.max(now);
        Some(next)
    }

    /// The gap at `time` that playback has to skip.
    fn gap_at(&self, time: f64) -> Option<[f64; 2]> {
        let open = self.open.as_ref().filter(|_| self.state.gaps == Gaps::Skip)?;
        gap_at(&open.gaps, time)
    }

    /// The frames that playback goes through with the current state.
    pub(crate) fn playback_span(&self) -> PlaybackSpan {
        let Some(open) = &self.open else {
            return PlaybackSpan { frames: 0..1, at_end: AtEnd::Stop, pool_frames: 1 };
        };
        let axis = &open.session.time;
        let all = 0..axis.frames();
        let (frames, at_end) = match (self.state.loop_mode, self.state.selection) {
            (LoopMode::Selection, Some([first, last])) => {
                (axis.frame_at(first)..axis.frame_at(last) + 1, AtEnd::Restart)
            }
            (LoopMode::Off | LoopMode::Selection, _) => (all, AtEnd::Stop),
            (LoopMode::All, _) => (all, AtEnd::Restart),
            (LoopMode::Bounce, _) => (all, AtEnd::Turn),
        };
        PlaybackSpan { frames, at_end, pool_frames: self.pool_frames() }
    }

    /// Frames of the largest pooled block that fits into one picture at this speed; 1 unless the projection is the maximum, the
    /// only one for which a block equals its frames.
    fn pool_frames(&self) -> u64 {
        let Some(open) = &self.open else { return 1 };
        let state = &self.state;
        let by_max = state.projection == Projection::Max && state.pace == Pace::Time;
        if !by_max || state.speed <= POOLED_ABOVE {
            return 1;
        }
        let passing = (open.session.time.mean_rate() * state.speed / PICTURES) as u64;
        let pools = needed_fields(&open.session, state)
            .filter_map(|field| open.session.fields[field].pools(passing).pop());
        pools.max().unwrap_or(1)
    }

    /// Starts the clock and the playhead at a frame.
    fn start_playback(&mut self, frame: u64) {
        let Some(open) = &self.open else { return };
        let (axis, playback) = (&open.session.time, self.playback_span());
        let end =
            if playback.frames.end < axis.frames() { axis.time_of(playback.frames.end) } else { axis.stop() };
        let span = [axis.time_of(playback.frames.start), end];
        let shown = open.displayed.as_ref().is_some_and(|request| request.frame == frame && !request.preview);
        let (speed, at_end, backward) = (self.state.speed, playback.at_end, self.backward);
        self.clock.play(self.now, axis.time_of(frame), PlaybackParameters { speed, at_end, backward, span });
        if !self.screen.drawable {
            self.clock.stall(self.now);
        }
        self.forward = !backward;
        self.set_playhead(frame, shown);
    }

    /// Restarts a running playback at the requested frame, after its parameters have changed.
    pub(crate) fn restart_playback(&mut self) {
        let requested = self.open.as_ref().map(|open| open.requested.frame);
        if let Some(frame) = requested.filter(|_| self.clock.is_playing()) {
            self.start_playback(frame);
            // The requested picture is presented first, and the playhead continues after it.
            self.set_playhead(frame, true);
        }
    }

    /// Sets the playhead to a frame, which is on screen (`shown`) or still has to be.
    pub(crate) fn set_playhead(&mut self, frame: u64, shown: bool) {
        let tick = if self.clock.is_playing() { self.clock.peek(self.now) } else { None };
        let now = self.now;
        let Some(open) = &mut self.open else { return };
        let at = if shown { Playhead::after } else { Playhead::before };
        open.playhead = tick.map(|tick| at(frame, &tick));
        // The requested frame may still be another one; presenting that again covers no frame of the playback.
        let at = if open.requested.frame == frame { Playhead::after } else { at };
        open.after = tick.map(|tick| at(frame, &tick));
        open.since = now;
    }

    /// Replaces a picture of several frames by its last frame alone once playback has ended.
    pub(crate) fn settle(&mut self) {
        let Some(open) = self.open.as_ref().filter(|_| !self.clock.is_playing()) else { return };
        let request = &open.requested;
        if request.count() > 1 && open.displayed.as_ref() == Some(request) {
            self.request(FrameRequest::of(request.frame));
        }
    }

    /// Cuts the selection to the session's time; a notice says so.
    pub(crate) fn clamp_selection(&mut self) {
        let Some(open) = &self.open else { return };
        let Some([first, last]) = self.state.selection else { return };
        let [start, stop] = [open.session.time.start(), open.session.time.stop()];
        let [inside, until] = [first.max(start), last.min(stop)];
        if first >= start && last <= stop {
            return;
        }
        self.state.selection = (inside < until).then_some([inside, until]);
        let [first, last, start, stop] = [first, last, start, stop].map(number::text);
        let text = format!(
            "The selection from {first} to {last} s was cut to the session, which runs from {start} to {stop} s."
        );
        self.emit(Event::Notice { text });
    }
}

/// The gap that contains `time`.
fn gap_at(gaps: &[[f64; 2]], time: f64) -> Option<[f64; 2]> {
    let gap = *gaps.get(gaps.partition_point(|[_, end]| *end <= time))?;
    (gap[0] < time).then_some(gap)
}
