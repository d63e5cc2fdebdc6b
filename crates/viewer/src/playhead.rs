//! Which data frames a picture covers while playing. Pure: time comes from the clock.

use std::ops::Range;

use crate::clock::{AtEnd, Tick};

/// Which frames playback goes through, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// All of them, or those selected; not empty.
    pub frames: Range<u64>,
    /// What happens at the end.
    pub at_end: AtEnd,
    /// Pictures end at multiples of so many frames, where the way does not end before; 1 but at high speeds, where
    /// pooled blocks are shown.
    pub grain: u64,
}

impl Way {
    fn ends(&self) -> [i64; 2] {
        [self.frames.start as i64, self.frames.end as i64]
    }
}

/// How far playback has been seen, counted in frames. The intervals it gives tile the way that playback takes: no frame
/// is left out and none is shown twice, whatever the ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// The next frame to show; beyond the first or the last where this way is done.
    next: i64,
    forward: bool,
    turn: u64,
}

/// Frames of one picture; where more have gone by, the next one shows them. A multiple of what blocks hold.
const MOST: i64 = 1 << 20;

/// What one picture covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The frames; not empty.
    pub frames: Range<u64>,
    /// The last of them on the way: the greatest, or backwards the least.
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
    /// At the start of playback, or after a seek, with `frame` still to be shown; `tick` is of that moment.
    pub fn before(frame: u64, tick: &Tick) -> Self {
        Self { next: frame as i64, forward: tick.forward, turn: tick.turn }
    }

    /// The same, with `frame` on screen already.
    pub fn after(frame: u64, tick: &Tick) -> Self {
        let next = if tick.forward { frame as i64 + 1 } else { frame as i64 - 1 };
        Self { next, forward: tick.forward, turn: tick.turn }
    }

    /// The frames that a picture at `tick` has to cover; `None` where there is nothing new to present. `frame` is the one
    /// at the tick's time.
    ///
    /// A picture never covers both sides of an end: it first shows what is left on this side of it.
    pub fn interval(mut self, tick: &Tick, frame: u64, way: &Way) -> Option<Interval> {
        // Sessions so short that whole rounds pass between two pictures show one of them a picture. After two turns it is as before.
        self.turn += tick.turn.saturating_sub(self.turn + 3) / 2 * 2;
        while tick.turn > self.turn + 2 {
            self = self.turned(way);
        }
        let [start, end] = way.ends();
        while tick.turn > self.turn {
            let rest =
                if self.forward { self.next.max(start)..end } else { start..self.next.min(end - 1) + 1 };
            let (forward, part) = (self.forward, self.nearest(&rest));
            if part != rest {
                return Some(self.over(part));
            }
            self = self.turned(way);
            if !rest.is_empty() {
                return Some(Interval::new(rest, forward, self));
            }
        }
        let (frame, grain) = ((frame as i64).clamp(start, end - 1), way.grain.max(1) as i64);
        let new = if self.forward {
            let until = if frame + 1 == end { end } else { (frame + 1) / grain * grain };
            self.next.max(start)..until
        } else {
            let from = if frame == start { start } else { (frame + grain - 1) / grain * grain };
            from..self.next.min(end - 1) + 1
        };
        (!new.is_empty()).then(|| self.over(self.nearest(&new)))
    }

    /// Of these frames those that come first on this way, as many as one picture has.
    fn nearest(&self, frames: &Range<i64>) -> Range<i64> {
        let Range { start, end } = *frames;
        if self.forward { start..end.min(start + MOST) } else { start.max(end - MOST)..end }
    }

    /// The picture of these frames, this side of an end.
    fn over(mut self, frames: Range<i64>) -> Interval {
        self.next = if self.forward { frames.end } else { frames.start - 1 };
        Interval::new(frames, self.forward, self)
    }

    /// The next frame alone, whatever the time is; `None` at an end where playback stops.
    pub fn step(mut self, way: &Way) -> Option<Interval> {
        let [start, end] = way.ends();
        if !(start..end).contains(&self.next) {
            if way.at_end == AtEnd::Stop {
                return None;
            }
            self = self.turned(way);
        }
        // Turned at the end of a single frame, it finds none behind it.
        let next = self.next.clamp(start, end - 1);
        self.next = if self.forward { next + 1 } else { next - 1 };
        Some(Interval::new(next..next + 1, self.forward, self))
    }

    /// Whether it is on the way to the end.
    pub fn is_forward(&self) -> bool {
        self.forward
    }

    /// On the other side of an end.
    fn turned(self, way: &Way) -> Self {
        let [start, end] = way.ends();
        let turns = way.at_end == AtEnd::Turn;
        let forward = self.forward != turns;
        // Whoever turns round has shown the frame at the end.
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

    use super::*;
    use crate::clock::{Clock, Course};
    use replayscope_session::TimeAxis;

    /// The frames that playback shows after `from`, one by one.
    fn walk(from: u64, way: &Way, backward: bool) -> impl Iterator<Item = u64> {
        let ([start, end], at_end) = (way.ends(), way.at_end);
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
            let way = Way { frames: 0..frames, at_end, grain: 16 };
            let tick = |turn| Tick { time: 0.0, forward: forward == (turn == 0), turn, ended: false };
            let from = if forward { 0 } else { frames - 1 };
            let mut playhead = Playhead::before(from, &tick(0));
            // Two pictures on this side of the end, of which the second comes when the time has turned already.
            let mut seen = 0;
            for (turn, at) in [(0, frames - 1 - from), (u64::from(at_end == AtEnd::Turn), from)] {
                let at = if at_end == AtEnd::Stop { frames - 1 - from } else { at };
                let interval = playhead.interval(&tick(turn), at, &way).unwrap();
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
            let way = Way { frames: 0..3, at_end, grain: 1 };
            for turn in [1 << 40, (1 << 40) + 1] {
                let forward = at_end == AtEnd::Restart || turn % 2 == 0;
                let tick = Tick { time: 0.0, forward, turn, ended: false };
                let start = Tick { turn: 0, forward: true, ..tick };
                let few = Tick { turn: 4 + turn % 2, ..tick };
                let [many, few] =
                    [tick, few].map(|tick| Playhead::before(1, &start).interval(&tick, 1, &way).unwrap());
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
            grains in prop::collection::vec(prop::sample::select(vec![1_u64, 1, 16]), 60),
        ) {
            // All frames, or a selected range of at least two.
            let frames = axis.frames();
            let first = (ends[0] * (frames - 1) as f64) as u64;
            let count = 2 + (ends[1] * (frames - first - 1) as f64) as u64;
            let mut way = Way { frames: first..(first + count).min(frames), at_end, grain: 1 };
            let end_of = |frame: u64| if frame < frames { axis.time_of(frame) } else { axis.stop() };
            let span = [axis.time_of(way.frames.start), end_of(way.frames.end)];
            let from = way.frames.start + (from * (way.frames.end - way.frames.start) as f64) as u64;
            let mut clock = Clock::default();
            clock.play(0.0, axis.time_of(from), Course { speed: 1.0, at_end, backward, span });
            let mut playhead = Playhead::after(from, &clock.tick(0.0).unwrap());
            let whole_way = way.clone();
            let mut walk = walk(from, &whole_way, backward);
            let mut now = 0.0;
            for ((wait, presented), grain) in waits.into_iter().zip(presents).zip(grains) {
                // Any speed: less than one round between two pictures.
                now += wait * (span[1] - span[0]);
                let Some(tick) = clock.tick(now) else { break };
                way.grain = grain;
                let Some(interval) = playhead.interval(&tick, axis.frame_at(tick.time), &way) else { continue };
                // A picture that the browser had no place for changes nothing: the next one covers its frames too.
                if !presented && tick.turn == playhead.turn {
                    continue;
                }
                let count = (interval.frames.end - interval.frames.start) as usize;
                let mut expected: Vec<u64> = walk.by_ref().take(count).collect();
                prop_assert_eq!(expected.last(), Some(&interval.latest));
                expected.sort_unstable();
                prop_assert_eq!(expected, interval.frames.clone().collect::<Vec<_>>());
                let whole = [way.frames.start, way.frames.end];
                let border = if interval.after.forward { interval.frames.end } else { interval.frames.start };
                prop_assert!(border % grain == 0 || whole.contains(&border) || tick.turn > playhead.turn);
                playhead = interval.after;
            }
        }

        #[test]
        fn steps_walk_the_way_frame_by_frame(
            first in 0_u64..10, count in 2_u64..20, from in 0_u64..20, backward: bool, steps in 1..100_usize,
            at_end in prop::sample::select(vec![AtEnd::Stop, AtEnd::Restart, AtEnd::Turn]),
        ) {
            let way = Way { frames: first..first + count, at_end, grain: 1 };
            let from = first + from % count;
            let tick = Tick { time: 0.0, forward: !backward, turn: 0, ended: false };
            let (mut playhead, mut walk) = (Playhead::after(from, &tick), walk(from, &way, backward));
            for _ in 0..steps {
                let step = playhead.step(&way);
                prop_assert_eq!(step.as_ref().map(|step| step.latest), walk.next());
                let Some(step) = step else { break };
                prop_assert_eq!(step.frames, step.latest..step.latest + 1);
                playhead = step.after;
            }
        }
    }
}
