//! `range`: prints the limits that the session crate estimates, and refuses requests that are not valid.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_cli::demo::DemoOptions;
use replayscope_cli::range::range;
use replayscope_cli::source;
use replayscope_cli::writer::Precision;
use replayscope_session::Error;
use replayscope_session::estimate_range;
use replayscope_session::range::{EstimateRequest, Method};
use replayscope_session::{Opening, open};

use common::{
    demo_options, options, pack, pack_options, run_demo, shared, start, write_environment, write_npy,
};

fn run(arguments: &[&str]) -> (String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_replayscope")).arg("range").args(arguments).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_prints_what_the_library_finds() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("demo.zarr");
    run_demo(&demo_options(&path));
    let path = path.to_str().unwrap();
    let session = block_on(open(source::open(path, &[]).unwrap(), Opening::default())).unwrap();
    let array = session.fields[0].array.clone();
    for (arguments, method) in [
        (vec![], Method::Auto),
        (vec!["--method", "exact"], Method::Exact),
        (vec!["--method", "strided", "--stride", "9"], Method::Strided { stride: Some(9) }),
        (
            vec!["--method", "subset", "--samples", "50", "--percentile", "5", "95"],
            Method::Subset { samples: 50, percentiles: [5.0, 95.0] },
        ),
        (
            vec!["--method", "peaks", "--samples", "50", "--lower", "10", "--upper", "90"],
            Method::Peaks { samples: 50, lower: 10.0, upper: 90.0 },
        ),
    ] {
        for seed in ["0", "7"] {
            let request = EstimateRequest { method, seed: seed.parse().unwrap(), user_limits: [None; 2] };
            let fetch = |chunk| {
                let array = array.clone();
                async move { Ok::<_, Error>(Rc::new(array.decode(&array.fetch(chunk).await?)?)) }
            };
            let found = block_on(estimate_range(&session.fields[0], request, fetch)).unwrap();
            let (printed, _) = run(&[&[path, "--seed", seed], arguments.as_slice()].concat());
            let expected = format!(
                "field: posterior\nlow: {}\nhigh: {}\nmethod: {}\nframes: {}\nchunks: {} of {}\nbytes: {}\nseed: {seed}\n",
                found.low,
                found.high,
                found.method,
                found.frames,
                found.chunks,
                array.chunks(),
                found.bytes
            );
            assert_eq!(printed, expected, "{arguments:?}");
            assert!(found.frames > 0 && found.low < found.high);
        }
    }
    // The same over HTTP.
    let url = start(options(home.path())).url.replace("?session=", "");
    let (over_http, _) = run(&[&url]);
    assert_eq!(over_http, run(&[path]).0);
    let (given, _) = run(&[path, "--vmin", "-0.5"]);
    assert!(given.contains("\nlow: -0.5\n"), "{given}");
}

/// By sorting, as numpy has it.
fn percentile(values: &[f32], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = percent / 100.0 * (sorted.len() - 1) as f64;
    let (low, high) = (f64::from(sorted[at.floor() as usize]), f64::from(sorted[at.ceil() as usize]));
    low + (high - low) * at.fract()
}

/// A packed session's limits are those of all its frames as they are stored, and cost nothing.
#[track_caller]
fn tells_exact_limits(path: &Path, method: &str) {
    let session =
        block_on(open(source::open(path.to_str().unwrap(), &[]).unwrap(), Opening::default())).unwrap();
    let field = &session.fields[0];
    let mut frames: Vec<Vec<f32>> = Vec::new();
    for chunk in 0..field.array.chunks() {
        let decoded = field.array.decode(&block_on(field.array.fetch(chunk)).unwrap()).unwrap();
        frames.extend((0..decoded.values.rows()).map(|row| decoded.values.row(row)));
    }
    assert!(frames.len() > 4_096, "else there is no level");
    for frame in &mut frames {
        frame.retain(|value| value.is_finite());
    }
    frames.retain(|frame| !frame.is_empty());
    let all = frames.concat();
    let maxima: Vec<f32> =
        frames.iter().map(|frame| frame.iter().copied().fold(f32::NEG_INFINITY, f32::max)).collect();
    let expected = match method {
        "peaks" => [0.0, percentile(&maxima, 99.5)],
        _ => [percentile(&all, 1.0), percentile(&all, 99.0)],
    };
    let known = field.stored_estimate().unwrap();
    assert_eq!((known.method, known.frames), (method, frames.len() as u64));
    for (found, expected) in known.limits.into_iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{:?} where {expected}", known.limits);
    }
    let extremes = [0.0, 100.0].map(|percent| percentile(&all, percent) as f32);
    assert_eq!(known.extremes, extremes);

    let path = path.to_str().unwrap();
    let [low, high] = known.limits;
    let found = format!(
        "field: posterior\nlow: {low}\nhigh: {high}\nmethod: {method}\nframes: {}\nchunks: 0 of {}\nbytes: 0\nseed: 0\n",
        frames.len(),
        field.array.chunks()
    );
    assert_eq!(run(&[path]).0, found);
    assert_eq!(run(&[path, "--method", method]).0, found);
    let (fewer, _) = run(&[path, "--method", method, "--samples", "9000"]);
    assert!(!fewer.contains("\nbytes: 0\n"), "{fewer}");
}

#[test]
fn packed_sessions_tell_the_limits_of_all_frames() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("demo.zarr");
    for precision in [Precision::F32, Precision::F16] {
        run_demo(&DemoOptions { seconds: 9.0, precision, force: true, ..demo_options(&path) });
        tells_exact_limits(&path, "peaks");
    }
    // Diffuse, with frames and values that are none; chunks and batches end where they like.
    let environment = write_environment(home.path(), 20, 15);
    let input = home.path().join("posterior.npy");
    let value = |at: u64| {
        let part = (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / f64::from(1 << 24);
        let is_finite = at / 300 % 50 != 7 && at % 11 != 3;
        if is_finite { part * 6.0 - 3.0 } else { f64::NAN }
    };
    let mut values = Vec::new();
    (0..4_200 * 300).for_each(|at| Precision::F64.push(value(at), &mut values));
    write_npy(&input, "<f8", false, "(4200, 300)", &values);
    let options = pack_options(&input, &environment, &home.path().join("diffuse.zarr"));
    pack(&options).unwrap();
    tells_exact_limits(&options.output, "subset");
    // A constant has no stored limits, and is recognised as one.
    values.as_chunks_mut().0.fill(2.5_f64.to_le_bytes());
    write_npy(&input, "<f8", false, "(4200, 300)", &values);
    let options = pack_options(&input, &environment, &home.path().join("constant.zarr"));
    pack(&options).unwrap();
    assert!(!fs::read_to_string(options.output.join("zarr.json")).unwrap().contains("limits"));
    let (found, _) = run(&[options.output.to_str().unwrap()]);
    assert!(found.contains("\nlow: 2\nhigh: 3\nmethod: constant\n"), "{found}");
}

#[test]
fn a_whole_array_without_time_or_environment_has_a_range() {
    let home = tempfile::tempdir().unwrap();
    let input = home.path().join("posterior.npy");
    let values: Vec<u8> = (0..12_u16).flat_map(|i| f32::from(i).to_le_bytes()).collect();
    write_npy(&input, "<f4", false, "(3, 4)", &values);
    let request = EstimateRequest { method: Method::Exact, seed: 0, user_limits: [None; 2] };
    let found = range(input.to_str().unwrap(), &[], None, request).unwrap();
    assert_eq!((found.range.low, found.range.high, found.range.frames), (0.0, 11.0, 3));
}

#[test]
fn real_posteriors_are_told_for_what_they_are() {
    let Some(data) = shared("sessions/sargolini") else { return };
    let auto = EstimateRequest { method: Method::Auto, seed: 0, user_limits: [None; 2] };
    let found =
        |file: &str, request| range(data.join(file).to_str().unwrap(), &[], None, request).unwrap().range;
    let npy = found("posterior.npy", auto);
    assert_eq!((npy.low, npy.method), (0.0, "peaks"));
    // By hand, from all 8,000 frames.
    let bytes = fs::read(data.join("posterior.npy")).unwrap();
    let values = bytes[bytes.len() - 8000 * 397 * 4..].as_chunks::<4>().0;
    let frames = values.chunks(397).map(|frame| frame.iter().map(|value| f32::from_le_bytes(*value)));
    let mut maxima: Vec<f32> = frames
        .map(|frame| frame.filter(|value| value.is_finite()).fold(f32::NEG_INFINITY, f32::max))
        .collect();
    maxima.retain(|value| value.is_finite());
    maxima.sort_by(f32::total_cmp);
    let at = 0.995 * (maxima.len() - 1) as f64;
    let (below, above) = (f64::from(maxima[at as usize]), f64::from(maxima[at as usize + 1]));
    let exact = below + (above - below) * at.fract();
    assert!((npy.high - exact).abs() <= 0.05 * exact, "{} where {exact}", npy.high);
    let zarr = found("posterior.zarr", EstimateRequest { method: Method::Exact, ..auto });
    assert_eq!((zarr.high, zarr.frames), (f64::from(*maxima.last().unwrap()), maxima.len() as u64));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("demo.zarr");
    run_demo(&demo_options(&path));
    let path = path.to_str().unwrap();
    for (arguments, words) in [
        (vec!["--method", "best"], "auto, exact, strided, subset, peaks"),
        (vec!["--vmin", "1", "--vmax", "0"], "vmin (1) has to be below vmax (0)"),
        (vec!["--field", "likelihood"], "--field likelihood is not possible: the session has posterior"),
        (vec!["--method", "subset", "--percentile", "99", "1"], "has to be below the upper one (1)"),
        (vec!["--method", "strided", "--stride", "0"], "stride of 0"),
        (vec!["--method", "peaks", "--samples", "0"], "samples has to be 1 or more"),
    ] {
        let (printed, reported) = run(&[&[path], arguments.as_slice()].concat());
        assert!(printed.is_empty() && reported.contains(words), "{arguments:?}: {reported}");
    }
}
