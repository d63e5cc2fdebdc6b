//! Which data frames a picture covers while playing. Pure: time comes from the clock.

use std::ops::Range;

use crate::clock::Tick;

/// How far playback has been seen, counted in frames. The intervals it gives tile the way that playback takes: no frame
/// is left out and none is shown twice, whatever the ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// The next frame to show; beyond the first or the last where this way is done.
    next: i64,
    forward: bool,
    turn: u64,
}

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

    /// The frames that a picture at `tick` has to cover, of `frames` in all; `None` where there is nothing new to present.
    /// `frame` is the one at the tick's time.
    ///
    /// A picture never covers both sides of an end: it first shows what is left on this side of it.
    pub fn interval(mut self, tick: &Tick, frame: u64, frames: u64) -> Option<Interval> {
        // Sessions so short that whole rounds pass between two pictures show one of them a picture.
        while tick.turn > self.turn + 2 {
            self = self.turned(tick, frames);
        }
        let end = frames as i64;
        while tick.turn > self.turn {
            let (forward, rest) =
                (self.forward, if self.forward { self.next..end } else { 0..self.next.min(end - 1) + 1 });
            self = self.turned(tick, frames);
            if !rest.is_empty() {
                return Some(Interval::new(rest, forward, self));
            }
        }
        let frame = frame as i64;
        let new = if self.forward { self.next..frame + 1 } else { frame..self.next.min(end - 1) + 1 };
        if new.is_empty() {
            return None;
        }
        self.next = if self.forward { new.end } else { new.start - 1 };
        Some(Interval::new(new, self.forward, self))
    }

    /// On the other side of an end.
    fn turned(self, tick: &Tick, frames: u64) -> Self {
        let last = frames as i64 - 1;
        let forward = self.forward != tick.bounces;
        // Whoever turns round has shown the frame at the end.
        let next = match (forward, tick.bounces) {
            (true, false) => 0,
            (false, false) => last,
            (true, true) => 1,
            (false, true) => last - 1,
        };
        Self { next, forward, turn: self.turn + 1 }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Clock, Pace};
    use crate::session::TimeAxis;
    use crate::view::LoopMode;

    /// The way that playback takes after `from`, frame by frame.
    fn way(from: u64, frames: u64, loop_mode: LoopMode, backward: bool) -> impl Iterator<Item = u64> {
        let (mut at, mut forward) = (from as i64, !backward);
        std::iter::from_fn(move || {
            at += if forward { 1 } else { -1 };
            if !(0..frames as i64).contains(&at) {
                match loop_mode {
                    LoopMode::Off => return None,
                    LoopMode::All => at = if forward { 0 } else { frames as i64 - 1 },
                    LoopMode::Bounce => {
                        forward = !forward;
                        at = if forward { 1 } else { frames as i64 - 2 };
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

    proptest! {
        #[test]
        fn intervals_tile_the_way_exactly(
            axis in axes(), from in 0.0f64..1.0, backward: bool,
            loop_mode in prop::sample::select(vec![LoopMode::Off, LoopMode::All, LoopMode::Bounce]),
            waits in prop::collection::vec(0.0f64..0.9, 1..60), presents in prop::collection::vec(any::<bool>(), 60),
        ) {
            let frames = axis.frames();
            let span = [axis.start(), axis.stop()];
            let from = (from * frames as f64) as u64;
            let mut clock = Clock::default();
            clock.play(0.0, axis.time_of(from), Pace { speed: 1.0, loop_mode, backward, span });
            let mut playhead = Playhead::after(from, &clock.tick(0.0).unwrap());
            let mut way = way(from, frames, loop_mode, backward);
            let mut now = 0.0;
            for (wait, presented) in waits.into_iter().zip(presents) {
                // Any speed: less than one round between two pictures.
                now += wait * (span[1] - span[0]);
                let Some(tick) = clock.tick(now) else { break };
                let Some(interval) = playhead.interval(&tick, axis.frame_at(tick.time), frames) else { continue };
                // A picture that the browser had no place for changes nothing: the next one covers its frames too.
                if !presented && tick.turn == playhead.turn {
                    continue;
                }
                let count = (interval.frames.end - interval.frames.start) as usize;
                let mut expected: Vec<u64> = way.by_ref().take(count).collect();
                prop_assert_eq!(expected.last(), Some(&interval.latest));
                expected.sort_unstable();
                prop_assert_eq!(expected, interval.frames.collect::<Vec<_>>());
                playhead = interval.after;
            }
        }
    }
}
