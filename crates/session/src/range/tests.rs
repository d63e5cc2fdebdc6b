//! Estimators against plain exhaustive computation.

use ndarray::Array2;
use proptest::prelude::*;
use replayscope_codecs::{Values, order_key, percentiles};
use replayscope_json::Json;

use super::sample_frames::{default_stride, sampled, strided};
use super::*;

/// numpy's percentiles; see `tests/fixtures/range/write.py`.
const NUMPY: &str = include_str!("../../../../tests/fixtures/range/numpy.csv");

fn draws(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    (0..count).map(|_| draw()).collect()
}

#[test]
fn percentiles_are_numpys() {
    let mut rows = 0;
    for line in NUMPY.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let of: fn(f32) -> f32 = match cells[0] {
            "uniform" => |u| u,
            "signed" => |u| (u - 0.5) * 1000.0,
            "peaked" => |u| u * u * u * u * u * u * u * u,
            _ => |u| if u < 0.9 { 0.0 } else { u },
        };
        let mut keys: Vec<u32> =
            draws(number(1) as u64, number(2) as usize).into_iter().map(|u| order_key(of(u))).collect();
        let [found] = percentiles(&mut keys, [number(3)]).unwrap();
        let off = (found - number(4)).abs();
        assert!(off <= 1e-12 * number(4).abs().max(1.0), "{line}: {found}");
        rows += 1;
    }
    assert_eq!(rows, 4 * 5 * 10);
}

/// (frames, bins) as chunks of some frames.
#[derive(Debug)]
struct Data {
    values: Array2<f32>,
    chunk_frames: usize,
}

impl Data {
    fn of(values: Array2<f32>) -> Self {
        Self { values, chunk_frames: 7 }
    }

    fn stored(&self) -> SampledArray {
        let (frames, bins) = self.values.dim();
        SampledArray {
            frames: frames as u64,
            bins: bins as u64,
            chunk_frames: self.chunk_frames as u64,
            chunk_bytes: (self.chunk_frames * bins * 4) as u64,
        }
    }

    fn chunk(&self, chunk: u64) -> Values {
        let first = chunk as usize * self.chunk_frames;
        let last = (first + self.chunk_frames).min(self.values.nrows());
        let rows: Vec<f32> = (first..last).flat_map(|frame| self.values.row(frame).to_vec()).collect();
        Values::of(self.values.ncols(), &rows).unwrap()
    }

    /// The frames of a plan, and what comes of them in the order of `shuffle`.
    fn run(&self, method: Method, seed: u64, shuffle: u64) -> (Estimate, Vec<usize>) {
        let mut parts: Vec<SampleFrames> = method.sample_frames(self.stored(), seed).collect();
        let frames: Vec<usize> = parts
            .iter()
            .flat_map(|part| {
                part.rows.iter().map(|row| part.chunk as usize * self.chunk_frames + *row as usize)
            })
            .collect();
        fastrand::Rng::with_seed(shuffle).shuffle(&mut parts);
        // By one alone, or by three that share the work.
        let mut estimators =
            vec![Estimator::new(method, &self.stored(), frames.len() as u64); 1 + shuffle as usize % 2 * 2];
        for (at, SampleFrames { chunk, rows }) in parts.into_iter().enumerate() {
            let count = estimators.len();
            let first = chunk * self.chunk_frames as u64;
            estimators[at % count].add(first, &self.chunk(chunk), rows.into_iter().map(|row| row as usize));
        }
        let all = estimators.into_iter().reduce(|mut all, more| {
            all.absorb(more);
            all
        });
        (all.unwrap().estimate(), frames)
    }

    fn finite(&self, frames: &[usize]) -> Vec<Vec<f64>> {
        let of = |frame: &usize| {
            self.values
                .row(*frame)
                .iter()
                .filter(|v| v.is_finite())
                .map(|v| f64::from(*v))
                .collect::<Vec<f64>>()
        };
        frames.iter().map(of).filter(|frame| !frame.is_empty()).collect()
    }
}

/// By sorting, as the books have it.
fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = percent / 100.0 * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

fn extremes(frames: &[Vec<f64>]) -> [f64; 2] {
    let all = frames.iter().flatten().copied();
    [all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max)]
}

/// What each method has to find, exhaustively, of the frames it looked at.
fn exhaustive(method: Method, frames: &[Vec<f64>]) -> ([f64; 2], &'static str) {
    let [lowest, highest] = extremes(frames);
    if frames.is_empty() {
        return ([0.0, 1.0], "empty");
    }
    if lowest >= highest {
        let half = (lowest.abs() * 1e-6).max(0.5);
        return ([lowest - half, lowest + half], "constant");
    }
    let all: Vec<f64> = frames.iter().flatten().copied().collect();
    let maxima: Vec<f64> = frames.iter().map(|frame| extremes(std::slice::from_ref(frame))[1]).collect();
    let medians: Vec<f64> = frames.iter().map(|frame| f64::from(percentile(frame, 50.0) as f32)).collect();
    let sums = |frame: &Vec<f64>| frame.iter().sum::<f64>();
    let zeros = |frame: &Vec<f64>| frame.iter().all(|v| *v == 0.0);
    let one = |frame: &Vec<f64>| (sums(frame) - 1.0).abs() <= 1e-3 && frame.iter().all(|v| *v >= 0.0);
    let distribution = frames.iter().any(one) && frames.iter().all(|frame| one(frame) || zeros(frame));
    let subset = |[low, high]: [f64; 2]| [percentile(&all, low), percentile(&all, high)];
    let peaks = |lower: f64, upper: f64| {
        [if distribution { 0.0 } else { percentile(&medians, lower) }, percentile(&maxima, upper)]
    };
    let (limits, name) = match method {
        Method::Exact => ([lowest, highest], "exact"),
        Method::Strided { .. } => ([lowest, highest], "strided"),
        Method::Subset { percentiles, .. } => (subset(percentiles), "subset"),
        Method::Peaks { lower, upper, .. } => (peaks(lower, upper), "peaks"),
        Method::Auto => {
            let (of_all, of_peaks) = (subset([1.0, 99.0]), peaks(50.0, 99.5));
            let peaked = of_all[1] - of_peaks[0] < 0.5 * (of_peaks[1] - of_peaks[0]);
            if distribution || peaked { (of_peaks, "peaks") } else { (of_all, "subset") }
        }
    };
    (if (limits[0] as f32) < (limits[1] as f32) { limits } else { [lowest, highest] }, name)
}

/// What posteriors and other fields look like.
fn data() -> impl Strategy<Value = Data> {
    let kind = 0..7_usize;
    (kind, 1..120_usize, 1..24_usize, 1..40_usize, any::<u64>()).prop_map(
        |(kind, frames, bins, chunk_frames, seed)| {
            let noise = draws(seed, frames * bins);
            let at = |frame: usize, bin: usize| noise[frame * bins + bin];
            let values = Array2::from_shape_fn((frames, bins), |(frame, bin)| {
                let uniform = at(frame, bin);
                let peak = (at(frame, 0) * bins as f32) as usize;
                match kind {
                    0 => uniform * 3.0 - 1.0,
                    // A distribution with one peak; one that is diffuse; a likelihood with a peak.
                    1 => {
                        if bin == peak {
                            0.7 + 0.3 / bins as f32
                        } else {
                            0.3 / bins as f32
                        }
                    }
                    2 => 1.0 / bins as f32,
                    3 => {
                        if bin == peak {
                            50.0 + uniform
                        } else {
                            uniform
                        }
                    }
                    // Blocks of NaN, and infinities here and there.
                    4 => match frame / 5 % 3 {
                        0 => f32::NAN,
                        _ if uniform > 0.97 => f32::INFINITY,
                        _ => uniform,
                    },
                    5 => -2.25,
                    _ => f32::NAN,
                }
            });
            Data { values, chunk_frames }
        },
    )
}

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Exact),
        prop::option::of(1..9_u64).prop_map(|stride| Method::Strided { stride }),
        (1..60_u64, 0.0..40.0, 60.0..100.0)
            .prop_map(|(samples, low, high)| Method::Subset { samples, percentiles: [low, high] }),
        (1..60_u64, 0.0..100.0, 0.0..100.0).prop_map(|(samples, lower, upper)| Method::Peaks {
            samples,
            lower,
            upper
        }),
        Just(Method::Auto),
    ]
}

proptest! {
    #[test]
    fn every_estimator_is_the_exhaustive_one(data in data(), method in methods(), seed: u64, shuffles: [u64; 2]) {
        let (found, frames) = data.run(method, seed, shuffles[0]);
        prop_assert_eq!(found, data.run(method, seed, shuffles[1]).0, "whatever comes first");
        let finite = data.finite(&frames);
        let (limits, name) = exhaustive(method, &finite);
        prop_assert_eq!((found.method, found.frames), (name, finite.len() as u64));
        for (found, expected) in found.limits.iter().zip(limits) {
            prop_assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{} where {}", found, expected);
        }
        let [low, high] = in_float32(found.limits).map(|limit| limit as f32);
        prop_assert!(low < high && low.is_finite() && high.is_finite());
    }

    #[test]
    fn all_of_a_short_session_is_exact(data in data()) {
        let all: Vec<usize> = (0..data.values.nrows()).collect();
        prop_assert_eq!(data.run(Method::Exact, 0, 0).1, all.clone());
        prop_assert_eq!(data.run(Method::Strided { stride: None }, 0, 0).1, all);
    }

    #[test]
    fn limits_can_always_be_drawn(
        values in prop::collection::vec(prop_oneof![
            any::<f32>(), Just(f32::NAN), Just(f32::MAX), Just(-f32::MAX), Just(0.0), Just(1e-45), -1f32..1.0,
        ], 0..60),
        bins in 1usize..6, method in methods(), given in any::<[Option<f32>; 2]>(),
    ) {
        let frames = values.len() / bins;
        let data = Data::of(Array2::from_shape_vec((frames, bins), values[..frames * bins].to_vec()).unwrap());
        let (found, _) = data.run(method, 0, 0);
        let given = given.map(|limit| limit.filter(|limit| limit.is_finite()).map(f64::from));
        prop_assume!(given[0].zip(given[1]).is_none_or(|(low, high)| low < high));
        let [low, high] = in_float32(with_user_limits(found.limits, given)).map(|limit| limit as f32);
        prop_assert!(low < high && low.is_finite() && high.is_finite(), "{} {}", low, high);
        let kept = with_user_limits(found.limits, given);
        prop_assert!(given.into_iter().zip(kept).all(|(given, kept)| given.is_none_or(|given| given.to_bits() == kept.to_bits())));
    }

    #[test]
    fn a_sample_is_spread_bounded_and_repeatable(
        frames in 1u64..5_000_000, bins in 1u64..20_000, chunk_frames in 1u64..5_000, samples in 1u64..20_000, seed: u64,
    ) {
        let stored = SampledArray { frames, bins, chunk_frames, chunk_bytes: chunk_frames * bins * 4 };
        let parts = sampled(&stored, samples, seed);
        prop_assert_eq!(&parts, &sampled(&stored, samples, seed));
        let all = stored.chunks() * stored.chunk_bytes;
        prop_assert!(parts.len() as u64 * stored.chunk_bytes <= (16 << 20).max(all / 200));
        let most = if parts.len() as u64 * stored.chunk_bytes <= 16 << 20 { 256 } else { 64 };
        prop_assert!(parts.len() <= most && parts.windows(2).all(|pair| pair[0].chunk < pair[1].chunk));
        let mut taken = 0;
        for SampleFrames { chunk, rows } in &parts {
            prop_assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
            let last = u64::from(*rows.last().unwrap());
            prop_assert!(last < chunk_frames && chunk * chunk_frames + last < frames);
            taken += rows.len() as u64;
        }
        let spread = ((16 << 20) / stored.chunk_bytes).clamp(64, 256);
        let chosen = stored.chunks().min(spread).min((16 << 20).max(all / 200) / stored.chunk_bytes);
        prop_assert!(taken <= samples);
        // As many as are wanted, where the chosen chunks surely have them; the last one may be short.
        prop_assert!(taken == samples || taken + chunk_frames > chosen * chunk_frames || taken == frames);
    }

    #[test]
    fn a_stride_takes_every_kth(frames in 1u64..100_000, chunk_frames in 1u64..5_000, stride in 1u64..5_000) {
        let stored = SampledArray { frames, bins: 3, chunk_frames, chunk_bytes: 1 };
        let taken: Vec<u64> = strided(stored, stride)
            .flat_map(|part| part.rows.into_iter().map(move |row| part.chunk * chunk_frames + u64::from(row)))
            .collect();
        prop_assert_eq!(taken, (0..frames).step_by(stride as usize).collect::<Vec<_>>());
    }
}

#[test]
fn frames_are_chosen_at_once_however_many_are_claimed() {
    let stored = SampledArray { frames: 1 << 50, bins: 1, chunk_frames: 1 << 28, chunk_bytes: 1 << 30 };
    let parts = sampled(&stored, 10_000, 1);
    assert_eq!(parts.iter().map(|part| part.rows.len()).sum::<usize>(), 10_000);
    assert!(parts.len() <= 64 && parts.iter().any(|part| part.rows.last() > Some(&(1 << 27))));
    let stored = SampledArray { frames: 1 << 62, bins: 1, chunk_frames: 1, chunk_bytes: 4 };
    assert!((40_000..=50_000).contains(&strided(stored, default_stride(stored.frames)).count()));
    let stored = SampledArray { frames: u64::MAX, ..stored };
    assert_eq!(strided(stored, u64::MAX / 2 + 1).count(), 2);
}

#[test]
fn a_long_session_is_strode_through_in_about_50_000_frames() {
    assert_eq!([1, 200_000].map(default_stride), [1, 1]);
    for frames in [200_001_u64, 500_000, 1_000_000, 3_600_000] {
        let seen = frames.div_ceil(default_stride(frames));
        assert!((40_000..=50_000).contains(&seen), "{seen} of {frames}");
    }
}

#[test]
fn the_issues_own_cases() {
    let limits = |values: Array2<f32>| data_limits(values, Method::Auto);
    assert_eq!(limits(Array2::zeros((0, 5))), ([0.0, 1.0], "empty"));
    assert_eq!(limits(Array2::from_elem((3, 4), f32::NAN)), ([0.0, 1.0], "empty"));
    for constant in [0.0f32, 1.0, -3.25, 100_000.0] {
        let mut values = Array2::from_elem((3, 4), constant);
        values[[1, 1]] = f32::NAN;
        let constant = f64::from(constant);
        assert_eq!(limits(values), ([constant - 0.5, constant + 0.5], "constant"));
    }
    // Percentiles of all values would say 0.003, and saturate every peak.
    let mut peaked = Array2::from_elem((1_000, 100), 0.29 / 99.0);
    (0..1_000).for_each(|frame| peaked[[frame, frame % 100]] = 0.71);
    peaked.row_mut(3).fill(f32::NAN);
    peaked.row_mut(4).fill(0.0);
    assert_eq!(limits(peaked.clone()), ([0.0, f64::from(0.71f32)], "peaks"));
    // Rare outliers do not set the limit.
    peaked.row_mut(7).fill(0.0);
    peaked[[7, 0]] = 1.0;
    assert_eq!(limits(peaked.clone()), ([0.0, f64::from(0.71f32)], "peaks"));
    // As a likelihood, which sums to anything, it is peaked still.
    let (scaled, method) = limits(peaked.mapv(|value| value * 10.0));
    assert!(method == "peaks" && (scaled[1] - 7.1).abs() < 1e-6, "{scaled:?}");
    // Single peaks on zeros: what stands out is all there is to see.
    let mut lone = Array2::zeros((400, 100));
    lone[[5, 5]] = 3.0;
    let percentiles = [1.0, 99.0];
    assert_eq!(data_limits(lone, Method::Subset { samples: 1_000, percentiles }), ([0.0, 3.0], "subset"));
}

fn data_limits(values: Array2<f32>, method: Method) -> ([f64; 2], &'static str) {
    let (found, _) = Data::of(values).run(method, 0, 0);
    (found.limits, found.method)
}

/// Decoded as a Gaussian around where the animal is, at 500 Hz: where it is changes slowly, how sure that is with each bin of spikes.
fn decoded(frames: usize, bins: usize, width: f32) -> Data {
    let noise = draws(9, frames);
    let mut values = Array2::zeros((frames, bins));
    for frame in 0..frames {
        let time = frame as f32 / 500.0;
        let center = (0.5 + 0.45 * (time * 0.7).sin()) * bins as f32;
        let width = width * (1.0 + 0.15 * (time * 3.1).cos()) * (0.7 + 0.6 * noise[frame]);
        let weight = |bin: usize| (-((bin as f32 - center) / width).powi(2) / 2.0).exp();
        let sum: f32 = (0..bins).map(weight).sum();
        for bin in 0..bins {
            values[[frame, bin]] = weight(bin) / sum;
        }
    }
    Data { values, chunk_frames: 250 }
}

#[test]
fn a_sample_is_within_5_percent_of_the_whole() {
    let near = |found: f64, exact: f64, scale: f64, what: &str| {
        assert!((found - exact).abs() <= 0.05 * scale, "{what}: {found} where {exact}");
    };
    let uniform =
        Data { values: Array2::from_shape_vec((40_000, 20), draws(1, 800_000)).unwrap(), chunk_frames: 250 };
    let (found, _) = uniform.run(Method::Exact, 0, 0);
    near(found.limits[0], 0.0, 1.0, "lowest");
    near(found.limits[1], 1.0, 1.0, "highest");
    for seed in 0..3 {
        // The known criterion: uniform random data, whose 1 and 99 % percentiles are known.
        let (found, frames) = uniform.run(Method::Auto, seed, 0);
        assert!((found.method, frames.len()) == ("subset", 10_000), "{found:?}");
        near(found.limits[0], 0.01, 1.0, "low of uniform data");
        near(found.limits[1], 0.99, 1.0, "high of uniform data");
    }
    for (what, width) in [("peaked", 0.8), ("diffuse", 6.0)] {
        // Of 1,200 chunks 256 are read.
        let data = Data { chunk_frames: 100, ..decoded(120_000, 30, width) };
        let maxima: Vec<f64> =
            data.values.rows().into_iter().map(|row| row.fold(0.0_f32, |a, b| a.max(*b)).into()).collect();
        let exact = percentile(&maxima, 99.5);
        for seed in 0..3 {
            let (found, frames) = data.run(Method::Auto, seed, 0);
            assert!(
                (found.method, found.limits[0], frames.len()) == ("peaks", 0.0, 10_000),
                "{what}: {found:?}"
            );
            near(found.limits[1], exact, exact, what);
        }
    }
}

#[test]
fn of_many_bins_every_so_many_th_value_stands_for_all() {
    let values = Array2::from_shape_vec((400, 20_000), draws(3, 8_000_000)).unwrap();
    let data = Data { values, chunk_frames: 20 };
    let stored = data.stored();
    let mut estimator = Estimator::new(Method::Auto, &stored, 400);
    (0..stored.chunks()).for_each(|chunk| estimator.add(chunk * 20, &data.chunk(chunk), 0..20));
    let kept: f64 = estimator.histogram(&[-1.0, 2.0]).iter().sum();
    assert!(kept <= f64::from(4 << 20), "{kept} values in memory");
    let found = estimator.estimate();
    assert!((found.limits[0] - 0.01).abs() < 1e-3 && (found.limits[1] - 0.99).abs() < 1e-3, "{found:?}");
    // Of any chunks: every bin is as likely to be kept where a chunk is one frame.
    let mut estimator = Estimator::new(Method::Auto, &stored, 400);
    let odd: Vec<f32> = (0..20_000_u16).map(|bin| f32::from(bin % 2)).collect();
    let frame = Values::of(20_000, &odd).unwrap();
    (0..400).for_each(|first| estimator.add(first, &frame, 0..1));
    let [even, odd] = estimator.histogram(&[-0.5, 0.5, 1.5])[..] else { unreachable!() };
    assert!((even - odd).abs() < 1.0, "{even} and {odd}");
}

#[test]
fn of_many_frames_one_in_so_many_has_its_median_taken() {
    let values = Array2::from_shape_vec((100_000, 3), draws(4, 300_000)).unwrap();
    let data = Data { values, chunk_frames: 1_000 };
    let method = Method::by_name("peaks").unwrap().with(Some(u64::MAX), None, None, [None; 2]);
    let (found, frames) = data.run(method, 0, 1);
    assert_eq!((found.method, frames.len()), ("peaks", 100_000));
    let (exact, _) = exhaustive(method, &data.finite(&frames));
    // The density of the median of three draws is 1.5 at its middle: of 14,000 frames a standard error of 1 / (2 · 1.5 · √14,000) = 0.003.
    assert!((found.limits[0] - exact[0]).abs() < 0.01, "{found:?} where {exact:?}");
    assert!((found.limits[1] - exact[1]).abs() < 1e-12, "of all maxima: {found:?} where {exact:?}");
}

#[test]
fn a_given_limit_is_kept() {
    let found = [0.2, 0.8];
    assert_eq!(with_user_limits(found, [Some(0.5), Some(3.0)]), [0.5, 3.0]);
    assert_eq!(with_user_limits(found, [Some(0.5), None]), [0.5, 0.8]);
    assert_eq!(with_user_limits(found, [None, Some(0.5)]), [0.2, 0.5]);
    // On the estimate's other side the range is as wide as the estimated one.
    assert_eq!(with_user_limits(found, [Some(5.0), None]), [5.0, 5.0 + (0.8 - 0.2)]);
    assert_eq!(with_user_limits(found, [None, Some(-1.0)]), [-1.0 - (0.8 - 0.2), -1.0]);
    assert_eq!(with_user_limits(found, [None, None]), found);
}

#[test]
fn requests_are_read_and_what_makes_no_sense_is_said() {
    let read = |text: &str| EstimateRequest::from_json(&Json::parse(text.as_bytes()).unwrap());
    assert_eq!(read("{}"), Ok(EstimateRequest { method: Method::Auto, seed: 0, user_limits: [None; 2] }));
    assert_eq!(
        read(
            r#"{"method": "subset", "samples": 5, "percentile": [2, 98], "seed": 7, "vmin": 0, "field": "posterior"}"#
        ),
        Ok(EstimateRequest {
            method: Method::Subset { samples: 5, percentiles: [2.0, 98.0] },
            seed: 7,
            user_limits: [Some(0.0), None]
        })
    );
    assert_eq!(
        read(r#"{"method": "peaks", "lower": 10, "samples": null}"#).map(|request| request.method),
        Ok(Method::Peaks { samples: 10_000, lower: 10.0, upper: 99.5 })
    );
    assert_eq!(
        read(r#"{"method": "strided", "stride": 3}"#).unwrap().method,
        Method::Strided { stride: Some(3) }
    );
    for (text, word) in [
        (r#"{"method": "best"}"#, "auto, exact, strided, subset, peaks"),
        (r#"{"method": 3}"#, "3"),
        (r#"{"method": "subset", "samples": 0}"#, "samples"),
        (r#"{"method": "peaks", "samples": 0}"#, "samples"),
        (r#"{"samples": -1}"#, "-1"),
        (r#"{"samples": "many"}"#, "many"),
        (r#"{"method": "strided", "stride": 0}"#, "stride"),
        (r#"{"method": "subset", "percentile": [99, 1]}"#, "below"),
        (r#"{"method": "subset", "percentile": [1, 101]}"#, "101"),
        (r#"{"percentile": 5}"#, "[1, 99]"),
        (r#"{"percentile": [1]}"#, "[1, 99]"),
        (r#"{"method": "peaks", "upper": -1}"#, "-1"),
        (r#"{"vmin": 1, "vmax": 0}"#, "below vmax (0)"),
        (r#"{"vmin": 1, "vmax": 1}"#, "below vmax (1)"),
        (r#"{"vmax": 1e300}"#, "1e300"),
        (r#"{"seed": 1.5}"#, "1.5"),
    ] {
        let wrong = read(text).unwrap_err();
        assert!(wrong.contains(word), "{text}: {wrong}");
    }
}
