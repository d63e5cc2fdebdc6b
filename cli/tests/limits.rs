//! Metadata that claim much and hold nothing: what comes of it is bounded in memory and in words, and is told in those of the
//! command line.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use peak_alloc::PeakAlloc;
use replayscope_cli::info::info;
use serde_json::{Map, Value, json};

use common::{pack, pack_options, write_environment, write_npy};

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

fn array(kind: &str, shape: &[u64], chunk: &[u64], dimensions: &[&str]) -> Value {
    json!({
        "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": kind, "fill_value": 0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "chunk_key_encoding": {"name": "default"}, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        "dimension_names": dimensions, "attributes": {},
    })
}

/// Arrays of a session of 100 frames and 4 bins, and what goes in the place of one of them or beside it.
fn arrays(others: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("posterior".to_owned(), array("float32", &[100, 4], &[100, 4], &["time", "bin"]));
    all.insert("bin_center_x".to_owned(), array("float64", &[4], &[4], &["bin"]));
    all.extend(others);
    all
}

fn document(rest: &Value) -> Value {
    let mut document = json!({"version": 1, "time": {"start": 0, "rate": 500}});
    document.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    document
}

/// Writes a group of which nothing is stored but the places of four bins.
fn write(folder: &Path, arrays: &Map<String, Value>, document: &Value) {
    fs::create_dir_all(folder.join("bin_center_x/c")).unwrap();
    let places: Vec<u8> = (0..4).flat_map(|bin| f64::from(bin).to_le_bytes()).collect();
    fs::write(folder.join("bin_center_x/c/0"), places).unwrap();
    let root = json!({
        "zarr_format": 3, "node_type": "group", "attributes": {"replayscope": document},
        "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": arrays},
    });
    fs::write(folder.join("zarr.json"), root.to_string()).unwrap();
}

fn many(count: usize, of: impl Fn(usize) -> (String, Value)) -> Map<String, Value> {
    arrays((0..count).map(of))
}

/// A group, what `info` or `pack` has to say of it, and the most memory they may take, in MB.
struct Case {
    name: &'static str,
    arrays: Map<String, Value>,
    document: Value,
    words: &'static str,
    most: f32,
}

/// Of a session that says when its frames are.
fn case(name: &'static str, arrays: Map<String, Value>, words: &'static str, most: f32) -> Case {
    Case { name, arrays, document: document(&json!({})), words, most }
}

impl Case {
    fn with(self, document: Value) -> Self {
        Self { document, ..self }
    }
}

fn one(name: &str, array: Value) -> Map<String, Value> {
    arrays([(name.to_owned(), array)])
}

fn without_centers(mut group: Map<String, Value>) -> Map<String, Value> {
    group.remove("bin_center_x");
    group
}

/// Frames, and when they are.
fn of_time() -> Vec<Case> {
    let posterior =
        |shape: &[u64], chunk: &[u64]| one("posterior", array("float32", shape, chunk, &["time", "bin"]));
    let timed = |name, frames: u64, chunk: u64, words| {
        let mut group = posterior(&[frames, 4], &[1024, 4]);
        group.insert("time".to_owned(), array("float64", &[frames], &[chunk], &["time"]));
        case(name, group, words, 16.0).with(json!({"version": 1}))
    };
    vec![
        timed("time in chunks of one", 1 << 32, 1, "`time` has 4294967296 stamps"),
        timed("time in long chunks", 1 << 40, 1 << 20, "`time` has 1099511627776 stamps"),
        timed("stamps that are not stored", 1 << 26, 1, "time[67108863] is 0, after 0"),
        case("frames without end", posterior(&[1 << 62, 1 << 62], &[1, 1]), "4611686018427387904", 16.0),
        case("a chunk that is not stored", posterior(&[1 << 22, 4], &[1 << 22, 4]), "4194304", 190.0),
    ]
}

/// Where bins are, in arrays.
fn of_bins() -> Vec<Case> {
    let both = |first: Value, second: Value| {
        arrays([("bin_center_x".to_owned(), first), ("bin_center_y".to_owned(), second)])
    };
    let bins = |count: u64| array("float64", &[count], &[count.min(1 << 20)], &["bin"]);
    let posterior = |count: u64| array("float32", &[100, count], &[1, count], &["time", "bin"]);
    let wide = |count: u64| {
        let mut group = both(bins(count), bins(count));
        group.insert("posterior".to_owned(), posterior(count));
        group
    };
    let vast = both(bins(1 << 32), bins(1 << 32));
    let scattered = both(array("float64", &[1 << 20], &[1], &["bin"]), bins(1 << 20));
    vec![
        case("absent bins", wide(2_000_000), "`bin_center_x` has 2000000 values", 16.0),
        case(
            "a field of absent bins",
            one("posterior", posterior(2_000_000)),
            "`posterior` has 2000000 bins",
            16.0,
        ),
        case("as many absent bins as there may be", wide(1 << 20), "1048576", 400.0),
        case("coordinates of any length", vast, "has 4294967296 values", 16.0),
        case("coordinates in chunks of one", scattered, "has 1048576 chunks", 16.0),
    ]
}

/// Fields, overlays and other arrays: many of them.
fn of_many() -> Vec<Case> {
    let position =
        json!({"type": "position", "name": "rat", "array": "position", "time": {"start": 0, "rate": 50}});
    let overlays = document(&json!({"overlays": vec![position; 100_000]}));
    let overlaid = one("position", array("float32", &[100, 2], &[100, 2], &["time", "xy"]));
    let fields = document(&json!({"fields": vec![json!({"name": "p", "array": "posterior"}); 20_000]}));
    let named = |of: Value| many(20_000, |at| (format!("a{at:05}"), of.clone()));
    let other = named(array("float32", &[9, 3, 4], &[9, 3, 4], &["time", "a", "b"]));
    let over_time = named(array("float32", &[100, 4], &[100, 4], &["time", "bin"]));
    let integers = (0..20_000).map(|at| (format!("a{at:05}"), array("int32", &[7], &[7], &["q"]))).collect();
    let broken = named(json!({"zarr_format": 3, "node_type": "array"}));
    let endless = many(70_000, |at| (format!("a{at:05}"), Value::Null));
    let letters = "n".repeat(3_000_000);
    let long = one(&letters, array("float32", &[9, 3, 4], &[9, 3, 4], &["time", "a", "b"]));
    vec![
        case("overlays", overlaid, "There are 100000 overlays", 250.0).with(overlays),
        case("fields in a document", arrays([]), "There are 20000 fields", 50.0).with(fields),
        case("arrays that are no fields", other, "more notes", 250.0),
        case("arrays that are fields", over_time, "There are 20001 fields", 250.0),
        case("arrays of which none is a field", integers, "and 19994 more", 250.0),
        case("arrays that are none", broken, "more problems", 50.0),
        case("arrays without end", endless, "A group of 70002 arrays", 64.0),
        case("names of any length", long, "more letters", 64.0).with(document(&json!({"name": letters}))),
    ]
}

/// Environments in the document.
fn of_environments() -> Vec<Case> {
    let square = json!({
        "schema_version": "Environment-v1", "layout_type": "RegularGrid", "n_dims": 2, "n_bins": 4,
        "bin_centers": [[0, 0], [1, 0], [0, 1], [1, 1]],
    });
    let with = |key: &str, value: Value| {
        let mut environment = square.clone();
        environment[key] = value;
        document(&json!({"environment": environment}))
    };
    let regions: Vec<Value> =
        (0..20_000).map(|at| json!({"name": "r", "kind": "point", "geom": [at, at]})).collect();
    let corners: Vec<Value> = (0..70_000).map(|at| json!([at, at % 7])).collect();
    let polygon = json!([{"name": "r", "geom": {"type": "Polygon", "coordinates": [corners]}}]);
    let track = json!({
        "schema_version": "Environment-v1", "layout_type": "Graph", "n_dims": 2, "n_bins": 4,
        "bin_centers": [[0, 0], [1, 0], [2, 0], [3, 0]],
        "layout_parameters": {
            "bin_size": 1, "edge_spacing": 0, "edge_order": vec![json!([0, 1]); 2000],
            "graph_definition": {"nodes": [{"id": 0, "pos": [0, 0]}, {"id": 1, "pos": [1e6, 0]}]},
        },
    });
    let track = document(&json!({"environment": track}));
    vec![
        case("regions", arrays([]), "more regions are left out", 150.0).with(with("regions", json!(regions))),
        case("corners of a region", arrays([]), "65536 corners", 100.0).with(with("regions", polygon)),
        case("a track of many bins", arrays([]), "dot at its centre", 100.0).with(track),
    ]
}

/// Results of a decoder, with the given columns and chunks.
fn of_columns() -> Vec<Case> {
    let decoded = |state: Value| {
        without_centers(arrays([
            ("posterior".to_owned(), array("float32", &[100, 300], &[100, 300], &["time", "state_bins"])),
            ("x_position".to_owned(), array("float64", &[300], &[300], &["state_bins"])),
            ("state".to_owned(), state),
        ]))
    };
    let mut texts = array("string", &[1 << 20], &[1], &["state_bins"]);
    texts["codecs"] = json!([{"name": "vlen-utf8"}]);
    let axes = without_centers(arrays([
        ("posterior".to_owned(), array("float32", &[100, 8192, 8192], &[1, 8192, 8192], &["time", "x", "y"])),
        ("x".to_owned(), array("float64", &[1 << 20], &[1 << 20], &["x"])),
        ("y".to_owned(), array("float64", &[1 << 20], &[1 << 20], &["y"])),
    ]));
    let mut wrapped = array("float32", &[100, 4], &[100, 4], &["time", "bin"]);
    let zstd = vec![json!({"name": "zstd", "configuration": {"level": 1}}); 300];
    wrapped["codecs"].as_array_mut().unwrap().extend(zstd);
    let mut columns = array("float32", &[100, 4], &[100, 4], &["time", "bin"]);
    columns["attributes"] = json!({"replayscope_columns": vec![json!([[0, 4]]); 4]});
    let in_one_place = decoded(array("int64", &[7], &[7], &["q"]));
    vec![
        case("axes of any length", axes, "1099511627776 bins", 100.0),
        case("states of texts in chunks of one", decoded(texts), "300", 50.0),
        case("bins that all are in one place", in_one_place, "300", 50.0),
        case("codecs around codecs", one("posterior", wrapped), "301 codecs", 16.0),
        case("columns again and again", one("posterior", columns), "does not fit 4 columns", 16.0),
    ]
}

#[test]
fn what_is_claimed_is_bounded_before_it_is_allocated() {
    let home = tempfile::tempdir().unwrap();
    let parts: [fn() -> Vec<Case>; 5] = [of_time, of_bins, of_many, of_environments, of_columns];
    for (number, case) in parts.iter().flat_map(|part| part()).enumerate() {
        let Case { name, arrays, document, words, most } = case;
        let session = home.path().join(format!("{number}.zarr"));
        write(&session, &arrays, &document);
        drop((arrays, document));
        let written = fs::metadata(session.join("zarr.json")).unwrap().len();
        let before = PEAK.current_usage_as_mb();
        PEAK.reset_peak_usage();
        let report = info(session.to_str().unwrap(), &[]);
        let report = report.map_or_else(|error| error.to_string(), |report| report.to_string());
        let output = home.path().join("out.zarr");
        let mut options = pack_options(&session, Path::new("unused"), &output);
        (options.environment, options.clock, options.force) = (None, None, true);
        let packed = pack(&options).map_or_else(|error| error.to_string(), |_| String::new());
        let taken = PEAK.peak_usage_as_mb() - before;
        assert!(report.contains(words) || packed.contains(words), "{name}: {words}: {report}\n{packed}");
        assert!(report.len() < 60_000, "{name}: {} bytes were printed", report.len());
        assert!(taken < most, "{name}: {taken} MB for {written} bytes");
        for said in [&report, &packed] {
            assert!(
                !said.contains("tabs") && !said.contains("CORS") && !said.contains("reload"),
                "{name}: {said}"
            );
        }
    }
    small_files_that_are_large(home.path());
}

/// A few bytes that inflate to many, and empty arrays of any length.
fn small_files_that_are_large(home: &Path) {
    write_npy(&home.join("posterior.npy"), "<f4", false, "(10, 6)", &[0; 240]);
    let environment = write_environment(home, 3, 2);
    let megabyte = vec![b' '; 1 << 20];
    let bomb = |name: &str| {
        let mut npz = zip::ZipWriter::new(fs::File::create(home.join("env.npz")).unwrap());
        let how =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        npz.start_file(name, how).unwrap();
        for _ in 0..600 {
            std::io::Write::write_all(&mut npz, &megabyte).unwrap();
        }
        npz.finish().unwrap();
    };
    let said = |input: &Path, environment: Option<PathBuf>| {
        let mut options = pack_options(input, Path::new("unused"), &home.join("out.zarr"));
        (options.environment, options.force) = (environment, true);
        let before = PEAK.current_usage_as_mb();
        PEAK.reset_peak_usage();
        let said = pack(&options).unwrap_err().to_string();
        let taken = PEAK.peak_usage_as_mb() - before;
        assert!(taken < 64.0, "{taken} MB: {said}");
        said
    };
    for name in ["bin_centers.npy", "active_mask.npy", "grid_edges_0.npy"] {
        bomb(name);
        let said = said(&home.join("posterior.npy"), Some(environment.clone()));
        assert!(said.contains("629145600 bytes"), "{name}: {said}");
    }
    // What each of many codecs may add to what is inside.
    let mut wrapped = array("float32", &[3 << 18, 4], &[3 << 18, 4], &["time", "bin"]);
    wrapped["codecs"].as_array_mut().unwrap().extend(vec![json!({"name": "gzip"}); 15]);
    let session = home.join("wrapped.zarr");
    write(&session, &arrays([("posterior".to_owned(), wrapped)]), &document(&json!({})));
    fs::create_dir_all(session.join("posterior/c/0")).unwrap();
    fs::write(session.join("posterior/c/0/0"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 3, 0]).unwrap();
    let gzip = said(&session, None);
    assert!(gzip.contains("Chunk 0 is damaged: gzip"), "{gzip}");
    let mut zip = zip::ZipWriter::new(fs::File::create(home.join("bomb.zarr.zip")).unwrap());
    zip.start_file("zarr.json", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..300 {
        std::io::Write::write_all(&mut zip, &megabyte).unwrap();
    }
    zip.finish().unwrap();
    let bomb = said(&home.join("bomb.zarr.zip"), None);
    assert!(bomb.contains("314572800 bytes"), "{bomb}");
    // As many levels of lists as there are axes, and as many axes as there are arrays.
    let deep = format!("(3000000, {})", "1, ".repeat(3000));
    let member = |name: &str, descr: &str, shape: &str, data: &[u8]| {
        write_npy(&home.join("member.npy"), descr, false, shape, data);
        (name.to_owned(), fs::read(home.join("member.npy")).unwrap())
    };
    let centers: Vec<u8> = (0..12).flat_map(|value| f64::from(value).to_le_bytes()).collect();
    let cases = [
        (vec![member("bin_centers", "|u1", &deep, &vec![0; 3_000_000])], "axes"),
        (
            std::iter::once(member("bin_centers", "<f8", "(6, 2)", &centers))
                .chain(
                    (0..200)
                        .map(|at| member(&format!("grid_edges_{at}"), "|u1", "(200000,)", &vec![0; 200_000])),
                )
                .collect(),
            "edges",
        ),
    ];
    for (members, words) in cases {
        let mut npz = zip::ZipWriter::new(fs::File::create(home.join("env.npz")).unwrap());
        for (name, bytes) in members {
            npz.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut npz, &bytes).unwrap();
        }
        npz.finish().unwrap();
        // Read as the viewer reads it: what cannot be drawn is refused.
        let document = json!({
            "version": 1, "time": {"start": 0, "rate": 1}, "environment": "env.json",
            "fields": [{"name": "p", "array": "posterior.npy"}],
        });
        fs::write(home.join("session.json"), document.to_string()).unwrap();
        let said = said(&home.join("session.json"), None);
        assert!(said.contains(words), "{words}: {said}");
    }
    let vast = "(0, 9000000000000000000, 9000000000000000000)";
    write_npy(&home.join("empty.npy"), "<f8", false, vast, &[]);
    let document = json!({"version": 1, "time": {"start": 0, "rate": 1}, "fields": [{"name": "p", "array": "empty.npy"}]});
    fs::write(home.join("session.json"), document.to_string()).unwrap();
    assert_ne!(said(&home.join("session.json"), None), "");
}
