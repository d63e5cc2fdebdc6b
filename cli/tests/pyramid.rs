//! The time pyramid: every level is the pooled field, by brute force over what another Zarr library reads.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use half::f16;
use replayscope_cli::info::info;
use replayscope_cli::writer::{Pooling, Precision};
use replayscope_session::projection::Projection;
use serde_json::{Value, json};
use zarrs::array::{Array, ArraySubset};
use zarrs::filesystem::FilesystemStore;

use common::{demo_options, names, pack, pack_options, run_demo, write_environment, write_npy};

/// All values of an array, exactly.
fn read(session: &Path, name: &str, precision: Precision) -> Vec<f64> {
    let store = Arc::new(FilesystemStore::new(session).unwrap());
    let array = Array::open(store, &format!("/{name}")).unwrap();
    let all = ArraySubset::new_with_shape(array.shape().to_vec());
    match precision {
        Precision::F16 => {
            let values: Vec<f16> = array.retrieve_array_subset(&all).unwrap();
            values.into_iter().map(f16::to_f64).collect()
        }
        Precision::F32 => {
            let values: Vec<f32> = array.retrieve_array_subset(&all).unwrap();
            values.into_iter().map(f64::from).collect()
        }
        Precision::F64 => array.retrieve_array_subset(&all).unwrap(),
    }
}

/// Values with every trouble there is, shape (frames, bins).
fn troubled(frames: usize, bins: usize) -> Vec<f64> {
    let mut state = 1_u64;
    let mut values: Vec<f64> = (0..frames * bins)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let part = (state >> 40) as f64 / f64::from(1 << 24);
            match state >> 33 & 63 {
                0..=9 => f64::NAN,
                10 => f64::INFINITY,
                11 => f64::NEG_INFINITY,
                12 | 13 => -0.0,
                14 | 15 => 0.0,
                // Of magnitudes that a sum does not take exactly.
                kind => (part - 0.5) * 10_f64.powi((kind % 9) as i32 - 6),
            }
        })
        .collect();
    // Blocks of nothing, in all bins; then bins of nothing, of both zeros, and of negative zero.
    values[320 * bins..(320 + 32) * bins].fill(f64::NAN);
    for (frame, row) in values.chunks_mut(bins).enumerate() {
        row[0] = f64::NAN;
        row[1] = if frame % 3 == 0 { -0.0 } else { 0.0 };
        row[2] = -0.0;
    }
    values
}

fn stored(values: &[f64], precision: Precision) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        precision.push(*value, &mut bytes);
    }
    bytes
}

/// The greatest by the library's own rule, which is for the float32 that the viewer shows.
fn greatest(values: impl Iterator<Item = f64> + Clone, precision: Precision) -> f64 {
    if precision == Precision::F64 {
        return values.filter(|value| !value.is_nan()).max_by(f64::total_cmp).unwrap_or(f64::NAN);
    }
    f64::from(Projection::Max.of(values.map(|value| value as f32)))
}

/// Sum and count by bin of every 16 rows, from those of the rows.
fn sums(rows: &[(f64, f64)], bins: usize) -> Vec<(f64, f64)> {
    let add = |block: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let of_bin = |bin: usize| block.iter().skip(bin).step_by(bins);
        let fold = |bin| of_bin(bin).fold((-0.0, 0.0), |(sum, count), (s, c)| (sum + s, count + c));
        (0..bins).map(fold).collect()
    };
    rows.chunks(16 * bins).flat_map(add).collect()
}

#[track_caller]
fn same(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let differs = |(found, expected): (&f64, &f64)| {
        found.to_bits() != expected.to_bits() && !(found.is_nan() && expected.is_nan())
    };
    let at = found.iter().zip(expected).position(differs);
    assert!(at.is_none(), "{what}: {:?}", at.map(|at| (at, found[at], expected[at])));
}

/// Packs troubled values, and compares each level with the pooled field.
fn check(frames: usize, grid: [usize; 2], given: Precision, precision: Precision) {
    let home = tempfile::tempdir().unwrap();
    let bins = grid[0] * grid[1];
    let environment = write_environment(home.path(), grid[0], grid[1]);
    let input = home.path().join("in.npy");
    let values = troubled(frames, bins);
    let descr = format!("<f{}", given.size());
    write_npy(&input, &descr, false, &format!("({frames}, {bins})"), &stored(&values, given));
    let session = home.path().join("out.zarr");
    let mut options = pack_options(&input, &environment, &session);
    (options.precision, options.pyramid) = (Some(precision), vec![Pooling::Mean, Pooling::Max]);
    let report = pack(&options).unwrap();
    let what = format!("{frames} frames of {bins} bins, {given:?} as {precision:?}");
    assert!(frames < 4097 || !report.layout.chunk_frames.is_multiple_of(16), "{what}");

    let field = read(&session, "posterior", precision);
    let mut below: Vec<_> =
        field.iter().map(|value| if value.is_nan() { (-0.0, 0.0) } else { (*value, 1.0) }).collect();
    let (mut rows, mut factor, mut levels) = (frames, 1, 0);
    while rows > 4096 {
        (rows, factor, levels) = (rows.div_ceil(16), factor * 16, levels + 1);
        let max: Vec<f64> = field
            .chunks(factor * bins)
            .flat_map(|block| {
                (0..bins).map(|bin| greatest(block.iter().copied().skip(bin).step_by(bins), precision))
            })
            .collect();
        let what = format!("{what}, level {levels}");
        same(&read(&session, &format!("posterior_max/{levels}"), precision), &max, &format!("max, {what}"));
        below = sums(&below, bins);
        let mean: Vec<f64> = below.iter().map(|(sum, count)| sum / count).collect();
        let rounded = stored(&mean, precision);
        let mean: Vec<f64> = rounded.chunks(precision.size()).map(|bytes| precision.read(bytes)).collect();
        same(
            &read(&session, &format!("posterior_mean/{levels}"), precision),
            &mean,
            &format!("mean, {what}"),
        );
        assert_eq!(max.len(), rows * bins);
        describe(&session, "max", levels, factor, [rows, bins]);
        describe(&session, "mean", levels, factor, [rows, bins]);
    }
    assert_eq!(report.field.pyramid.levels, levels);
    let folders = |pooling| session.join(format!("posterior_{pooling}")).join((levels + 1).to_string());
    assert!(!folders("max").exists() && !folders("mean").exists());
}

/// A level's metadata, its own and those of the root.
fn describe(session: &Path, method: &str, level: usize, factor: usize, shape: [usize; 2]) {
    let json =
        |path: &str| -> Value { serde_json::from_slice(&fs::read(session.join(path)).unwrap()).unwrap() };
    let group = format!("posterior_{method}");
    let name = format!("{group}/{level}");
    let root = json("zarr.json")["consolidated_metadata"]["metadata"].clone();
    assert_eq!(root[&group], json!({ "zarr_format": 3, "node_type": "group", "attributes": {} }));
    assert_eq!(root[&group], json(&format!("{group}/zarr.json")));
    assert_eq!(root[&name], json(&format!("{name}/zarr.json")));
    let metadata = &root[&name];
    assert_eq!(metadata["shape"], json!(shape));
    assert_eq!(metadata["dimension_names"], json!([format!("time_{factor}"), "bin"]));
    let pooling = json!({ "of": "posterior", "method": method, "frames": factor });
    // What the limits are is tested in range.rs.
    let limits = &root[&format!("{group}/1")]["attributes"]["limits"];
    assert!(limits.is_object());
    assert_eq!(metadata["attributes"], json!({ "pooling": pooling, "limits": limits }));
    for key in ["data_type", "fill_value", "chunk_key_encoding"] {
        assert_eq!(metadata[key], root["posterior"][key], "{key}");
    }
    let inner = |of: &Value| of["codecs"][0]["configuration"]["codecs"].clone();
    assert_eq!(inner(metadata), inner(&root["posterior"]));
}

#[test]
fn levels_are_the_pooled_field() {
    use Precision::{F16, F32, F64};
    for precision in [F16, F32, F64] {
        check(4096, [5, 4], precision, precision);
        check(4097, [30, 10], precision, precision);
        check(4799, [30, 30], precision, precision);
        check(4801, [30, 30], precision, precision);
        check(70_003, [6, 5], precision, precision);
    }
}

#[test]
fn levels_are_pooled_as_stored() {
    use Precision::{F16, F32, F64};
    for (given, precision) in [(F64, F16), (F64, F32), (F32, F16), (F16, F64)] {
        check(4097, [30, 10], given, precision);
    }
}

#[test]
fn a_demo_has_a_pyramid_unless_told_otherwise() {
    let home = tempfile::tempdir().unwrap();
    let session = home.path().join("demo.zarr");
    let demo = |extra: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_replayscope"));
        command.arg("demo").arg(&session).args(["--seconds", "9", "--bins", "6x6", "--force"]).args(extra);
        let output = command.output().unwrap();
        let say = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), say(output.stdout) + &say(output.stderr))
    };
    let found = || {
        let mut found = names(&session);
        found.retain(|name| name.contains('_') && !name.starts_with("bin_"));
        found
    };
    let lines = || info(session.to_str().unwrap(), &[]).unwrap();

    let (ok, said) = demo(&[]);
    assert!(ok && said.contains("Time pyramid of max: 1 level of 16×, "), "{said}");
    assert_eq!(found(), ["posterior_max"]);
    let report = lines();
    assert_eq!(report.problems, [""; 0]);
    assert!(report.lines.iter().any(|line| line == "pyramid of posterior: max, 1 level of 16×"), "{report}");
    assert!(!report.to_string().contains("posterior_max"), "{report}");
    assert!(report.lines.iter().any(|line| line == "fields: posterior"), "{report}");
    let limits = report.lines.iter().find(|line| line.starts_with("limits of posterior: 0 … 0."));
    assert!(limits.is_some_and(|line| line.contains(", peaks of all 4")), "{report}");

    let (ok, said) = demo(&["--pyramid", "mean,max,mean"]);
    assert!(ok && said.contains("Time pyramid of max and mean: "), "{said}");
    assert_eq!(found(), ["posterior_max", "posterior_mean"]);

    let (ok, said) = demo(&["--no-pyramid"]);
    assert!(ok && !said.contains("pyramid"), "{said}");
    assert_eq!(found(), [""; 0]);
    let report = lines();
    assert!(!report.lines.join("\n").contains("pyramid"), "{report}");
    assert!(report.slow.iter().any(|slow| slow.contains("no time pyramid")), "{report}");

    let (ok, said) = demo(&["--no-pyramid", "--pyramid", "max"]);
    assert!(!ok && said.contains("cannot be used with"), "{said}");
}

#[test]
fn a_short_session_needs_none() {
    let home = tempfile::tempdir().unwrap();
    let options = demo_options(&home.path().join("demo.zarr"));
    assert_eq!(run_demo(&options).field.pyramid.levels, 0);
    assert!(!options.output.join("posterior_max").exists());
}
