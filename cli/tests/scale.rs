//! Values that float32 cannot hold: counted wherever they are read, and kept by `pack --scale`.

mod common;

use std::path::{Path, PathBuf};

use replayscope_cli::frames::Scale;
use replayscope_cli::info::info;
use replayscope_cli::pack::PackOptions;
use replayscope_cli::range::range;
use replayscope_cli::source::open_session;
use replayscope_cli::writer::Precision;
use replayscope_session::range::{EstimateRequest, Method};

use common::{open, pack, pack_options, values, write_environment, write_npy};

const BINS: usize = 4;
/// Two frames: three values below float32's least, two above its largest.
const VALUES: [f64; 2 * BINS] = [1e-60, 2.5e-60, 0.0, 0.25, 1e60, f64::NAN, -1e-50, -1e45];
const LOST: &str = "Of 8 values of `posterior` that were read, 3 are nearer to 0 than float32 can hold (1.4e-45) and shown as 0, \
     2 are beyond float32 (3.4e38) and shown as infinite.";

/// A `.npy` of float64 and its environment.
fn input(folder: &Path) -> (PathBuf, PathBuf) {
    let environment = write_environment(folder, 2, 2);
    let bytes: Vec<u8> = VALUES.iter().flat_map(|value| value.to_le_bytes()).collect();
    let npy = folder.join("posterior.npy");
    write_npy(&npy, "<f8", false, &format!("(2, {BINS})"), &bytes);
    (npy, environment)
}

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    // One NaN is as good as another.
    values.into_iter().map(|value| if value.is_nan() { 0 } else { value.to_bits() }).collect()
}

#[test]
fn info_and_range_count_what_float32_cannot_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (npy, environment) = input(folder.path());
    let session = folder.path().join("double.zarr");
    let written =
        pack(&PackOptions { pyramid: Vec::new(), ..pack_options(&npy, &environment, &session) }).unwrap();
    assert!(!written.field.rounding.is_lossy, "a .npy is packed as it is");
    let address = session.to_str().unwrap();
    let report = info(address, &[]).unwrap();
    assert!(report.lines.iter().any(|line| line.contains(LOST)), "{report}");
    assert!(report.problems.is_empty(), "{report}");
    let request = EstimateRequest { method: Method::Exact, seed: 0, user_limits: [None; 2] };
    let found = range(address, &[], None, request).unwrap();
    assert!(found.to_string().contains(LOST), "{found}");
}

#[test]
fn range_looks_at_values_where_the_limits_are_known_without() {
    let folder = tempfile::tempdir().unwrap();
    let environment = write_environment(folder.path(), 2, 2);
    // As many frames as have a pooled level, which stores the limits.
    let values = (0..5000 * BINS).map(|at| if at < 3 { 1e-60 } else { (at % 97) as f64 / 97.0 });
    let npy = folder.path().join("posterior.npy");
    let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
    write_npy(&npy, "<f8", false, &format!("(5000, {BINS})"), &bytes);
    let session = folder.path().join("pooled.zarr");
    pack(&pack_options(&npy, &environment, &session)).unwrap();
    let request = EstimateRequest { method: Method::Auto, seed: 0, user_limits: [None; 2] };
    let found = range(session.to_str().unwrap(), &[], None, request).unwrap();
    assert_eq!(found.range.chunks, 0, "{found}");
    assert!(found.to_string().contains("3 are nearer to 0 than float32 can hold"), "{found}");
}

#[test]
fn a_factor_is_told_as_units_and_keeps_what_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let (npy, environment) = input(folder.path());
    let session = folder.path().join("scaled.zarr");
    let options = pack_options(&npy, &environment, &session);
    let written = pack(&PackOptions { scale: Some(Scale::Factor(1e50)), ..options }).unwrap();
    let rounding = written.field.rounding;
    assert_eq!((rounding.became_zero, rounding.became_infinite), (0, 3), "0.25, 1e60 and -1e45");
    let expected = VALUES.map(|value| f64::from((value * 1e50) as f32));
    let array = open(&session, "posterior");
    assert_eq!(array.metadata().data_type.name, "float32");
    assert_eq!(bits(values(&array).0), bits(expected));
    let opened = open_session(session.to_str().unwrap(), &[], None).unwrap();
    assert_eq!(opened.fields[0].units.as_deref(), Some("1e-50"));
}

/// What a factor takes beyond float64 is lost before anything is rounded, and a logarithm has no value below 0.
#[test]
fn what_the_scale_itself_loses_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (npy, environment) = input(folder.path());
    for (scale, precision, lost) in [
        (Scale::Factor(1e300), None, [0, 6, 0]),
        (Scale::Factor(1e-300), Some(Precision::F64), [3, 0, 0]),
        (Scale::Log10, None, [0, 1, 2]),
    ] {
        let options = pack_options(&npy, &environment, &folder.path().join("out.zarr"));
        let written = pack(&PackOptions { scale: Some(scale), precision, force: true, ..options }).unwrap();
        let rounding = written.field.rounding;
        let found = [rounding.became_zero, rounding.became_infinite, rounding.became_nan];
        assert_eq!(found, lost, "{scale:?}");
    }
}

/// Not by way of float32, as the viewer shows it.
#[test]
fn a_session_is_packed_from_its_float64_values() {
    let folder = tempfile::tempdir().unwrap();
    let (npy, environment) = input(folder.path());
    let double = folder.path().join("double.zarr");
    pack(&pack_options(&npy, &environment, &double)).unwrap();

    let plain = pack(&pack_options(&double, &environment, &folder.path().join("single.zarr"))).unwrap();
    let rounding = plain.field.rounding;
    assert_eq!((rounding.became_zero, rounding.became_infinite), (3, 2), "what is lost is counted");

    let session = folder.path().join("log.zarr");
    let options = pack_options(&double, &environment, &session);
    pack(&PackOptions { scale: Some(Scale::Log10), ..options }).unwrap();
    let expected = VALUES.map(|value| f64::from(value.log10() as f32));
    assert_eq!(bits(values(&open(&session, "posterior")).0), bits(expected));
    let opened = open_session(session.to_str().unwrap(), &[], None).unwrap();
    assert_eq!(opened.fields[0].units.as_deref(), Some("lg(re 1)"));
}
