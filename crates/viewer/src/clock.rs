//! Playback's clock: from wall time to session time. Pure: the caller passes the wall time.

use replayscope_json::number::clamp;

/// Converts wall time to the session time to show.
///
/// Session time is computed from one anchor and not summed up tick by tick, so uneven ticks lose nothing. The clock knows no
/// frames: the session's time axis converts its seconds to a frame.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    playing: Option<Playing>,
}

/// What playback does at the end of its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// Playback stops.
    Stop,
    /// Playback starts again at the other end.
    Restart,
    /// Playback reverses its direction.
    Turn,
}

/// Speed, direction and span of a playback.
#[derive(Debug, Clone, Copy)]
pub struct PlaybackParameters {
    /// Session seconds per second of wall time, above 0.
    pub speed: f64,
    /// What playback does at the end of its span.
    pub at_end: AtEnd,
    /// Whether playback starts from the end towards the start.
    pub backward: bool,
    /// Start of the first frame and end of the last one, seconds; the last frame is shown for its time too.
    pub span: [f64; 2],
}

/// The clock's reading at one wall time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Session time in seconds, within the span.
    pub time: f64,
    /// Whether session time increases; false backwards and on the way back of [`AtEnd::Turn`]. Prefetch follows this direction.
    pub forward: bool,
    /// How many ends of the span playback has passed.
    pub turn: u64,
    /// Whether the end was reached and playback is over.
    pub ended: bool,
}

#[derive(Debug, Clone, Copy)]
struct Playing {
    span: [f64; 2],
    speed: f64,
    at_end: AtEnd,
    /// Whether playback starts from the end towards the start.
    backward: bool,
    /// Session seconds from the start of the span (backwards: from its end) at the anchor. With [`AtEnd::Turn`] it goes up to twice the
    /// span's length: the second half is the way back.
    phase: f64,
    /// Ends passed before the anchor.
    turns: u64,
    /// Wall time of the anchor in seconds; `None` while stalled.
    since: Option<f64>,
}

impl Clock {
    /// Starts playback at session time `at_time`, at wall time `now`, both in seconds.
    pub fn play(&mut self, now: f64, at_time: f64, parameters: PlaybackParameters) {
        let PlaybackParameters { speed, at_end, backward, span } = parameters;
        let span = [span[0], span[1].max(span[0])];
        let mut playing = Playing { span, speed, at_end, backward, phase: 0.0, turns: 0, since: Some(now) };
        playing.phase = playing.phase_at(at_time);
        self.playing = Some(playing);
    }

    /// Stops playback. Returns the session time reached in seconds, if it was playing.
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

    /// What [`Clock::tick`] would return, without ending playback.
    pub fn peek(&self, now: f64) -> Option<Tick> {
        self.playing.map(|playing| playing.tick(now))
    }

    /// The reading at wall time `now`; `None` when not playing. Playback is over after a reading that `ended`.
    pub fn tick(&mut self, now: f64) -> Option<Tick> {
        let tick = self.playing?.tick(now);
        if tick.ended {
            self.playing = None;
        }
        Some(tick)
    }

    /// Stops session time until [`Clock::resume`], e.g. while data are missing.
    pub fn stall(&mut self, now: f64) {
        if let Some(playing) = &mut self.playing {
            playing.anchor(now);
            playing.since = None;
        }
    }

    /// Continues from where [`Clock::stall`] stopped.
    pub fn resume(&mut self, now: f64) {
        if let Some(playing) = &mut self.playing {
            playing.since.get_or_insert(now);
        }
    }

    /// Continues from another session time; a stalled clock stays stalled.
    pub fn seek(&mut self, now: f64, time: f64) {
        if let Some(playing) = &mut self.playing {
            playing.anchor(now);
            playing.phase = playing.phase_at(time);
        }
    }

    /// Skips `seconds` of session time, which lie before the next end.
    pub fn skip(&mut self, seconds: f64) {
        if let Some(playing) = &mut self.playing {
            playing.phase += seconds;
        }
    }

    /// Leaves out `seconds` of wall time, e.g. while the page was hidden.
    pub fn sleep(&mut self, seconds: f64) {
        if let Some(since) = self.playing.as_mut().and_then(|playing| playing.since.as_mut()) {
            *since += seconds;
        }
    }

    /// Sets the speed from now on; session time does not jump.
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

    /// Session seconds run since the start of the span, not yet folded into it.
    fn seconds_run(&self, now: f64) -> f64 {
        // A wall clock that went back, or is NaN, counts as standing still.
        let elapsed = self.since.map_or(0.0, |since| (now - since).max(0.0));
        self.phase + elapsed * self.speed
    }

    /// Moves the anchor to now.
    fn anchor(&mut self, now: f64) {
        let run = self.seconds_run(now);
        let phase = self.fold(run);
        self.turns += self.ends_passed(run) - self.ends_passed(phase);
        self.phase = phase;
        self.since = self.since.map(|_| now);
    }

    /// The phase of a session time in the first direction.
    fn phase_at(&self, time: f64) -> f64 {
        let run = if self.backward { self.span[1] - time } else { time - self.span[0] };
        clamp(run, 0.0, self.length())
    }

    /// The number of ends passed after `run` session seconds.
    fn ends_passed(&self, run: f64) -> u64 {
        let length = self.length();
        if self.at_end == AtEnd::Stop || length <= 0.0 {
            return 0;
        }
        // From the remainder, which is exact: the quotient rounds up just before an end, where `fold` is not beyond it yet.
        ((run - run.rem_euclid(length)) / length).round() as u64
    }

    /// The phase of `run` session seconds.
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
        let (run, length) = (self.seconds_run(now), self.length());
        let phase = self.fold(run);
        let back = self.at_end == AtEnd::Turn && phase > length;
        let offset = if back { 2.0 * length - phase } else { phase };
        let ended = self.at_end == AtEnd::Stop && run >= length && self.since.is_some();
        let time = if self.backward { self.span[1] - offset } else { self.span[0] + offset };
        let time = clamp(time, self.span[0], self.span[1]);
        Tick { time, forward: back == self.backward, turn: self.turns + self.ends_passed(run), ended }
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
        clock.play(0.0, at, PlaybackParameters { speed, at_end, backward: false, span: SPAN });
        clock
    }

    /// Time, whether forward, whether ended.
    fn shown(clock: &mut Clock, now: f64) -> Option<(f64, bool, bool)> {
        clock.tick(now).map(|tick| (tick.time, tick.forward, tick.ended))
    }

    fn time(clock: &mut Clock, now: f64) -> f64 {
        clock.tick(now).unwrap().time
    }

    #[test]
    fn ends_at_the_end() {
        let mut clock = playing(108.0, 2.0, AtEnd::Stop);
        assert_eq!(shown(&mut clock, 0.5), Some((109.0, true, false)));
        assert_eq!(shown(&mut clock, 3.0), Some((110.0, true, true)));
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
        assert_eq!(shown(&mut clock, 1.0), Some((109.0, true, false)));
        assert_eq!(shown(&mut clock, 3.0), Some((109.0, false, false)));
        assert_eq!(shown(&mut clock, 15.0), Some((103.0, true, false)));
        // The way back stays the way back when the speed changes.
        clock.set_speed(3.0, 2.0);
        assert_eq!(shown(&mut clock, 4.0), Some((107.0, false, false)));
    }

    /// However many rounds it has run: a count that is one ahead of the time would show the round before once more.
    #[test]
    fn an_end_is_passed_in_time_and_count_at_once() {
        for (length, at_end) in [0.1, 0.3, 1.0 / 3.0, 7.7]
            .into_iter()
            .flat_map(|length| [AtEnd::Restart, AtEnd::Turn].map(|at_end| (length, at_end)))
        {
            let mut clock = Clock::default();
            clock.play(
                0.0,
                0.0,
                PlaybackParameters { speed: 1.0, at_end, backward: false, span: [0.0, length] },
            );
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
            clock.play(
                0.0,
                7.0,
                PlaybackParameters { speed: 1.0, at_end, backward: false, span: [5.0, 5.0] },
            );
            assert_eq!(shown(&mut clock, 9.0), Some((5.0, true, false)));
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
        assert_eq!(shown(&mut clock, 3.0), Some((110.0, true, false)));
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
            clock.play(now, expected, PlaybackParameters { speed, at_end: AtEnd::Stop, backward: false, span: [0.0, 1e9] });
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
