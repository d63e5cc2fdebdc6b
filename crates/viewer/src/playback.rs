//! Playing: from wall time to the request that is requested next.

use std::ops::Range;

use crate::clock::{AtEnd, Course};
use crate::event::Event;
use crate::frame_request::{FrameRequest, needed_fields};
use crate::playhead::{Interval, Playhead, Way};
use crate::readiness::is_ready;
use crate::view::{Gaps, LoopMode, Pace};
use crate::viewer::Viewer;
use replayscope_json::number;
use replayscope_session::projection::Projection;

/// An animation frame this many seconds after the last one is late: at 60 a second one was missed.
const LATE: f64 = 1.5 / 60.0;
/// A picture covers at most so many seconds of the session, or a second on the wall, if that is more: a page that stood still
/// for longer, as a computer does that sleeps, would have to read all that it missed for its next one.
const AT_ONCE: f64 = 5.0;
/// Faster than this, a picture may show pooled blocks…
const POOLED_ABOVE: f64 = 4.0;
/// …of as many frames as pass in one picture at so many pictures a second.
const PICTURES: f64 = 60.0;
/// Frame by frame, a picture may come this many seconds early: animation frames do not come on the microsecond.
const EARLY: f64 = 0.25 / PICTURES;

impl Viewer {
    /// Starts playback as the state says how; `backward` from the end to the start.
    pub fn play(&mut self, now: f64, backward: bool) {
        self.now = now;
        self.backward = backward;
        let Some(open) = &self.open else { return };
        let requested = open.requested.frame;
        // At the end, play means from the beginning, as in every player.
        let Range { start, end } = self.way().frames;
        let (end, start) = if backward { (start, end - 1) } else { (end - 1, start) };
        let outside = requested < start.min(end) || requested > start.max(end);
        self.set_out(if requested == end || outside { start } else { requested });
        self.tell(Event::State(self.state.clone()));
        self.refresh();
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

    /// Whether playback is on, even while it waits for data.
    pub fn is_playing(&self) -> bool {
        self.clock.is_playing()
    }

    /// Whether nobody sees the page: it gets no animation frames then, and playback goes on from where it was.
    pub fn set_hidden(&mut self, now: f64, hidden: bool) {
        self.pass(now);
        self.screen.hidden = hidden;
    }

    /// Goes on to wall time `now`, and says how many seconds count as passed. Those that a slow picture takes do: taken for sleep,
    /// playback would stand still wherever pictures take longer.
    fn pass(&mut self, now: f64) -> f64 {
        let passed = now - std::mem::replace(&mut self.now, now);
        let most = if self.screen.hidden { 0.0 } else { (AT_ONCE / self.state.speed).max(1.0) };
        if passed > most {
            self.clock.sleep(passed - most);
        }
        passed.min(most)
    }

    /// Whether playback runs forward now, or ran so when it last did; false backwards and on the way back of a bounce.
    pub fn runs_forward(&self) -> bool {
        self.forward
    }

    /// Advances playback to wall time `now` in seconds.
    pub fn tick(&mut self, now: f64) {
        let passed = self.pass(now);
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
                self.tell(Event::Stall { waiting: true, frame });
            }
            return;
        }
        if self.clock.is_stalled() {
            self.clock.resume(now);
            self.tell(Event::Stall { waiting: false, frame });
        }
        if self.open.as_ref().is_some_and(|open| open.displayed.as_ref() != Some(&open.requested)) {
            // What has come since the last tick is shown first: were more asked for each time, slow pictures would never be.
            return;
        }
        let way = self.way();
        let next = match self.state.pace {
            Pace::Time => self.next_by_time(now, &way),
            Pace::Frames => self.next_by_frames(now, &way),
        };
        if let Some(next) = next
            && let Some(open) = &mut self.open
        {
            open.after = Some(next.after);
            self.request(FrameRequest {
                frame: next.latest,
                frames: next.frames,
                grain: way.grain,
                preview: false,
            });
        }
        if !self.clock.is_playing() {
            self.tell(Event::State(self.state.clone()));
        }
    }

    /// All frames that have gone by since the last picture.
    fn next_by_time(&mut self, now: f64, way: &Way) -> Option<Interval> {
        let mut tick = self.clock.tick(now)?;
        if let Some([start, end]) = self.gap_at(tick.time) {
            self.clock.skip(end - start);
            tick = self.clock.tick(now)?;
        }
        self.forward = tick.forward;
        let open = self.open.as_ref()?;
        let frame = open.session.time.frame_at(tick.time);
        // An answer to a seek is of that frame alone; until it is given playback waits for it.
        open.playhead.filter(|_| open.answers.is_empty())?.interval(&tick, frame, way)
    }

    /// The next frame alone, once the last one is on screen and its time is over.
    fn next_by_frames(&mut self, now: f64, way: &Way) -> Option<Interval> {
        let open = self.open.as_mut()?;
        if !open.answers.is_empty() {
            return None;
        }
        let Some(next) = open.playhead?.step(way) else {
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

    /// The gap that playback is to skip at a time.
    fn gap_at(&self, time: f64) -> Option<[f64; 2]> {
        let open = self.open.as_ref().filter(|_| self.state.gaps == Gaps::Skip)?;
        gap_at(&open.gaps, time)
    }

    /// The frames that playback goes through now, and how.
    pub(crate) fn way(&self) -> Way {
        let Some(open) = &self.open else { return Way { frames: 0..1, at_end: AtEnd::Stop, grain: 1 } };
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
        Way { frames, at_end, grain: self.grain() }
    }

    /// The largest pooled blocks of which a picture holds whole ones at this speed, under the one projection for which
    /// they are the same as their frames.
    fn grain(&self) -> u64 {
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

    /// Sets the clock and the playhead off from a frame.
    fn set_out(&mut self, frame: u64) {
        let Some(open) = &self.open else { return };
        let (axis, way) = (&open.session.time, self.way());
        let end = if way.frames.end < axis.frames() { axis.time_of(way.frames.end) } else { axis.stop() };
        let span = [axis.time_of(way.frames.start), end];
        let shown = open.displayed.as_ref().is_some_and(|request| request.frame == frame && !request.preview);
        let (speed, at_end, backward) = (self.state.speed, way.at_end, self.backward);
        self.clock.play(self.now, axis.time_of(frame), Course { speed, at_end, backward, span });
        if !self.screen.drawable {
            self.clock.stall(self.now);
        }
        self.forward = !backward;
        self.set_playhead(frame, shown);
    }

    /// Goes on from the requested frame, where the way has changed while playing.
    pub(crate) fn set_out_again(&mut self) {
        let requested = self.open.as_ref().map(|open| open.requested.frame);
        if let Some(frame) = requested.filter(|_| self.clock.is_playing()) {
            self.set_out(frame);
            // Whatever is requested is still to be presented, and then is the last that was.
            self.set_playhead(frame, true);
        }
    }

    /// Playback goes on from a frame, which is on screen or still has to be.
    pub(crate) fn set_playhead(&mut self, frame: u64, shown: bool) {
        let tick = if self.clock.is_playing() { self.clock.peek(self.now) } else { None };
        let now = self.now;
        let Some(open) = &mut self.open else { return };
        let at = if shown { Playhead::after } else { Playhead::before };
        open.playhead = tick.map(|tick| at(frame, &tick));
        // What is requested may be elsewhere still; to present it again shows nothing of the way.
        let at = if open.requested.frame == frame { Playhead::after } else { at };
        open.after = tick.map(|tick| at(frame, &tick));
        open.since = now;
    }

    /// Where playback has ended, a picture of several frames gives way to its last one alone.
    pub(crate) fn settle(&mut self) {
        let Some(open) = self.open.as_ref().filter(|_| !self.clock.is_playing()) else { return };
        let request = &open.requested;
        if request.count() > 1 && open.displayed.as_ref() == Some(request) {
            self.request(FrameRequest::of(request.frame));
        }
    }

    /// A selection is a part of the session; what lies outside is cut off, and told.
    pub(crate) fn keep_selection(&mut self) {
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
        self.tell(Event::Notice { text });
    }
}

/// The gap that holds a time.
fn gap_at(gaps: &[[f64; 2]], time: f64) -> Option<[f64; 2]> {
    let gap = *gaps.get(gaps.partition_point(|[_, end]| *end <= time))?;
    (gap[0] < time).then_some(gap)
}
