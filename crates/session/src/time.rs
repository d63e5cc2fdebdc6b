//! The time axis, which converts between frames and seconds.

use replayscope_json::number::clamp;

use crate::error::SessionError;

/// Stamps this close to `start + i / rate` (in seconds) count as regular.
const REGULAR: f64 = 1e-6;

/// The time of each frame in seconds; strictly increasing. A frame is shown from its own time until the next one's.
#[derive(Debug, Clone, PartialEq)]
pub enum TimeAxis {
    /// Frame i is at `start + i / rate`.
    Regular {
        /// Time of frame 0 in seconds.
        start: f64,
        /// Frames per second.
        rate: f64,
        /// Number of frames.
        frames: u64,
    },
    /// Frame i is at `times[i]`.
    Irregular {
        /// Time of each frame in seconds.
        times: Vec<f64>,
        /// Median distance of neighbouring frames in seconds.
        period: f64,
    },
    /// Some stretches of stamps are known until all have been read; the frames between them are taken to be evenly spaced.
    Partial {
        /// First frame of each stretch and the stamps from there on, in seconds; includes the first and the last frame.
        stretches: Vec<(u64, Vec<f64>)>,
        /// Number of frames.
        frames: u64,
    },
}

/// Most decimals of a written time: nanoseconds.
const MOST_DECIMALS: u32 = 9;
/// float64 represents every whole number up to here, with one to spare for rounding up.
const EXACT: f64 = 9e15;

/// An interval without frames is a gap if it is longer than this many sample periods.
const GAP_PERIODS: f64 = 5.0;

impl TimeAxis {
    /// An axis of evenly spaced frames; `start` in seconds, `rate` in Hz.
    ///
    /// # Errors
    /// Without frames, or where start or rate is not usable.
    pub fn regular(start: f64, rate: f64, frames: u64) -> Result<Self, SessionError> {
        if frames == 0 {
            return Err(SessionError::NoFrames);
        }
        if !(start.is_finite() && rate.is_finite() && rate > 0.0) {
            return Err(SessionError::BadRate { start, rate });
        }
        Ok(Self::Regular { start, rate, frames })
    }

    /// An axis of all stamps in seconds; stamps that are regular within 1 µs become [`TimeAxis::Regular`].
    ///
    /// # Errors
    /// Without stamps, or where they are not finite or do not increase.
    pub fn from_times(times: Vec<f64>) -> Result<Self, SessionError> {
        let (Some(first), Some(last)) = (times.first().copied(), times.last().copied()) else {
            return Err(SessionError::NoFrames);
        };
        if !first.is_finite() {
            return Err(SessionError::BadTime { index: 0, value: first, before: f64::NAN });
        }
        for (index, pair) in times.windows(2).enumerate() {
            // Written so that NaN fails too.
            if !(pair[1] > pair[0] && pair[1].is_finite()) {
                return Err(SessionError::BadTime {
                    index: index as u64 + 1,
                    value: pair[1],
                    before: pair[0],
                });
            }
        }
        let frames = times.len() as u64;
        if frames == 1 {
            return Ok(Self::Regular { start: first, rate: 1.0, frames });
        }
        let regular = Self::from_ends(first, last, frames)?;
        Ok(if regular.agrees(0, &times, 1.0) {
            regular
        } else {
            Self::Irregular { period: median_step(&times), times }
        })
    }

    /// An axis of some stretches of stamps, each with its first frame; they have to include the first and the last frame.
    ///
    /// # Errors
    /// Where an end is missing, or stamps are not finite or do not increase.
    pub fn partial(stretches: Vec<(u64, Vec<f64>)>, frames: u64) -> Result<Self, SessionError> {
        let mut before: Option<f64> = None;
        for (first, stamps) in &stretches {
            for (index, stamp) in (*first..).zip(stamps) {
                // Written so that NaN fails too.
                if !(stamp.is_finite() && before.is_none_or(|before| *stamp > before)) {
                    return Err(SessionError::BadTime {
                        index,
                        value: *stamp,
                        before: before.unwrap_or(f64::NAN),
                    });
                }
                before = Some(*stamp);
            }
        }
        let whole = stretches.first().is_some_and(|(first, stamps)| *first == 0 && !stamps.is_empty())
            && stretches.last().is_some_and(|(first, stamps)| first + stamps.len() as u64 == frames);
        if whole { Ok(Self::Partial { stretches, frames }) } else { Err(SessionError::NoFrames) }
    }

    /// A regular axis of the first and the last stamp in seconds; [`TimeAxis::agrees`] checks others.
    ///
    /// # Errors
    /// As [`TimeAxis::regular`].
    pub fn from_ends(first: f64, last: f64, frames: u64) -> Result<Self, SessionError> {
        let rate = tidy(frames.saturating_sub(1) as f64 / (last - first), first, last, frames);
        Self::regular(first, rate, frames)
    }

    /// Whether `times`, the stamps from `first_frame` on, fit this axis within 1 µs; `scale` converts them to seconds.
    pub fn agrees(&self, first_frame: u64, times: &[f64], scale: f64) -> bool {
        (first_frame..).zip(times).all(|(frame, time)| (self.time_of(frame) - time * scale).abs() <= REGULAR)
    }

    /// Number of frames, at least 1.
    pub fn frames(&self) -> u64 {
        match self {
            Self::Regular { frames, .. } | Self::Partial { frames, .. } => *frames,
            Self::Irregular { times, .. } => times.len() as u64,
        }
    }

    /// Frames per second of a regular axis.
    pub fn rate(&self) -> Option<f64> {
        match self {
            Self::Regular { rate, .. } => Some(*rate),
            Self::Irregular { .. } | Self::Partial { .. } => None,
        }
    }

    /// Frames per second on average.
    pub fn mean_rate(&self) -> f64 {
        let seconds = self.time_of(u64::MAX) - self.start();
        self.rate().unwrap_or_else(|| (self.frames() - 1) as f64 / seconds)
    }

    /// Time of a frame in seconds; past the last frame, that of the last.
    pub fn time_of(&self, frame: u64) -> f64 {
        let frame = frame.min(self.frames() - 1);
        match self {
            Self::Regular { start, rate, .. } => start + frame as f64 / rate,
            Self::Irregular { times, .. } => times[frame as usize],
            Self::Partial { stretches, .. } => {
                let after = stretches.partition_point(|(first, _)| *first <= frame);
                let (first, stamps) = &stretches[after - 1];
                if let Some(stamp) = stamps.get((frame - first) as usize) {
                    return *stamp;
                }
                let [low, high] = neighbours(stretches, after);
                low.1 + (high.1 - low.1) * (frame - low.0) as f64 / (high.0 - low.0) as f64
            }
        }
    }

    /// The frame at `time` seconds: the last one that is not later; before the first frame, the first.
    pub fn frame_at(&self, time: f64) -> u64 {
        match self {
            Self::Regular { start, rate, frames } => {
                let guess = clamp(((time - start) * rate).floor(), 0.0, (frames - 1) as f64) as u64;
                // `start + i / rate` may round either way; a frame's own time must lead back to the frame.
                if guess + 1 < *frames && self.time_of(guess + 1) <= time {
                    guess + 1
                } else if self.time_of(guess) > time {
                    guess.saturating_sub(1)
                } else {
                    guess
                }
            }
            Self::Irregular { times, .. } => {
                (times.partition_point(|stamp| *stamp <= time) as u64).saturating_sub(1)
            }
            Self::Partial { stretches, .. } => {
                let after = stretches.partition_point(|(_, stamps)| stamps[0] <= time).max(1);
                let (first, stamps) = &stretches[after - 1];
                let within = stamps.partition_point(|stamp| *stamp <= time);
                if within < stamps.len() || after == stretches.len() {
                    return first + (within as u64).saturating_sub(1);
                }
                let [low, high] = neighbours(stretches, after);
                let share = (time - low.1) / (high.1 - low.1);
                low.0 + ((high.0 - low.0 - 1) as f64 * clamp(share, 0.0, 1.0)) as u64
            }
        }
    }

    /// Number of decimals for writing times: a tenth of a sample period or finer, and fewer where those are exact.
    pub fn decimals(&self) -> u32 {
        let period = match self {
            Self::Irregular { period, .. } => *period,
            Self::Regular { .. } | Self::Partial { .. } => 1.0 / self.mean_rate(),
        };
        let enough = clamp(1.0 - period.log10().floor(), 0.0, f64::from(MOST_DECIMALS)) as u32;
        let Self::Regular { start, frames, .. } = self else { return enough };
        let is_exact = |decimals: &u32| {
            let unit = 10_f64.powi(*decimals as i32);
            let lacks = |time: f64| (time * unit - (time * unit).round()).abs();
            // The rounding error of a period adds up over the frames.
            lacks(*start) < 1e-6 && lacks(period) * (*frames as f64) < 1e-6
        };
        (0..enough).find(is_exact).unwrap_or(enough)
    }

    /// The time of a frame rounded to [`TimeAxis::decimals`], such that [`TimeAxis::frame_at`] returns the frame: to nearest, else up.
    /// Where neither does, the time with all of its digits.
    pub fn written(&self, frame: u64) -> f64 {
        let (time, unit) = (self.time_of(frame), 10_f64.powi(self.decimals() as i32));
        let nearest = (time * unit).round();
        // Whole numbers up to EXACT, divided by a power of ten, equal what their decimal digits are parsed as.
        let leads_back = |time: &f64| nearest.abs() < EXACT && self.frame_at(*time) == frame;
        [nearest / unit, (nearest + 1.0) / unit].into_iter().find(leads_back).unwrap_or(time)
    }

    /// Whether every stamp is known.
    pub fn is_whole(&self) -> bool {
        !matches!(self, Self::Partial { .. })
    }

    /// Intervals without frames that are longer than five sample periods: from one period after the frame before to the frame after, in
    /// seconds. Empty unless irregular.
    pub fn gaps(&self) -> Vec<[f64; 2]> {
        let Self::Irregular { times, period } = self else { return Vec::new() };
        let gap =
            |pair: &[f64]| (pair[1] - pair[0] > GAP_PERIODS * period).then(|| [pair[0] + period, pair[1]]);
        times.windows(2).filter_map(gap).collect()
    }

    /// Time of the first frame in seconds.
    pub fn start(&self) -> f64 {
        self.time_of(0)
    }

    /// End of the last frame in seconds: its time plus one sample period (the median one where irregular).
    pub fn stop(&self) -> f64 {
        let last = self.time_of(u64::MAX);
        match self {
            Self::Regular { rate, .. } => last + 1.0 / rate,
            Self::Irregular { period, .. } => last + period,
            Self::Partial { .. } => last + (last - self.start()) / (self.frames() - 1).max(1) as f64,
        }
    }
}

/// The last frame before stretch `after` and the first one of it, each with its time.
fn neighbours(stretches: &[(u64, Vec<f64>)], after: usize) -> [(u64, f64); 2] {
    let (before, next) = (&stretches[after - 1], &stretches[after]);
    let last = before.1.len() - 1;
    [(before.0 + last as u64, before.1[last]), (next.0, next.1[0])]
}

/// The median distance of neighbouring stamps; needs at least two.
fn median_step(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = steps.len() / 2;
    *steps.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// A rounded rate (250, not 250.00000000000003) where the last stamp agrees with it, else `rate`.
fn tidy(rate: f64, first: f64, last: f64, frames: u64) -> f64 {
    let round = (rate * 1e3).round() / 1e3;
    if round > 0.0 && (first + (frames - 1) as f64 / round - last).abs() <= REGULAR { round } else { rate }
}

/// Seconds in one unit of a time array, from its CF `units` (`"milliseconds since 1970-01-01"`, `"s"`); 1 when it has none.
pub fn seconds_per_unit(units: Option<&str>) -> Result<f64, SessionError> {
    let Some(units) = units else { return Ok(1.0) };
    let unit = units.split_whitespace().next().unwrap_or("s");
    let unit = UNITS.iter().find(|(names, _)| names.split(' ').any(|name| name.eq_ignore_ascii_case(unit)));
    unit.map(|(_, seconds)| *seconds).ok_or_else(|| SessionError::TimeUnits { units: units.to_owned() })
}

/// Names of each unit, and its seconds.
const UNITS: [(&str, f64); 7] = [
    ("s sec secs second seconds", 1.0),
    ("ms msec millisecond milliseconds", 1e-3),
    ("us µs microsecond microseconds", 1e-6),
    ("ns nanosecond nanoseconds", 1e-9),
    ("min minute minutes", 60.0),
    ("h hour hours", 3600.0),
    ("d day days", 86400.0),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sargolini_stamps_are_regular() {
        let times: Vec<f64> = (0..8000).map(|i| f64::from(i) / 250.0).collect();
        assert_eq!(
            TimeAxis::from_times(times).unwrap(),
            TimeAxis::Regular { start: 0.0, rate: 250.0, frames: 8000 }
        );
    }

    #[test]
    fn a_gap_is_irregular_and_frames_hold_across_it() {
        let axis = TimeAxis::from_times(vec![0.0, 0.1, 5.0, 5.1]).unwrap();
        assert_eq!(axis.rate(), None);
        assert_eq!([-1.0, 0.0, 0.1, 4.9, 5.0, 9.0].map(|t| axis.frame_at(t)), [0, 0, 1, 1, 2, 3]);
    }

    #[test]
    fn gaps_are_where_there_are_no_frames_for_five_periods() {
        let times = (0..10).chain(15..20).chain(26..30).map(|i| f64::from(i) / 10.0).collect();
        let axis = TimeAxis::from_times(times).unwrap();
        let gaps = axis.gaps();
        assert_eq!(gaps.len(), 2, "0.9 → 1.5 is six periods, 1.9 → 2.6 is seven: {gaps:?}");
        assert!((gaps[0][0] - 1.0).abs() < 1e-9 && (gaps[0][1] - 1.5).abs() < 1e-9);
        let five = (0..10).chain(14..20).map(|i| f64::from(i) / 10.0).collect();
        assert_eq!(TimeAxis::from_times(five).unwrap().gaps().len(), 0);
    }

    #[test]
    fn the_period_is_the_median_step() {
        for (steps, median) in
            [(vec![0.5, 4.0], 4.0), (vec![4.0, 0.5, 0.25], 0.5), (vec![1.0, 8.0, 1.0, 2.0, 16.0], 2.0)]
        {
            let mut times = vec![-3.0];
            times.extend(steps.iter().scan(-3.0, |time, step| {
                *time += step;
                Some(*time)
            }));
            assert_eq!(
                TimeAxis::from_times(times.clone()),
                Ok(TimeAxis::Irregular { times, period: median })
            );
        }
    }

    #[test]
    fn the_first_bad_stamp_is_named() {
        let bad = |times: Vec<f64>| match TimeAxis::from_times(times) {
            Err(SessionError::BadTime { index, .. }) => index,
            other => panic!("{other:?}"),
        };
        assert_eq!(bad(vec![0.0, 1.0, 1.0]), 2);
        assert_eq!(bad(vec![0.0, f64::NAN, 2.0]), 1);
        assert_eq!(bad(vec![f64::NAN, 1.0]), 0);
    }

    #[test]
    fn cf_units_scale_to_seconds() {
        assert_eq!(seconds_per_unit(Some("milliseconds since 2024-01-01")).unwrap(), 1e-3);
        assert_eq!(seconds_per_unit(None).unwrap(), 1.0);
        assert!(seconds_per_unit(Some("fortnights")).is_err());
    }

    #[test]
    fn times_are_written_with_the_decimals_that_frames_need() {
        let written = |start: f64, rate: f64, frame: u64| {
            let axis = TimeAxis::regular(start, rate, 1_000_000).unwrap();
            format!("{:.*}", axis.decimals() as usize, axis.written(frame))
        };
        assert_eq!(written(0.0, 500.0, 3), "0.006");
        assert_eq!(written(0.0, 1.0, 7), "7");
        assert_eq!(written(10.0, 250.0, 1), "10.004");
        assert_eq!(written(0.0013, 500.0, 1), "0.0033");
        // 0.13346…: to nearest it would be 0.133, which is still frame 3.
        assert_eq!(written(0.0, 29.97, 4), "0.134");
        assert_eq!(written(1.7e9, 250.0, 1), "1700000000.004");
        // Not 0 and 1: a period is far below a second.
        assert_eq!(written(0.0, 2e6, 3), "0.0000015");
        // 0.4 ppm beside 500 Hz are more than a tenth of a period after some minutes: three decimals are too few.
        assert_eq!(written(0.0, 499.999_8, 999_999), "1999.9988");
    }

    proptest! {
        #[test]
        fn a_partly_known_axis_is_exact_where_it_is_known_and_ordered_elsewhere(
            steps in prop::collection::vec(1e-3..2.0_f64, 30..200), cuts in prop::collection::vec(0.0..1.0_f64, 2..6)
        ) {
            let mut now = 5.0;
            let times: Vec<f64> = steps.iter().map(|step| { now += step; now }).collect();
            let all = times.len();
            let mut bounds: Vec<usize> = cuts.iter().map(|cut| 1 + (cut * (all - 2) as f64) as usize).collect();
            bounds.extend([0, all]);
            bounds.sort_unstable();
            bounds.dedup();
            let all_stretches: Vec<(u64, Vec<f64>)> =
                bounds.windows(2).map(|two| (two[0] as u64, times[two[0]..two[1]].to_vec())).collect();
            let last = all_stretches.len() - 1;
            let kept = all_stretches.into_iter().enumerate().filter(|(at, _)| *at == last || at % 2 == 0);
            let stretches: Vec<_> = kept.map(|(_, stretch)| stretch).collect();
            let axis = TimeAxis::partial(stretches.clone(), all as u64).unwrap();
            for (first, stamps) in &stretches {
                for (frame, stamp) in (*first..).zip(stamps) {
                    prop_assert_eq!(axis.time_of(frame).to_bits(), stamp.to_bits());
                    prop_assert_eq!(axis.frame_at(*stamp), frame);
                }
            }
            let times: Vec<f64> = (0..all as u64).map(|frame| axis.time_of(frame)).collect();
            prop_assert!(times.is_sorted());
            let frames: Vec<u64> = times.iter().map(|time| axis.frame_at(*time)).collect();
            prop_assert!(frames.is_sorted() && frames.last() == Some(&(all as u64 - 1)));
        }

        #[test]
        fn a_written_time_leads_back_to_its_frame(
            start in prop_oneof![Just(0.0), Just(0.0013), Just(1.6e9), Just(1.7e9), -1e6..1e9_f64],
            rate in prop_oneof![
                prop::sample::select(vec![250.0, 500.0, 1000.0, 29.97, 30.0, 30_000.0, 1.0 / 0.0021]), 0.01..30_000.0_f64
            ],
            first in 0..10_000_000_u64
        ) {
            let axis = TimeAxis::regular(start, rate, 20_000_000).unwrap();
            for frame in first..first + 40 {
                prop_assume!(axis.time_of(frame) < axis.time_of(frame + 1));
                prop_assume!(frame == 0 || axis.time_of(frame - 1) < axis.time_of(frame));
                let written = axis.written(frame);
                prop_assert_eq!(axis.frame_at(written), frame, "{} is written {}", axis.time_of(frame), written);
                prop_assert!((written - axis.time_of(frame)).abs() <= 0.1 / rate + 1e-6);
            }
        }

        #[test]
        fn a_written_stamp_leads_back_to_its_frame(
            start in prop_oneof![Just(0.0), Just(1.7e9), -1e6..1e6_f64],
            steps in prop::collection::vec(prop_oneof![1e-6..1e-2, 1e-3..0.1, Just(3600.0)], 1..60)
        ) {
            let mut time = start;
            let times: Vec<f64> = std::iter::once(start).chain(steps.into_iter().map(|step| { time += step; time })).collect();
            prop_assume!(times.is_sorted_by(|a, b| a < b));
            let axis = TimeAxis::Irregular { period: median_step(&times), times };
            for frame in 0..axis.frames() {
                prop_assert_eq!(axis.frame_at(axis.written(frame)), frame);
            }
        }

        #[test]
        fn a_frames_own_time_finds_it_again(
            start in -1e6..1e9_f64, rate in 0.01..30_000.0_f64, frames in 1..10_000_000_u64, at in 0.0..1.0_f64
        ) {
            let axis = TimeAxis::regular(start, rate, frames).unwrap();
            let frame = (at * (frames - 1) as f64) as u64;
            // Neighbouring stamps that are equal as f64 cannot be distinguished.
            prop_assume!(frame == 0 || axis.time_of(frame - 1) < axis.time_of(frame));
            prop_assume!(frame + 1 == frames || axis.time_of(frame) < axis.time_of(frame + 1));
            prop_assert_eq!(axis.frame_at(axis.time_of(frame)), frame);
        }
    }
}
