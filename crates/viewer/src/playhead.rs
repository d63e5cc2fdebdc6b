//! Which data frames a picture covers during playback. Pure: time comes from the clock.

use std::ops::Range;

use crate::clock::{AtEnd, Tick};

/// The frames that playback goes through, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaybackSpan {
    /// All frames, or the selected ones; not empty.
    pub frames: Range<u64>,
    /// What playback does at the last frame (backwards: at the first).
    pub at_end: AtEnd,
    /// Frames of the pooled blocks that are shown at high speeds, else 1. Pictures end at multiples of it, or at the end of `frames`.
    pub pool_frames: u64,
}

impl PlaybackSpan {
    fn ends(&self) -> [i64; 2] {
        [self.frames.start as i64, self.frames.end as i64]
    }
}

/// The next frame that playback has to show. The intervals of successive pictures tile the frames of the playback: none is left out
/// and none is shown twice, whatever the ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// The next frame to show; outside the playback's frames once an end is reached.
    next: i64,
    forward: bool,
    turn: u64,
}

/// Most frames of one picture; the next picture shows the rest. A multiple of every block size.
const MOST: i64 = 1 << 20;

/// The frames that one picture covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The frames; not empty.
    pub frames: Range<u64>,
    /// The last of them in the direction of playback.
    pub latest: u64,
    /// The playhead once this has been presented.
    pub after: Playhead,
}

impl Interval {
    fn new(frames: Range<i64>, forward: bool, after: Playhead) -> Self {
        let frames = frames.start.max(0) as u64..frames.end as u64;
        let latest = if forward { frames.end - 1 } else { frames.start };
        Self { frames, latest, after }
    }
}

impl Playhead {
    /// The playhead at `tick` with `frame` still to be shown: at the start of playback, or after a seek.
    pub fn before(frame: u64, tick: &Tick) -> Self {
        Self { next: frame as i64, forward: tick.forward, turn: tick.turn }
    }

    /// The playhead at `tick` with `frame` on screen already.
    pub fn after(frame: u64, tick: &Tick) -> Self {
        let next = if tick.forward { frame as i64 + 1 } else { frame as i64 - 1 };
        Self { next, forward: tick.forward, turn: tick.turn }
    }

    /// The frames that a picture at `tick` has to cover; `None` where there is no new one. `frame` is the frame at the tick's time.
    ///
    /// A picture never covers both sides of an end: it first shows the rest of the frames before the end.
    pub fn interval(mut self, tick: &Tick, frame: u64, playback: &PlaybackSpan) -> Option<Interval> {
        // In a short session whole rounds may pass between two pictures: they are skipped in pairs, which keep the direction.
        self.turn += tick.turn.saturating_sub(self.turn + 3) / 2 * 2;
        while tick.turn > self.turn + 2 {
            self = self.turned(playback);
        }
        let [start, end] = playback.ends();
        while tick.turn > self.turn {
            let rest =
                if self.forward { self.next.max(start)..end } else { start..self.next.min(end - 1) + 1 };
            let (forward, part) = (self.forward, self.nearest(&rest));
            if part != rest {
                return Some(self.over(part));
            }
            self = self.turned(playback);
            if !rest.is_empty() {
                return Some(Interval::new(rest, forward, self));
            }
        }
        let (frame, pool_frames) = ((frame as i64).clamp(start, end - 1), playback.pool_frames.max(1) as i64);
        let new = if self.forward {
            let until = if frame + 1 == end { end } else { (frame + 1) / pool_frames * pool_frames };
            self.next.max(start)..until
        } else {
            let from =
                if frame == start { start } else { (frame + pool_frames - 1) / pool_frames * pool_frames };
            from..self.next.min(end - 1) + 1
        };
        (!new.is_empty()).then(|| self.over(self.nearest(&new)))
    }

    /// The first of `frames` in the direction of playback, at most [`MOST`].
    fn nearest(&self, frames: &Range<i64>) -> Range<i64> {
        let Range { start, end } = *frames;
        if self.forward { start..end.min(start + MOST) } else { start.max(end - MOST)..end }
    }

    /// The interval of `frames`, with the playhead moved behind them.
    fn over(mut self, frames: Range<i64>) -> Interval {
        self.next = if self.forward { frames.end } else { frames.start - 1 };
        Interval::new(frames, self.forward, self)
    }

    /// The next frame alone, independent of time; `None` at an end where playback stops.
    pub fn step(mut self, playback: &PlaybackSpan) -> Option<Interval> {
        let [start, end] = playback.ends();
        if !(start..end).contains(&self.next) {
            if playback.at_end == AtEnd::Stop {
                return None;
            }
            self = self.turned(playback);
        }
        // A playback of a single frame has none to turn back to.
        let next = self.next.clamp(start, end - 1);
        self.next = if self.forward { next + 1 } else { next - 1 };
        Some(Interval::new(next..next + 1, self.forward, self))
    }

    /// Whether the playhead moves towards later frames.
    pub fn is_forward(&self) -> bool {
        self.forward
    }

    /// The playhead after an end has been passed.
    fn turned(self, playback: &PlaybackSpan) -> Self {
        let [start, end] = playback.ends();
        let turns = playback.at_end == AtEnd::Turn;
        let forward = self.forward != turns;
        // The frame at the end has been shown already.
        let next = match (forward, turns) {
            (true, false) => start,
            (false, false) => end - 1,
            (true, true) => start + 1,
            (false, true) => end - 2,
        };
        Self { next, forward, turn: self.turn + 1 }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use proptest::prelude::*;
    use replayscope_session::TimeAxis;

    use super::*;
    use crate::clock::{Clock, PlaybackParameters};

    /// The frames that playback shows after `from`, one by one.
    fn walk(from: u64, playback: &PlaybackSpan, backward: bool) -> impl Iterator<Item = u64> {
        let ([start, end], at_end) = (playback.ends(), playback.at_end);
        let (mut at, mut forward) = (from as i64, !backward);
        std::iter::from_fn(move || {
            at += if forward { 1 } else { -1 };
            if !(start..end).contains(&at) {
                match at_end {
                    AtEnd::Stop => return None,
                    AtEnd::Restart => at = if forward { start } else { end - 1 },
                    AtEnd::Turn => {
                        forward = !forward;
                        at = if forward { start + 1 } else { end - 2 };
                    }
                }
            }
            Some(at as u64)
        })
    }

    fn axes() -> impl Strategy<Value = TimeAxis> {
        let gap = prop_oneof![8 => 0.001f64..0.01, 1 => 0.1f64..2.0];
        prop_oneof![
            (2_u64..500, 10.0f64..1000.0)
                .prop_map(|(frames, rate)| TimeAxis::regular(3.0, rate, frames).unwrap()),
            prop::collection::vec(gap, 2..500).prop_map(|gaps| {
                let mut time = -1.0;
                TimeAxis::from_times(
                    gaps.into_iter()
                        .map(|gap| {
                            time += gap;
                            time
                        })
                        .collect(),
                )
                .unwrap()
            }),
        ]
    }

    #[test]
    fn a_picture_has_a_bound_and_the_next_one_goes_on_from_there() {
        // A trillion frames a second, as a document may say.
        let frames = 5 * MOST as u64;
        for (at_end, forward) in [(AtEnd::Stop, true), (AtEnd::Stop, false), (AtEnd::Turn, true)] {
            let playback = PlaybackSpan { frames: 0..frames, at_end, pool_frames: 16 };
            let tick = |turn| Tick { time: 0.0, forward: forward == (turn == 0), turn, ended: false };
            let from = if forward { 0 } else { frames - 1 };
            let mut playhead = Playhead::before(from, &tick(0));
            // Two pictures on this side of the end, of which the second comes when the time has turned already.
            let mut seen = 0;
            for (turn, at) in [(0, frames - 1 - from), (u64::from(at_end == AtEnd::Turn), from)] {
                let at = if at_end == AtEnd::Stop { frames - 1 - from } else { at };
                let interval = playhead.interval(&tick(turn), at, &playback).unwrap();
                assert_eq!(interval.frames.end - interval.frames.start, MOST as u64);
                let next = if forward {
                    seen..seen + MOST as u64
                } else {
                    frames - seen - MOST as u64..frames - seen
                };
                assert_eq!(interval.frames, next);
                (playhead, seen) = (interval.after, seen + MOST as u64);
            }
        }
    }

    #[test]
    fn rounds_that_nobody_saw_cost_nothing() {
        for at_end in [AtEnd::Restart, AtEnd::Turn] {
            let playback = PlaybackSpan { frames: 0..3, at_end, pool_frames: 1 };
            for turn in [1 << 40, (1 << 40) + 1] {
                let forward = at_end == AtEnd::Restart || turn % 2 == 0;
                let tick = Tick { time: 0.0, forward, turn, ended: false };
                let start = Tick { turn: 0, forward: true, ..tick };
                let few = Tick { turn: 4 + turn % 2, ..tick };
                let [many, few] = [tick, few]
                    .map(|tick| Playhead::before(1, &start).interval(&tick, 1, &playback).unwrap());
                assert_eq!((many.frames, many.latest), (few.frames, few.latest));
            }
        }
    }

    proptest! {
        #[test]
        fn intervals_tile_the_way_exactly(
            axis in axes(), ends in [0.0f64..1.0, 0.0f64..1.0], from in 0.0f64..1.0, backward: bool,
            at_end in prop::sample::select(vec![AtEnd::Stop, AtEnd::Restart, AtEnd::Turn]),
            waits in prop::collection::vec(0.0f64..0.9, 1..60), presents in prop::collection::vec(any::<bool>(), 60),
            pools in prop::collection::vec(prop::sample::select(vec![1_u64, 1, 16]), 60),
        ) {
            // All frames, or a selected range of at least two.
            let frames = axis.frames();
            let first = (ends[0] * (frames - 1) as f64) as u64;
            let count = 2 + (ends[1] * (frames - first - 1) as f64) as u64;
            let mut playback = PlaybackSpan { frames: first..(first + count).min(frames), at_end, pool_frames: 1 };
            let end_of = |frame: u64| if frame < frames { axis.time_of(frame) } else { axis.stop() };
            let span = [axis.time_of(playback.frames.start), end_of(playback.frames.end)];
            let from = playback.frames.start + (from * (playback.frames.end - playback.frames.start) as f64) as u64;
            let mut clock = Clock::default();
            clock.play(0.0, axis.time_of(from), PlaybackParameters { speed: 1.0, at_end, backward, span });
            let mut playhead = Playhead::after(from, &clock.tick(0.0).unwrap());
            let whole = playback.clone();
            let mut walk = walk(from, &whole, backward);
            let mut now = 0.0;
            for ((wait, presented), pool_frames) in waits.into_iter().zip(presents).zip(pools) {
                // Any speed: less than one round between two pictures.
                now += wait * (span[1] - span[0]);
                let Some(tick) = clock.tick(now) else { break };
                playback.pool_frames = pool_frames;
                let Some(interval) = playhead.interval(&tick, axis.frame_at(tick.time), &playback) else { continue };
                // A picture that the browser had no place for changes nothing: the next one covers its frames too.
                if !presented && tick.turn == playhead.turn {
                    continue;
                }
                let count = (interval.frames.end - interval.frames.start) as usize;
                let mut expected: Vec<u64> = walk.by_ref().take(count).collect();
                prop_assert_eq!(expected.last(), Some(&interval.latest));
                expected.sort_unstable();
                prop_assert_eq!(expected, interval.frames.clone().collect::<Vec<_>>());
                let whole = [playback.frames.start, playback.frames.end];
                let border = if interval.after.forward { interval.frames.end } else { interval.frames.start };
                prop_assert!(border % pool_frames == 0 || whole.contains(&border) || tick.turn > playhead.turn);
                playhead = interval.after;
            }
        }

        #[test]
        fn steps_walk_the_way_frame_by_frame(
            first in 0_u64..10, count in 2_u64..20, from in 0_u64..20, backward: bool, steps in 1..100_usize,
            at_end in prop::sample::select(vec![AtEnd::Stop, AtEnd::Restart, AtEnd::Turn]),
        ) {
            let playback = PlaybackSpan { frames: first..first + count, at_end, pool_frames: 1 };
            let from = first + from % count;
            let tick = Tick { time: 0.0, forward: !backward, turn: 0, ended: false };
            let (mut playhead, mut walk) = (Playhead::after(from, &tick), walk(from, &playback, backward));
            for _ in 0..steps {
                let step = playhead.step(&playback);
                prop_assert_eq!(step.as_ref().map(|step| step.latest), walk.next());
                let Some(step) = step else { break };
                prop_assert_eq!(step.frames, step.latest..step.latest + 1);
                playhead = step.after;
            }
        }
    }
}
