//! Playback: wall time → session time. Pure: the caller says what time it is.

use replayscope_json::number::clamp;

/// Turns the time on the wall into the time to show.
///
/// Positions are computed from one anchor and not summed up tick by tick, so uneven ticks lose nothing. The
/// clock holds no frames: the session's time axis turns its seconds into one.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    playing: Option<Playing>,
}

/// What playback does at the end of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// It stops.
    Stop,
    /// It starts again.
    Restart,
    /// It turns back.
    Turn,
}

/// Which way to play.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// Session seconds a wall second, above 0.
    pub speed: f64,
    /// What happens at the end.
    pub at_end: AtEnd,
    /// Whether it runs from the end to the start.
    pub backward: bool,
    /// When the first frame to play starts and the last one ends, so that a last frame has its time too; seconds.
    pub span: [f64; 2],
}

/// What to show now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Session time in seconds, within the span.
    pub time: f64,
    /// Whether time runs forward; false backwards and on the way back of [`AtEnd::Turn`]. What to fetch ahead
    /// follows it.
    pub forward: bool,
    /// How often an end was reached and playback went on.
    pub turn: u64,
    /// The end was reached and playback is over.
    pub ended: bool,
}

#[derive(Debug, Clone, Copy)]
struct Playing {
    span: [f64; 2],
    speed: f64,
    at_end: AtEnd,
    /// Whether it runs from the end to the start.
    backward: bool,
    /// Seconds run since the start of the span, or its end backwards, when the anchor was set. Bounce goes to twice
    /// the span's length: the second half is the way back.
    phase: f64,
    /// Turns before that.
    turns: u64,
    /// Wall time of the anchor; `None` while stalled.
    since: Option<f64>,
}

impl Clock {
    /// Starts at a session time, at wall time `now`, both in seconds.
    pub fn play(&mut self, now: f64, at_time: f64, course: Course) {
        let Course { speed, at_end, backward, span } = course;
        let span = [span[0], span[1].max(span[0])];
        let mut playing = Playing { span, speed, at_end, backward, phase: 0.0, turns: 0, since: Some(now) };
        playing.phase = playing.phase_at(at_time);
        self.playing = Some(playing);
    }

    /// Stops. The time reached, if it was playing.
    pub fn pause(&mut self, now: f64) -> Option<f64> {
        self.playing.take().map(|playing| playing.tick(now).time)
    }

    /// Whether playback is on, stalled or not.
    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Whether playback waits for data.
    pub fn is_stalled(&self) -> bool {
        self.playing.is_some_and(|playing| playing.since.is_none())
    }

    /// What [`Clock::tick`] would say.
    pub fn peek(&self, now: f64) -> Option<Tick> {
        self.playing.map(|playing| playing.tick(now))
    }

    /// The time to show now; `None` when not playing. Playback is over after a tick that `ended`.
    pub fn tick(&mut self, now: f64) -> Option<Tick> {
        let tick = self.playing?.tick(now);
        if tick.ended {
            self.playing = None;
        }
        Some(tick)
    }

    /// Data are missing: session time stands still until [`Clock::resume`].
    pub fn stall(&mut self, now: f64) {
        if let Some(playing) = &mut self.playing {
            playing.anchor(now);
            playing.since = None;
        }
    }

    /// Data are there: goes on from where it stalled.
    pub fn resume(&mut self, now: f64) {
        if let Some(playing) = &mut self.playing {
            playing.since.get_or_insert(now);
        }
    }

    /// Goes on from another session time; stalled stays stalled.
    pub fn seek(&mut self, now: f64, time: f64) {
        if let Some(playing) = &mut self.playing {
            playing.anchor(now);
            playing.phase = playing.phase_at(time);
        }
    }

    /// Leaves out so many seconds of session time that lie ahead, before the next end.
    pub fn skip(&mut self, seconds: f64) {
        if let Some(playing) = &mut self.playing {
            playing.phase += seconds;
        }
    }

    /// The page slept for so many seconds: they do not count.
    pub fn sleep(&mut self, seconds: f64) {
        if let Some(since) = self.playing.as_mut().and_then(|playing| playing.since.as_mut()) {
            *since += seconds;
        }
    }

    /// Another speed from now on, at the same session time.
    pub fn set_speed(&mut self, now: f64, speed: f64) {
        if let Some(playing) = &mut self.playing {
            playing.anchor(now);
            playing.speed = speed;
        }
    }
}

impl Playing {
    fn length(&self) -> f64 {
        self.span[1] - self.span[0]
    }

    /// Seconds run since the start of the span, not yet folded into it.
    fn run(&self, now: f64) -> f64 {
        // A wall clock that went back, or is no number, has not gone on.
        let elapsed = self.since.map_or(0.0, |since| (now - since).max(0.0));
        self.phase + elapsed * self.speed
    }

    /// Moves the anchor to now.
    fn anchor(&mut self, now: f64) {
        let run = self.run(now);
        let phase = self.fold(run);
        self.turns += self.legs(run) - self.legs(phase);
        self.phase = phase;
        self.since = self.since.map(|_| now);
    }

    /// How far along a session time is, on the way there.
    fn phase_at(&self, time: f64) -> f64 {
        let run = if self.backward { self.span[1] - time } else { time - self.span[0] };
        clamp(run, 0.0, self.length())
    }

    /// How many ends lie behind.
    fn legs(&self, run: f64) -> u64 {
        let length = self.length();
        if self.at_end == AtEnd::Stop || length <= 0.0 {
            return 0;
        }
        // From the remainder, which is exact: the quotient rounds up just before an end, where `fold` is not beyond it yet.
        ((run - run.rem_euclid(length)) / length).round() as u64
    }

    /// The same place in the first round.
    fn fold(&self, run: f64) -> f64 {
        let length = self.length();
        match self.at_end {
            AtEnd::Stop => clamp(run, 0.0, length),
            _ if length <= 0.0 => 0.0,
            AtEnd::Restart => run.rem_euclid(length),
            AtEnd::Turn => run.rem_euclid(2.0 * length),
        }
    }

    fn tick(&self, now: f64) -> Tick {
        let (run, length) = (self.run(now), self.length());
        let phase = self.fold(run);
        let back = self.at_end == AtEnd::Turn && phase > length;
        let offset = if back { 2.0 * length - phase } else { phase };
        let ended = self.at_end == AtEnd::Stop && run >= length && self.since.is_some();
        let time = if self.backward { self.span[1] - offset } else { self.span[0] + offset };
        let time = clamp(time, self.span[0], self.span[1]);
        Tick { time, forward: back == self.backward, turn: self.turns + self.legs(run), ended }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPAN: [f64; 2] = [100.0, 110.0];

    fn playing(at: f64, speed: f64, at_end: AtEnd) -> Clock {
        let mut clock = Clock::default();
        clock.play(0.0, at, Course { speed, at_end, backward: false, span: SPAN });
        clock
    }

    /// Time, whether forward, whether ended.
    fn told(clock: &mut Clock, now: f64) -> Option<(f64, bool, bool)> {
        clock.tick(now).map(|tick| (tick.time, tick.forward, tick.ended))
    }

    fn time(clock: &mut Clock, now: f64) -> f64 {
        clock.tick(now).unwrap().time
    }

    #[test]
    fn ends_at_the_end() {
        let mut clock = playing(108.0, 2.0, AtEnd::Stop);
        assert_eq!(told(&mut clock, 0.5), Some((109.0, true, false)));
        assert_eq!(told(&mut clock, 3.0), Some((110.0, true, true)));
        assert!(!clock.is_playing());
        assert_eq!(clock.tick(4.0), None);
        assert_eq!(clock.pause(4.0), None);
    }

    #[test]
    fn all_wraps_and_bounce_goes_back() {
        let mut clock = playing(108.0, 1.0, AtEnd::Restart);
        assert_eq!(time(&mut clock, 1.0), 109.0);
        assert_eq!(time(&mut clock, 3.0), 101.0);
        assert_eq!(time(&mut clock, 1e4 + 3.0), 101.0);

        let mut clock = playing(108.0, 1.0, AtEnd::Turn);
        assert_eq!(told(&mut clock, 1.0), Some((109.0, true, false)));
        assert_eq!(told(&mut clock, 3.0), Some((109.0, false, false)));
        assert_eq!(told(&mut clock, 15.0), Some((103.0, true, false)));
        // The way back stays the way back when the speed changes.
        clock.set_speed(3.0, 2.0);
        assert_eq!(told(&mut clock, 4.0), Some((107.0, false, false)));
    }

    /// However many rounds it has run: a count that is one ahead of the time would show the round before once more.
    #[test]
    fn an_end_is_passed_in_time_and_count_at_once() {
        for (length, at_end) in [0.1, 0.3, 1.0 / 3.0, 7.7]
            .into_iter()
            .flat_map(|length| [AtEnd::Restart, AtEnd::Turn].map(|at_end| (length, at_end)))
        {
            let mut clock = Clock::default();
            clock.play(0.0, 0.0, Course { speed: 1.0, at_end, backward: false, span: [0.0, length] });
            let ends = (1..2_000).chain([36_000_000, 36_000_001]).map(|n| f64::from(n) * length);
            for now in ends.flat_map(|end| [end.next_down(), end, end.next_up()]) {
                let tick = clock.tick(now).unwrap();
                let back = at_end == AtEnd::Turn && tick.turn % 2 == 1;
                let along = if back { length - tick.time } else { tick.time };
                let run = tick.turn as f64 * length + along;
                assert!((run - now).abs() <= now * f64::EPSILON * 2.0, "{now} of {length}: {tick:?}");
                // And so it is where the clock goes on from there.
                let mut anchored = clock.clone();
                anchored.set_speed(now, 1.0);
                assert_eq!(anchored.tick(now), Some(tick));
            }
        }
    }

    #[test]
    fn a_step_back_over_the_start_comes_from_the_end() {
        for (at_end, expected) in [(AtEnd::Restart, 108.0), (AtEnd::Turn, 102.0)] {
            let mut clock = playing(101.0, 1.0, at_end);
            clock.skip(-3.0);
            assert_eq!(time(&mut clock, 0.0), expected);
        }
    }

    #[test]
    fn one_frame_or_a_strange_clock() {
        for at_end in [AtEnd::Restart, AtEnd::Turn] {
            let mut clock = Clock::default();
            clock.play(0.0, 7.0, Course { speed: 1.0, at_end, backward: false, span: [5.0, 5.0] });
            assert_eq!(told(&mut clock, 9.0), Some((5.0, true, false)));
        }
        let mut clock = playing(105.0, 1.0, AtEnd::Stop);
        assert_eq!(time(&mut clock, -3.0), 105.0);
        assert_eq!(time(&mut clock, f64::NAN), 105.0);
        assert_eq!(time(&mut playing(99.0, 1.0, AtEnd::Stop), 0.0), 100.0);
    }

    #[test]
    fn a_stall_at_the_end_does_not_end() {
        let mut clock = playing(109.0, 1.0, AtEnd::Stop);
        clock.stall(2.0);
        assert_eq!(told(&mut clock, 3.0), Some((110.0, true, false)));
        assert!(clock.is_stalled());
        clock.resume(4.0);
        assert!(clock.tick(4.0).unwrap().ended);
    }

    /// What can happen between two ticks.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Run,
        Stall,
        Speed(f64),
    }

    fn steps() -> impl Strategy<Value = Vec<(f64, Step)>> {
        let step = prop_oneof![
            3 => Just(Step::Run),
            1 => Just(Step::Stall),
            1 => (1.0f64 / 64.0..64.0).prop_map(Step::Speed),
        ];
        prop::collection::vec((0.0f64..0.5, step), 0..60)
    }

    proptest! {
        #[test]
        fn time_is_wall_time_by_speed_less_the_stalls(steps in steps(), speed in 0.01f64..64.0) {
            let mut clock = Clock::default();
            let (mut now, mut speed, mut expected) = (5.0, speed, 3.0);
            clock.play(now, expected, Course { speed, at_end: AtEnd::Stop, backward: false, span: [0.0, 1e9] });
            for (wall, step) in steps {
                match step {
                    Step::Run => expected += wall * speed,
                    Step::Stall => {
                        clock.stall(now);
                        clock.stall(now + wall / 2.0);
                        prop_assert!((time(&mut clock, now + wall / 2.0) - expected).abs() < 1e-9 * expected);
                        clock.resume(now + wall);
                        clock.resume(now + wall);
                    }
                    Step::Speed(faster) => {
                        let before = time(&mut clock, now);
                        clock.set_speed(now, faster);
                        prop_assert!((time(&mut clock, now) - before).abs() < 1e-9 * before);
                        speed = faster;
                        expected += wall * speed;
                    }
                }
                now += wall;
                prop_assert!((time(&mut clock, now) - expected).abs() < 1e-9 * expected);
            }
            prop_assert!((clock.pause(now).unwrap() - expected).abs() < 1e-9 * expected);
        }

        #[test]
        fn any_mode_stays_in_the_span(
            at in any::<f64>(), speed in 0.01f64..64.0, nows in prop::collection::vec(any::<f64>(), 0..20),
            mode in prop::sample::select(vec![AtEnd::Stop, AtEnd::Restart, AtEnd::Turn]),
        ) {
            let mut clock = playing(if at.is_nan() { 0.0 } else { at }, speed, mode);
            for now in nows.into_iter().filter(|now| now.abs() < 1e300) {
                if let Some(tick) = clock.tick(now) {
                    prop_assert!((SPAN[0]..=SPAN[1]).contains(&tick.time), "{:?}", tick);
                }
            }
        }
    }
}
