//! `info`: the same over a folder and over HTTP; problems are found and named.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::path::Path;

use futures_executor::block_on;
use replayscope_cli::info::info;
use replayscope_cli::source;
use replayscope_zarr::source::{SourceError, Span};
use serde_json::{Value, json};

use common::{demo_options, open, options, run_demo, shared, start};

fn demo(home: &Path) -> std::path::PathBuf {
    let session = home.join("demo.zarr");
    run_demo(&demo_options(&session));
    session
}

/// Changes the root document of a session.
fn edit(session: &Path, change: impl Fn(&mut Value)) {
    let path = session.join("zarr.json");
    let mut root: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut root);
    fs::write(&path, root.to_string()).unwrap();
}

fn serve(folder: &Path) -> String {
    start(options(folder)).url.replace("?session=", "")
}

#[test]
fn a_good_session_has_no_problems() {
    let home = tempfile::tempdir().unwrap();
    let session = demo(home.path());
    let report = info(session.to_str().unwrap(), &[]).unwrap();
    let text = report.to_string();
    assert_eq!((&report.problems, &report.slow), (&Vec::new(), &Vec::new()));
    assert!(text.contains("posterior: float32 (time 2000 × bin "), "{text}");
    assert!(text.contains("time: 0 … 3.998 s, 2000 frames, 500 Hz"), "{text}");
    assert!(
        text.contains("index at start") && text.contains("blosc") && text.contains("No problems found."),
        "{text}"
    );

    let over_http = info(&serve(home.path()), &[]).unwrap();
    assert_eq!(over_http.lines[1..], report.lines[1..]);
    assert_eq!(over_http.problems, report.problems);
}

#[test]
fn problems_are_named_with_both_numbers() {
    let home = tempfile::tempdir().unwrap();
    let session = demo(home.path());
    let problems = |change: &dyn Fn(&mut Value)| {
        let kept = fs::read(session.join("zarr.json")).unwrap();
        edit(&session, change);
        let report = info(session.to_str().unwrap(), &[]).unwrap();
        fs::write(session.join("zarr.json"), kept).unwrap();
        [report.problems, report.slow].concat().join("\n")
    };
    let bins = open(&session, "posterior").width();
    let found = problems(&|root| _ = root.as_object_mut().unwrap().remove("consolidated_metadata"));
    assert!(found.contains("zarr.consolidate_metadata"), "{found}");
    let found = problems(&|root| {
        root["consolidated_metadata"]["metadata"]["posterior"]["shape"][1] = json!(bins - 1);
        for key in ["chunk_grid", "codecs"] {
            let posterior = &mut root["consolidated_metadata"]["metadata"]["posterior"][key];
            let part = if key == "codecs" { &mut posterior[0] } else { posterior };
            part["configuration"]["chunk_shape"][1] = json!(bins - 1);
        }
    });
    assert!(found.contains(&bins.to_string()) && found.contains(&(bins - 1).to_string()), "{found}");
    let found = problems(&|root| {
        root["consolidated_metadata"]["metadata"]["posterior"]["dimension_names"] = json!(["bin", "time"]);
        // A session without a document: the viewer goes by the names.
        root["attributes"].as_object_mut().unwrap().remove("replayscope");
    });
    assert!(found.contains("transpose") && found.contains("no float array"), "{found}");
    let found = problems(&|root| root["attributes"]["replayscope"]["version"] = json!(9));
    assert!(found.contains("version 9"), "{found}");
    let found = problems(&|root| {
        root["consolidated_metadata"]["metadata"]["time"]["codecs"][1]["name"] = json!("pcodec");
    });
    assert!(found.contains("time: ") && found.contains("pcodec"), "{found}");
}

/// A group of one field that is laid out so; nothing is stored of it.
fn layout(home: &Path, shape: [u64; 2], chunk: [u64; 2], codecs: &Value) -> String {
    let array = |shape: Value, chunk: Value, codecs: &Value, names: Value| {
        json!({
            "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "float32", "fill_value": 0,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
            "chunk_key_encoding": {"name": "default"}, "codecs": codecs, "dimension_names": names, "attributes": {},
        })
    };
    let plain = json!([{"name": "bytes", "configuration": {"endian": "little"}}]);
    let centers = array(json!([shape[1]]), json!([shape[1]]), &plain, json!(["bin"]));
    let root = json!({
        "zarr_format": 3, "node_type": "group",
        "attributes": {"replayscope": {"version": 1, "time": {"start": 0, "rate": 500}}},
        "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": {
            "posterior": array(json!(shape), json!(chunk), codecs, json!(["time", "bin"])),
            "bin_center_x": centers,
        }},
    });
    fs::write(home.join("zarr.json"), root.to_string()).unwrap();
    // Bins on a line.
    let values: Vec<u8> = (0..shape[1]).flat_map(|bin| (bin as f32).to_le_bytes()).collect();
    fs::create_dir_all(home.join("bin_center_x/c")).unwrap();
    fs::write(home.join("bin_center_x/c/0"), values).unwrap();
    home.to_str().unwrap().to_owned()
}

#[test]
fn what_makes_it_slow_is_told_with_its_values() {
    let home = tempfile::tempdir().unwrap();
    let bytes = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let blosc = |cname: &str| json!({"name": "blosc", "configuration": {"cname": cname, "clevel": 3, "shuffle": "shuffle"}});
    let plain = json!([bytes]);
    let sharded = |chunk: [u64; 2], codec: Value| {
        json!([{"name": "sharding_indexed", "configuration": {
            "chunk_shape": chunk, "codecs": [bytes, codec], "index_codecs": [bytes], "index_location": "start",
        }}])
    };
    let slow = |shape, chunk, codecs: &Value| {
        let report = info(&layout(home.path(), shape, chunk, codecs), &[]).unwrap();
        assert_eq!(report.problems, [""; 0]);
        let text = report.to_string();
        let command = format!("replayscope pack {} -o OUT.zarr", home.path().display());
        let commands = text.matches(&command).count();
        assert_eq!(commands, usize::from(!report.slow.is_empty()), "{text}");
        report.slow
    };
    let none = [""; 0];
    assert_eq!(slow([4096, 1000], [256, 1000], &plain), none);
    assert_eq!(slow([4096, 1000], [4096, 1000], &sharded([256, 1000], blosc("zstd"))), none);
    // Exactly at each limit is no problem.
    assert_eq!(slow([4096, 1024], [4096, 1024], &plain), none);
    assert_eq!(slow([4096, 800], [256, 100], &plain), none);
    assert_eq!(slow([64, 100], [8, 100], &plain), none);
    assert_eq!(slow([64, 16384], [1, 16384], &plain), none);

    let one = |found: Vec<String>, words: &[&str]| {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(words.iter().all(|word| found[0].contains(word)), "{words:?}: {}", found[0]);
    };
    one(
        slow([4096, 1025], [4096, 1025], &plain),
        &["posterior", "4096 frames", "16.0", "a seek reads all of it"],
    );
    one(
        slow([64, 100], [7, 100], &plain),
        &["posterior", "7 frames", "2.73 KiB", "a request every 7 frames"],
    );
    one(slow([64, 100], [1, 100], &plain), &["1 frame,", "every 1 frame."]);
    one(slow([4096, 900], [256, 100], &plain), &["posterior", "9 chunks"]);
    one(slow([64, 1000], [64, 1000], &sharded([64, 100], blosc("zstd"))), &["10 chunks"]);
    let gzip = json!({"name": "gzip", "configuration": {"level": 5}});
    one(slow([64, 100], [64, 100], &json!([bytes, gzip])), &["posterior", "gzip", "blosc with zstd"]);
    one(slow([64, 100], [64, 100], &sharded([64, 100], gzip)), &["gzip"]);
    one(slow([64, 100], [64, 100], &json!([bytes, blosc("zlib")])), &["blosc's zlib"]);
    one(slow([4097, 100], [256, 100], &plain), &["posterior", "no time pyramid", "4097 frames"]);
    let found = slow([800_008, 100], [8, 100], &plain);
    assert!(found.iter().any(|one| one.contains("100001 objects") && one.contains("shards")), "{found:?}");
    assert_eq!(found.len(), 2, "and the pyramid: {found:?}");
}

#[test]
fn real_sessions_are_described() {
    let Some(data) = shared("sessions/sargolini") else { return };
    for name in ["posterior.zarr", "sharded.zarr"] {
        let report = info(data.join(name).to_str().unwrap(), &[]).unwrap();
        let text = report.to_string();
        assert!(text.contains("posterior: float32 (time 8000 × bin 397)"), "{text}");
        assert!(text.contains(", 8000 frames, 250 Hz"), "{text}");
    }
}

#[test]
fn what_is_no_session_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let nothing = info(home.path().to_str().unwrap(), &[]).unwrap_err().to_string();
    assert!(nothing.contains("zarr.json"), "{nothing}");
    fs::write(home.path().join("zarr.json"), "<!doctype html><title>Log in</title>").unwrap();
    assert!(info(home.path().to_str().unwrap(), &[]).is_err());
    assert!(info("ftp://host/session.zarr", &[]).unwrap_err().to_string().contains("ftp://host"));
}

#[test]
fn both_sources_read_ranges_and_name_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let session = demo(home.path());
    let folder = source::open(session.to_str().unwrap(), &[]).unwrap();
    let web = source::open(&format!("{}?token=secret#part", serve(home.path())), &[]).unwrap();
    let key = "posterior/c/0/0";
    let size = fs::metadata(session.join(key)).unwrap().len();
    for source in [&folder, &web] {
        assert_eq!(block_on(source.size(key)).unwrap(), size);
        let part = block_on(source.read(key, Span::Range(3..11))).unwrap();
        assert_eq!(part, fs::read(session.join(key)).unwrap()[3..11]);
        assert_eq!(block_on(source.read(key, Span::Whole)).unwrap().len() as u64, size);
        let missing = block_on(source.read("posterior/c/9/0", Span::Range(0..4)));
        assert!(matches!(missing, Err(SourceError::NotFound { .. })));
        assert!(block_on(source.read(key, Span::Range(size - 2..size + 2))).is_err());
        assert!(!source.location(key).contains("secret"));
        let below = source.open("posterior").unwrap();
        assert_eq!(block_on(below.size("c/0/0")).unwrap(), size);
    }
}

#[test]
fn files_are_looked_at_as_the_viewer_opens_them() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let of = |name: &str| info(fixtures.join(name).to_str().unwrap(), &[]).unwrap().to_string();
    let netcdf = of("hdf5/zlib.nc");
    for words in ["time: 100 … 100.058 s, 30 frames, 500 Hz", "environment: 4 bins", "float32"] {
        assert!(netcdf.contains(words), "{words}: {netcdf}");
    }
    let npy = of("npy/f4.npy");
    assert!(npy.contains("40 frames") && npy.contains("when its frames are"), "{npy}");
    assert!(of("npy/fortran.npy").contains("np.ascontiguousarray"));
    assert!(of("zip/bzip2.zip").contains("zarr.json"));
}

#[test]
fn coordinates_that_hold_no_numbers_are_no_problem() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/states");
    for (name, described) in [
        ("fixed_v2", "state: fixed_length_utf32 (state_bins 13)"),
        ("fixed_v3", "state: fixed_length_utf32 (state_bins 13)"),
        ("variable_v2", "state: string (state_bins 13)"),
        ("variable_v3", "state: string (state_bins 13)"),
    ] {
        let report = info(fixtures.join(format!("{name}.zarr")).to_str().unwrap(), &[]).unwrap();
        assert!(report.problems.is_empty(), "{name}: {:?}", report.problems);
        assert!(report.lines.iter().any(|line| line == described), "{name}: {:?}", report.lines);
    }
    // Flags, and one number for all frames; but a field of a type that is not read is a problem.
    let home = tempfile::tempdir().unwrap();
    let session = demo(home.path());
    let other = |dtype: &str, shape: &[u64]| {
        json!({
            "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype, "fill_value": 0,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
            "chunk_key_encoding": {"name": "default"}, "codecs": [{"name": "bytes"}], "attributes": {},
        })
    };
    edit(&session, |root| {
        let arrays = root["consolidated_metadata"]["metadata"].as_object_mut().unwrap();
        arrays.insert("is_inside".to_owned(), other("bool", &[120]));
        arrays.insert("session".to_owned(), other("int64", &[]));
        arrays.insert("flags".to_owned(), other("bool", &[2000, 120]));
    });
    let report = info(session.to_str().unwrap(), &[]).unwrap();
    assert!(report.lines.iter().any(|line| line == "is_inside: bool (120)"), "{:?}", report.lines);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].starts_with("flags: Data type `bool`"), "{:?}", report.problems);
}
