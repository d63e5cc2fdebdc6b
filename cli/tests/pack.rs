//! Packing: bit for bit what the `.npy` holds, or a clear refusal and nothing left behind.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_executor::block_on;
use half::f16;
use replayscope_cli::environment::Environment;
use replayscope_cli::error::CliError;
use replayscope_cli::frames::Frames;
use replayscope_cli::output::OutputFolder;
use replayscope_cli::pack::pack_frames;
use replayscope_cli::session::{RegularTimes, Times};
use replayscope_cli::source;
use replayscope_cli::writer::Precision;
use replayscope_session::environment::Environment as Shown;
use replayscope_session::{self as session, Session};

use common::{
    demo_options, files, names, open, pack, pack_options, run_demo, shared, values, write_environment,
    write_npy,
};

#[test]
fn sargolini_comes_back_bit_for_bit() {
    let Some(data) = shared("sessions/sargolini") else { return };
    let home = tempfile::tempdir().unwrap();
    let output = home.path().join("sargolini.zarr");
    let mut options = pack_options(&data.join("posterior.npy"), &data.join("environment.json"), &output);
    options.clock = Some(RegularTimes { start: 0.0, rate: 250.0 });
    let report = pack(&options).unwrap();
    assert_eq!((report.layout.frames, report.layout.bins), (8000, 397));

    let npy = fs::read(&options.input).unwrap();
    let expected = npy[npy.len() - 8000 * 397 * 4..].as_chunks::<4>().0;
    let (packed, stored) = values(&open(&output, "posterior"));
    assert!(stored);
    assert_eq!(packed.len(), expected.len());
    let same = |(packed, expected): (&f64, &[u8; 4])| {
        let expected = f32::from_le_bytes(*expected);
        (*packed as f32).to_bits() == expected.to_bits() || (packed.is_nan() && expected.is_nan())
    };
    assert!(packed.iter().zip(expected).all(same));

    let root = fs::read_to_string(output.join("zarr.json")).unwrap();
    assert!(root.len() < 60_000, "the environment is slim: {} bytes of metadata", root.len());
    assert!(root.contains("\"open_field\"") && !root.contains("\"positions\""));
}

#[test]
fn every_float_keeps_its_precision() {
    let home = tempfile::tempdir().unwrap();
    let environment = write_environment(home.path(), 3, 2);
    let numbers = [0.0, 1.0 / 3.0, f64::INFINITY, -2.5, 1e-7, 65504.0];
    let check = |descr: &str, data: Vec<u8>, rounded: Vec<f64>| {
        let input = home.path().join("in.npy");
        write_npy(&input, descr, false, "(1, 6)", &data);
        let mut options = pack_options(&input, &environment, &home.path().join("out.zarr"));
        options.force = true;
        let report = pack(&options).unwrap();
        assert!(!report.field.rounding.is_lossy);
        let array = open(&options.output, "posterior");
        assert_eq!(array.metadata().data_type.name, report.layout.precision.zarr_name());
        assert_eq!(values(&array).0, rounded, "{descr}");
    };
    let halves = numbers.map(f16::from_f64);
    let singles = numbers.map(|value| value as f32);
    check(
        "<f2",
        halves.iter().flat_map(|value| value.to_le_bytes()).collect(),
        halves.map(f16::to_f64).into(),
    );
    check(
        "<f4",
        singles.iter().flat_map(|value| value.to_le_bytes()).collect(),
        singles.map(f64::from).into(),
    );
    check(
        ">f4",
        singles.iter().flat_map(|value| value.to_be_bytes()).collect(),
        singles.map(f64::from).into(),
    );
    check("<f8", numbers.iter().flat_map(|value| value.to_le_bytes()).collect(), numbers.into());
    check(">f8", numbers.iter().flat_map(|value| value.to_be_bytes()).collect(), numbers.into());
}

#[test]
fn rounding_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let environment = write_environment(home.path(), 3, 2);
    let input = home.path().join("in.npy");
    let data: Vec<u8> =
        [0.25_f32, 1e-9, 1e9, f32::NAN, 0.0, 0.3].iter().flat_map(|value| value.to_le_bytes()).collect();
    write_npy(&input, "<f4", false, "(1, 6)", &data);
    let mut options = pack_options(&input, &environment, &home.path().join("out.zarr"));
    options.precision = Some(Precision::F16);
    let rounding = pack(&options).unwrap().field.rounding;
    assert_eq!((rounding.became_zero, rounding.became_infinite), (1, 1));
    assert!((rounding.largest_change - f64::from((f16::from_f32(0.3).to_f32() - 0.3).abs())).abs() < 1e-12);
}

#[test]
fn recorded_nan_is_stored_over_many_shards() {
    let home = tempfile::tempdir().unwrap();
    let environment = write_environment(home.path(), 100, 100);
    let input = home.path().join("in.npy");
    // 1,700 frames of 10,000 bins: 66 chunks, so two shards; every second chunk's worth of frames is NaN.
    let frames = 1700;
    let mut data = Vec::new();
    for frame in 0..frames {
        let value = if frame / 26 % 2 == 0 { f32::NAN } else { frame as f32 };
        data.extend(std::iter::repeat_n(value.to_le_bytes(), 10_000).flatten());
    }
    write_npy(&input, "<f4", false, "(1700, 10000)", &data);
    let options = pack_options(&input, &environment, &home.path().join("out.zarr"));
    let report = pack(&options).unwrap();
    assert_eq!((report.layout.chunk_frames, report.layout.shards()), (26, 2));
    let array = open(&options.output, "posterior");
    for chunk in [0, 1, 63, 64, 65] {
        let encoded = futures_executor::block_on(array.fetch(chunk)).unwrap();
        assert!(encoded.is_stored(), "chunk {chunk}");
        let decoded = array.decode(&encoded).unwrap();
        let first = decoded.values.get(0, 0).unwrap();
        assert!(if chunk % 2 == 0 {
            first.is_nan()
        } else {
            first.to_bits() == ((26 * chunk) as f32).to_bits()
        });
    }
}

#[test]
fn refusals_name_the_line_that_helps() {
    let home = tempfile::tempdir().unwrap();
    let environment = write_environment(home.path(), 3, 2);
    let input = home.path().join("in.npy");
    let output = home.path().join("out.zarr");
    let refuse = |descr: &str, fortran: bool, shape: &str, bytes: usize| {
        write_npy(&input, descr, fortran, shape, &vec![0; bytes]);
        let message = pack(&pack_options(&input, &environment, &output)).unwrap_err().to_string();
        assert!(!output.exists());
        message
    };
    assert!(refuse("<f4", true, "(2, 6)", 48).contains("np.ascontiguousarray(a)"));
    assert!(refuse("<i8", false, "(2, 6)", 96).contains("a.astype(np.float32)"));
    assert!(refuse("<f4", false, "(2, 3, 2)", 48).contains("a.reshape(len(a), -1)"));
    let counts = refuse("<f4", false, "(2, 7)", 56);
    assert!(
        counts.contains("7 bins") && counts.contains("has 6") && counts.contains("active_mask"),
        "{counts}"
    );
    assert!(refuse("<f4", false, "(2, 6)", 47).contains("47 bytes follow"));
    assert!(refuse("<f4", false, "(0, 6)", 0).contains("nothing in it"));
    assert!(refuse("<f4", false, "(18446744073709551615, 6)", 0).contains("only in part"));
    fs::write(&input, [0_u8; 64]).unwrap();
    let raw = pack(&pack_options(&input, &environment, &output)).unwrap_err().to_string();
    assert!(raw.contains("np.save"), "{raw}");

    write_npy(&input, "<f4", false, "(2, 6)", &[0; 48]);
    for name in ["time", "../evil", "a/b", "", ".hidden"] {
        let mut options = pack_options(&input, &environment, &output);
        options.name = Some(name.to_owned());
        assert!(pack(&options).unwrap_err().to_string().contains("--name posterior"), "{name}");
    }
    fs::remove_file(environment.with_extension("npz")).unwrap();
    let lonely = pack(&pack_options(&input, &environment, &output)).unwrap_err().to_string();
    assert!(lonely.contains("env.npz"), "{lonely}");
    assert_eq!(names(home.path()), ["env.json", "in.npy"]);
}

#[test]
fn what_a_npy_does_not_say_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let environment = write_environment(home.path(), 3, 2);
    let (input, output) = (home.path().join("in.npy"), home.path().join("out.zarr"));
    write_npy(&input, "<f4", false, "(2, 6)", &[0; 48]);
    let mut options = pack_options(&input, &environment, &output);
    options.clock = None;
    let message = pack(&options).unwrap_err().to_string();
    assert!(message.contains("in.npy") && message.contains("--rate 500"), "{message}");
    options.environment = None;
    let message = pack(&options).unwrap_err().to_string();
    assert!(message.contains("in.npy") && message.contains("--environment environment.json"), "{message}");

    let message = pack(&pack_options(home.path(), &environment, &output)).unwrap_err().to_string();
    assert!(message.contains("no zarr.json here"), "{message}");
    fs::write(home.path().join("in.nc"), b"\x89HDF\r\n\x1a\n").unwrap();
    let message =
        pack(&pack_options(&home.path().join("in.nc"), &environment, &output)).unwrap_err().to_string();
    assert!(message.contains("in.nc") && message.contains("to_netcdf"), "{message}");
    assert!(!output.exists());
}

/// What is packed of an input with options that say nothing of it.
fn packed(input: &Path, output: &Path) -> Vec<f64> {
    let mut options = pack_options(input, Path::new(""), output);
    (options.environment, options.clock, options.name) = (None, None, Some("posterior".to_owned()));
    pack(&options).unwrap();
    values(&open(output, "posterior")).0
}

#[test]
fn whatever_the_viewer_opens_is_packed_as_the_viewer_shows_it() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let home = tempfile::tempdir().unwrap();
    let read = |name: &str| -> Vec<f64> {
        let bytes = fs::read(fixtures.join(name)).unwrap();
        bytes.as_chunks::<8>().0.iter().map(|word| f64::from_le_bytes(*word)).collect()
    };
    // The file's first array: 30 frames of 8 columns, two states of four bins.
    let columns = &read("hdf5/netcdf4.f64")[..240];
    let sum = columns.chunks(8).flat_map(|row| (0..4).map(|bin| row[bin] as f32 + row[bin + 4] as f32));
    let expected: Vec<u64> = sum.map(|sum| f64::from(sum).to_bits()).collect();
    let shown = packed(&fixtures.join("hdf5/netcdf4.nc"), &home.path().join("nc.zarr"));
    assert_eq!(shown.len(), expected.len());
    for (shown, expected) in shown.iter().zip(expected) {
        assert!(shown.to_bits() == expected || (shown.is_nan() && f64::from_bits(expected).is_nan()));
    }
    let document = fs::read_to_string(home.path().join("nc.zarr/zarr.json")).unwrap();
    assert!(document.contains("\"start\":100") || document.contains("\"start\": 100"), "its own times");

    let v2 = packed(&fixtures.join("zarr2/xarray.zarr"), &home.path().join("v2.zarr"));
    let bytes = fs::read(fixtures.join("zarr2/expected/posterior.f32")).unwrap();
    let floats = bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word));
    assert!(v2.iter().zip(floats).all(|(shown, stored)| (*shown as f32).to_bits() == stored.to_bits()
        || (shown.is_nan() && stored.is_nan())));
    assert_eq!(v2.len() * 4, bytes.len());
}

#[test]
fn a_real_result_is_packed_from_netcdf() {
    let Some(data) = shared("sessions/sargolini") else { return };
    let home = tempfile::tempdir().unwrap();
    let output = home.path().join("session.zarr");
    let shown = packed(&data.join("results.nc"), &output);
    assert_eq!(shown.len(), 8000 * 397);
    // It opens again with the same bins and times.
    let session = futures_executor::block_on(replayscope_session::open(
        replayscope_cli::source::open(output.to_str().unwrap(), &[]).unwrap(),
        replayscope_session::Opening::default(),
    ));
    let session = session.unwrap();
    assert_eq!(
        (session.environment.bins(), session.time.start(), session.time.rate()),
        (397, 0.002, Some(250.0))
    );
}

/// Frames of an input that says everything of itself: value 10 × frame + bin.
struct Talkative {
    environment: Environment,
    times: Vec<f64>,
    next: u64,
}

impl Frames for Talkative {
    fn frames(&self) -> u64 {
        self.times.len() as u64
    }

    fn bins(&self) -> u64 {
        6
    }

    fn precision(&self) -> Precision {
        Precision::F32
    }

    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError> {
        let rows = self.next..self.next + frames;
        self.next = rows.end;
        *values = rows
            .flat_map(|frame| (0..6).flat_map(move |bin| ((10 * frame + bin) as f32).to_le_bytes()))
            .collect();
        Ok(())
    }

    fn times(&self) -> Result<Option<Times>, CliError> {
        Times::of_stamps(self.times.clone()).map(Some)
    }

    fn environment(&self) -> Result<Option<Environment>, CliError> {
        Ok(Some(self.environment.clone()))
    }
}

#[test]
fn any_source_of_frames_is_packed_as_it_tells() {
    let home = tempfile::tempdir().unwrap();
    let path = write_environment(home.path(), 3, 2);
    let session = |times: &[f64]| {
        let mut options = pack_options(Path::new("elsewhere"), &path, &home.path().join("out.zarr"));
        (options.environment, options.clock) = (None, None);
        let environment = Environment::load(&path).unwrap();
        let mut frames = Talkative { environment, times: times.to_vec(), next: 0 };
        let output = OutputFolder::begin(&options.output, true, &[])?;
        pack_frames(&mut frames, &options, output, &AtomicBool::new(false), &mut |_, _| {})?;
        assert_eq!(
            values(&open(&options.output, "posterior")).0[..8],
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 11.0]
        );
        let root = fs::read(options.output.join("zarr.json")).unwrap();
        let root: serde_json::Value = serde_json::from_slice(&root).unwrap();
        let stored = values(&open(&options.output, "time")).0;
        Ok::<_, CliError>((root["attributes"]["replayscope"]["time"].clone(), stored))
    };
    let regular = [3.0, 3.5, 4.0];
    assert_eq!(
        session(&regular).unwrap(),
        (serde_json::json!({"start": 3.0, "rate": 2.0}), regular.to_vec())
    );
    let gap = [3.0, 3.5, 9.0];
    assert_eq!(session(&gap).unwrap(), (serde_json::json!({"array": "time"}), gap.to_vec()));
    assert!(session(&[3.0, 2.0, 4.0]).is_err());
}

#[test]
fn every_shared_environment_packs() {
    let Some(folder) = shared("environments") else { return };
    let home = tempfile::tempdir().unwrap();
    for name in ["grid", "masked", "polygon", "hexagonal", "triangularmesh", "polar", "graph"] {
        let environment = folder.join(format!("{name}.json"));
        let text = fs::read_to_string(&environment).unwrap();
        let bins = serde_json::from_str::<serde_json::Value>(&text).unwrap()["n_bins"].as_u64().unwrap();
        let input = home.path().join("in.npy");
        write_npy(&input, "<f4", false, &format!("(3, {bins})"), &vec![0; 12 * bins as usize]);
        let options = pack_options(&input, &environment, &home.path().join(format!("{name}.zarr")));
        assert_eq!(pack(&options).unwrap().layout.bins as u64, bins, "{name}");
        // What is drawn of the session is what the environment's own files make.
        let files = source::open(&folder.to_string_lossy(), &[]).unwrap();
        let dict = block_on(replayscope_session::environment_file(&files, &format!("{name}.json"))).unwrap();
        let own = Shown::from_dict(&dict, None).unwrap();
        let packed = session_of(&options.output).environment;
        assert_eq!((packed.layout, &packed.regions), (own.layout, &own.regions), "{name}");
        for linearised in [false, true] {
            let (packed, own) = (packed.view(linearised), own.view(linearised));
            assert!((0..bins as usize).all(|bin| packed.polygon(bin) == own.polygon(bin)), "{name}");
        }
    }
}

fn session_of(folder: &Path) -> Session {
    block_on(session::open(
        source::open(&folder.to_string_lossy(), &[]).unwrap(),
        session::Opening::default(),
    ))
    .unwrap()
}

fn write_npz(path: &Path, vertices: &[[f64; 2]], offsets: &[i64]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let floats: Vec<u8> = vertices.as_flattened().iter().flat_map(|v| v.to_le_bytes()).collect();
    let whole: Vec<u8> = offsets.iter().flat_map(|v| v.to_le_bytes()).collect();
    let shapes = [format!("({}, 2)", vertices.len()), format!("({},)", offsets.len())];
    let arrays =
        [("polygon_vertices", "<f8", &shapes[0], floats), ("polygon_offsets", "<i8", &shapes[1], whole)];
    for (name, descr, shape, data) in arrays {
        let npy = path.with_extension("npy");
        write_npy(&npy, descr, false, shape, &data);
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(npy).unwrap()).unwrap();
    }
    archive.finish().unwrap();
}

/// Everything that a document reads is an input: its field, its environment and what is drawn over it.
#[test]
fn what_a_document_refers_to_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    for name in ["lab/m", "lab/positions"] {
        run_demo(&demo_options(&at(name)));
    }
    let before = files(&at("lab/m"));
    let absolute = at("lab/m").display().to_string();
    let mut references =
        vec!["m#posterior".to_owned(), "./m/#posterior".to_owned(), format!("{absolute}#posterior")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("lab/m"), at("lab/link")).unwrap();
        std::os::unix::fs::symlink(at("lab/m.json"), at("named.json")).unwrap();
        references.push("link#posterior".to_owned());
    }
    let write = |field: &str, overlay: &str| {
        let document = serde_json::json!({
            "version": 1, "fields": [{ "name": "posterior", "array": field }], "time": { "start": 0, "rate": 500 },
            "overlays": [{ "type": "position", "name": "rat", "array": overlay, "time": { "start": 0, "rate": 50 } }],
        });
        fs::write(at("lab/m.json"), document.to_string()).unwrap();
    };
    let refused = |input: &str, output: &str| {
        let mut options = pack_options(&at(input), Path::new("none"), &at(output));
        (options.environment, options.force) = (None, true);
        let error = pack(&options).unwrap_err();
        assert!(matches!(error, CliError::InputAndOutput { .. }), "{input} to {output}: {error}");
        assert_eq!(files(&at("lab/m")), before);
    };
    for reference in references {
        write(&reference, "positions#position");
        for output in ["lab/m", "lab/m/posterior", "lab/positions", "lab"] {
            refused("lab/m.json", output);
        }
        #[cfg(unix)]
        refused("named.json", "lab/m");
    }
    let mut beside = pack_options(&at("lab/m.json"), Path::new("none"), &at("lab/packed"));
    beside.environment = None;
    pack(&beside).unwrap();
}

#[test]
fn polygons_are_packed_with_or_without_an_environment() {
    let home = tempfile::tempdir().unwrap();
    let input = home.path().join("in.npy");
    write_npy(&input, "<f4", false, "(3, 2)", &[0; 24]);
    let rings = [[[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]], [[4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]];
    let npz = home.path().join("polygons.npz");
    write_npz(&npz, rings.as_flattened(), &[0, 3, 6]);
    let mut options = pack_options(&input, &home.path().join("none"), &home.path().join("out.zarr"));
    (options.environment, options.polygons, options.force) = (None, Some(npz.clone()), true);
    pack(&options).unwrap();
    let session = session_of(&options.output);
    assert_eq!([0, 1].map(|bin| session.environment.polygon(bin)), rings);
    assert_eq!(session.fields.len(), 1, "polygons are no field");

    // The environment still says what it is called and what it is measured in.
    options.environment = Some(write_environment(home.path(), 2, 1));
    pack(&options).unwrap();
    let both = session_of(&options.output).environment;
    assert_eq!((both.units.as_deref(), both.name.as_deref()), (Some("cm"), Some("box")));
    assert_eq!(both.polygon(0), rings[0]);

    // A session with polygons packs into one with the same.
    let again = packed(&options.output, &home.path().join("again.zarr"));
    assert_eq!(again.len(), 6);
    assert_eq!(session_of(&home.path().join("again.zarr")).environment.polygon(1), rings[1]);

    let refused = |vertices: &[[f64; 2]], offsets: &[i64]| {
        write_npz(&npz, vertices, offsets);
        pack(&options).unwrap_err().to_string()
    };
    let three = refused(&[rings[0], rings[1], rings[1]].concat(), &[0, 3, 6, 9]);
    assert!(three.contains('3') && three.contains('2'), "{three}");
    assert!(refused(rings.as_flattened(), &[0, 6, 3]).contains("from 0 to the number of vertices, 6"));
    assert!(refused(&[[f64::NAN, 0.0]; 6], &[0, 3, 6]).contains("vertex 0"));
    assert!(refused(rings.as_flattened(), &[0, -3, 6]).contains("offset"));
    fs::write(&npz, "no zip").unwrap();
    assert!(pack(&options).unwrap_err().to_string().contains("polygons.npz"));
}

#[test]
fn what_packing_would_lose_is_asked_for() {
    let Some(folder) = shared("environments") else { return };
    let home = tempfile::tempdir().unwrap();
    let input = home.path().join("in.npy");
    write_npy(&input, "<f4", false, "(3, 175)", &[0; 4 * 3 * 175]);
    let first = pack_options(&input, &folder.join("grid.json"), &home.path().join("grid.zarr"));
    pack(&first).unwrap();
    let mut second = pack_options(&first.output, &folder.join("grid.json"), &home.path().join("again.zarr"));
    second.environment = None;
    let text = pack(&second).unwrap_err().to_string();
    assert!(text.contains("regions") && text.contains("--environment"), "{text}");
    second.environment = first.environment;
    pack(&second).unwrap();
    assert_eq!(session_of(&second.output).environment.regions.len(), 2);
}

fn large_input(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let environment = write_environment(folder, 100, 100);
    let input = folder.join("in.npy");
    // Sparse: 8 GB of zeros that take no room.
    write_npy(&input, "<f4", false, "(200000, 10000)", &[]);
    let file = fs::OpenOptions::new().write(true).open(&input).unwrap();
    file.set_len(file.metadata().unwrap().len() + 8_000_000_000).unwrap();
    (input, environment)
}

#[test]
fn stopping_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (input, environment) = large_input(home.path());
    let options = pack_options(&input, &environment, &home.path().join("out.zarr"));
    let stop = AtomicBool::new(false);
    let result = replayscope_cli::pack::pack(&options, &stop, |written, _| {
        assert!(names(home.path()).iter().any(|name| name.starts_with(".out.zarr.partial-")));
        stop.store(written > 4, Ordering::Relaxed);
    });
    assert!(matches!(result, Err(CliError::Interrupted)));
    assert_eq!(names(home.path()), ["env.json", "env.npz", "in.npy"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing() {
    use std::process::{Command, Stdio};
    let home = tempfile::tempdir().unwrap();
    let (input, environment) = large_input(home.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_replayscope"))
        .arg("pack")
        .args([&input, &home.path().join("out.zarr")])
        .arg("--environment")
        .arg(&environment)
        .args(["--rate", "500"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let started = || names(home.path()).iter().any(|name| name.starts_with(".out.zarr.partial-"));
    while !started() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Interrupted"));
    assert_eq!(names(home.path()), ["env.json", "env.npz", "in.npy"]);
}
