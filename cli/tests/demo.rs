//! The demo: a session that two readers agree on, the same bytes for the same seed.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use replayscope_cli::demo::demo;
use replayscope_cli::error::CliError;
use replayscope_cli::writer::Precision;
use serde_json::Value;
use zarrs::array::{Array, ArraySubset};
use zarrs::filesystem::FilesystemStore;

use common::{demo_options, files, names, open, run_demo, values};

#[test]
fn two_readers_see_the_same_session() {
    let home = tempfile::tempdir().unwrap();
    let session = home.path().join("demo.zarr");
    let report = run_demo(&demo_options(&session));
    let layout = report.layout;
    assert_eq!(names(home.path()), ["demo.zarr"]);

    let (ours, stored) = values(&open(&session, "posterior"));
    assert!(stored);
    let store = Arc::new(FilesystemStore::new(&session).unwrap());
    let array = Array::open(store.clone(), "/posterior").unwrap();
    assert_eq!(array.shape(), [layout.frames, layout.bins as u64]);
    let theirs: Vec<f32> =
        array.retrieve_array_subset(&ArraySubset::new_with_shape(array.shape().to_vec())).unwrap();
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.iter().zip(&theirs).all(|(ours, theirs)| (*ours as f32).to_bits() == theirs.to_bits()));

    for frame in theirs.chunks(layout.bins) {
        let sum: f32 = frame.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "a posterior sums to one, not {sum}");
        assert!(frame.iter().all(|value| (0.0..=1.0).contains(value)));
    }

    let time = Array::open(store, "/time").unwrap();
    let time: Vec<f64> =
        time.retrieve_array_subset(&ArraySubset::new_with_shape(vec![layout.frames])).unwrap();
    assert_eq!(time[..3], [0.0, 0.002, 0.004]);
    let (position, _) = values(&open(&session, "position"));
    assert_eq!(position.len(), 2 * 201);
    assert!(position.iter().all(|value| (0.0..=100.0).contains(value)));
}

#[test]
fn the_root_says_everything_at_once() {
    let home = tempfile::tempdir().unwrap();
    let session = home.path().join("demo.zarr");
    let report = run_demo(&demo_options(&session));
    let read =
        |path: &str| -> Value { serde_json::from_slice(&fs::read(session.join(path)).unwrap()).unwrap() };
    let root = read("zarr.json");
    let consolidated = &root["consolidated_metadata"];
    assert_eq!(consolidated["kind"], "inline");
    assert_eq!(consolidated["must_understand"], false);
    for name in ["bin_center_x", "bin_center_y", "position", "posterior", "time"] {
        assert_eq!(consolidated["metadata"][name], read(&format!("{name}/zarr.json")), "{name}");
    }
    let posterior = &consolidated["metadata"]["posterior"];
    assert_eq!(posterior["attributes"]["coordinates"], "bin_center_x bin_center_y");
    assert_eq!(posterior["codecs"][0]["configuration"]["index_location"], "start");

    let document = root["attributes"]["replayscope"].clone();
    let environment = &document["environment"];
    let environment =
        replayscope_session::environment::Environment::from_dict(&environment.clone().into(), None).unwrap();
    assert_eq!(environment.bins(), report.layout.bins);
    let (x, _) = values(&open(&session, "bin_center_x"));
    let (y, _) = values(&open(&session, "bin_center_y"));
    for bin in 0..environment.bins() {
        assert_eq!(environment.center(bin), [x[bin], y[bin]]);
        assert_eq!(environment.bin_at(x[bin], y[bin]), Some(bin));
    }
    let document = replayscope_session::SessionDocument::read(&document.into()).unwrap();
    assert!(matches!(document.overlays.as_slice(), [replayscope_session::OverlayEntry::Position(_)]));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, seed: u64| {
        let mut options = demo_options(&home.path().join(name));
        options.seed = seed;
        run_demo(&options);
        files(&options.output)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(home.path().join(name)).unwrap().to_path_buf(), bytes))
            .collect::<Vec<_>>()
    };
    let first = write("a.zarr", 1);
    let (again, other) = (write("b.zarr", 1), write("c.zarr", 2));
    // Not assert_eq: nobody wants to read megabytes.
    assert!(first.iter().eq(&again));
    assert!(!first.iter().eq(&other));
}

#[test]
fn gaps_are_nan_and_stored() {
    let home = tempfile::tempdir().unwrap();
    let mut options = demo_options(&home.path().join("demo.zarr"));
    (options.seconds, options.rate, options.bins) = (41.0, 100.0, [6, 6]);
    let bins = run_demo(&options).layout.bins;
    let (posterior, stored) = values(&open(&options.output, "posterior"));
    let nan: Vec<usize> = (0..4100)
        .filter(|frame| posterior[frame * bins..][..bins].iter().all(|value| value.is_nan()))
        .collect();
    assert_eq!(nan, (4000..4010).collect::<Vec<_>>());
    assert!(stored);
    let (position, _) = values(&open(&options.output, "position"));
    assert!(position[2 * 1005].is_nan() && position[2 * 990].is_finite());
}

#[test]
fn half_precision_says_what_it_costs() {
    let home = tempfile::tempdir().unwrap();
    let mut options = demo_options(&home.path().join("demo.zarr"));
    options.precision = Precision::F16;
    let report = run_demo(&options);
    assert!(report.field.rounding.is_lossy);
    assert!(report.field.rounding.largest_change > 0.0 && report.field.rounding.largest_change < 1e-3);
    assert!(report.field.rounding.full_bytes(report.field.stored_bytes) > report.field.stored_bytes);
    assert_eq!(open(&options.output, "posterior").metadata().data_type.name, "float16");
}

#[test]
fn impossible_options_say_why_and_leave_nothing() {
    let home = tempfile::tempdir().unwrap();
    let refuse = |change: &dyn Fn(&mut replayscope_cli::demo::DemoOptions)| {
        let mut options = demo_options(&home.path().join("demo.zarr"));
        change(&mut options);
        demo(&options, &AtomicBool::new(false), |_, _| {}).unwrap_err().to_string()
    };
    assert!(refuse(&|options| options.seconds = -1.0).contains("--seconds 60"));
    assert!(refuse(&|options| options.rate = f64::NAN).contains("--rate"));
    assert!(refuse(&|options| options.seconds = 1e12).contains("1,000,000,000"));
    assert!(refuse(&|options| options.bins = [2, 40]).contains("2x40"));
    let stopped = demo(&demo_options(&home.path().join("demo.zarr")), &AtomicBool::new(true), |_, _| {});
    assert!(matches!(stopped, Err(CliError::Interrupted)));
    assert_eq!(names(home.path()), [""; 0]);
}
