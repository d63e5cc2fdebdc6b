//! Results of a decoder whose states are texts in Zarr, as xarray writes them.

use std::fs;
use std::rc::Rc;

use futures_executor::block_on;
use replayscope_session::{Opening, Session, open};
use replayscope_zarr::source::{ByteSource, MemorySource};
use serde_json::{Value, json};

use crate::common::fixture;
use crate::shelf::{Shelf, all, bits};

#[test]
fn states_are_split_by_their_names_however_texts_are_stored() {
    let values = bits(&fs::read(fixture("states/posterior.f32")).unwrap());
    for name in ["fixed_v2", "fixed_v3", "variable_v2", "variable_v3"] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.zarr")).unwrap();
        let fields: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["all states", "Continuous", "Fragmented é"], "{name}");
        for (state, field) in session.fields[1..].iter().enumerate() {
            let rows = values.as_chunks::<13>().0.iter().flat_map(|row| &row[state * 6..(state + 1) * 6]);
            assert_eq!(all(&field.array), rows.copied().collect::<Vec<u32>>(), "{name}: {}", field.name);
        }
        assert!(session.notes.iter().any(|note| note.contains("`No-Spike`")), "{:?}", session.notes);
        assert_eq!([1, 5].map(|bin| session.environment.center(bin)), [[1.0, 12.0], [5.0, 12.0]], "{name}");
    }
}

/// What columns of the stored values a field shows.
fn assert_columns(name: &str, field: &replayscope_session::Field, columns: &[usize]) {
    let values = bits(&fs::read(fixture("states/posterior.f32")).unwrap());
    let rows = values.as_chunks::<13>().0.iter().flat_map(|row| columns.iter().map(|column| row[*column]));
    assert_eq!(all(&field.array), rows.collect::<Vec<u32>>(), "{name}: {}", field.name);
}

#[test]
fn places_go_before_an_index_and_gathered_columns_are_spread() {
    let ascending: Vec<usize> = (0..10).collect();
    let alternate = |first: usize| (first..10).step_by(2).collect::<Vec<usize>>();
    for (name, states) in [
        ("indexed", [("a", ascending[..5].to_vec()), ("b", ascending[5..].to_vec())]),
        // Its last column is the first place of the product.
        ("gathered", [("b", ascending[..5].to_vec()), ("a", ascending[5..].to_vec())]),
        ("gathered_last", [("a", alternate(0)), ("b", alternate(1))]),
    ] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.nc")).unwrap();
        let fields: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["all states", states[0].0, states[1].0], "{name}");
        for (field, (_, columns)) in session.fields[1..].iter().zip(&states) {
            assert_columns(name, field, columns);
        }
        let centers: Vec<f64> = (0..5).map(|bin| session.environment.center(bin)[0]).collect();
        let expected = if name == "gathered" { [9.0, 7.0, 5.0, 3.0, 1.0] } else { [1.0, 3.0, 5.0, 7.0, 9.0] };
        assert_eq!(centers, expected, "{name}");
    }
    for name in ["gathered_plane", "axes"] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.nc")).unwrap();
        assert_eq!(session.fields.len(), 1, "{name}");
        assert_columns(name, &session.fields[0], &ascending);
        let centers: Vec<[f64; 2]> = (0..10).map(|bin| session.environment.center(bin)).collect();
        let expected: Vec<[f64; 2]> =
            (0..10).map(|bin| [(bin / 2 * 2 + 1) as f64, [10.0, 12.0][bin % 2]]).collect();
        assert_eq!(centers, expected, "{name}");
    }
}

#[test]
fn an_index_alone_is_said_to_be_one() {
    let session = Shelf::new(fixture("states")).open("counted.nc").unwrap();
    assert!(
        session.notes.iter().any(|note| note.contains("`bin`") && note.contains("0 to 9")),
        "{:?}",
        session.notes
    );
}

/// A session in memory: `posterior` of 12 bins along one dimension, and 1-D coordinates, each along a dimension of its own or another.
fn session(along: &str, coordinates: &[(&str, &str, Coordinate)]) -> Result<Session, String> {
    session_of((0..24_u8).map(f32::from), along, coordinates)
}

fn session_of(
    values: impl Iterator<Item = f32>,
    along: &str,
    coordinates: &[(&str, &str, Coordinate)],
) -> Result<Session, String> {
    let mut objects: Vec<(String, Vec<u8>)> = Vec::new();
    let mut nodes = serde_json::Map::new();
    let mut put =
        |name: &str, dtype: &str, shape: &[usize], dimensions: Value, attributes: Value, raw: Vec<u8>| {
            let node = json!({
                "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype, "fill_value": 0,
                "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
                "chunk_key_encoding": {"name": "default"},
                "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
                "dimension_names": dimensions, "attributes": attributes,
            });
            nodes.insert(name.to_owned(), node);
            let last = if shape.len() == 2 { "/0" } else { "" };
            objects.push((format!("{name}/c/0{last}"), raw));
        };
    let row = values.flat_map(f32::to_le_bytes).collect();
    put("posterior", "float32", &[2, 12], json!(["time", along]), json!({}), row);
    let floats = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    put("time", "float64", &[2], json!(["time"]), json!({}), floats(&[0.0, 0.002]));
    for (name, dimension, coordinate) in coordinates {
        let (dtype, attributes, values): (&str, Value, &[f64]) = match coordinate {
            Coordinate::Floats(values) => ("float64", json!({}), values),
            Coordinate::Integers(values) => ("int64", json!({}), values),
            Coordinate::Codes(values) => ("int64", json!({"labels": ["a", "b"]}), values),
            Coordinate::Gathered(levels) => ("int64", json!({"compress": levels}), &COUNTED),
        };
        let raw = match dtype {
            "float64" => floats(values),
            _ => values.iter().flat_map(|value| (*value as i64).to_le_bytes()).collect(),
        };
        put(name, dtype, &[values.len()], json!([dimension]), attributes, raw);
    }
    let root = json!({
        "zarr_format": 3, "node_type": "group",
        "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": nodes},
    });
    objects.push(("zarr.json".to_owned(), root.to_string().into_bytes()));
    let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new(objects));
    block_on(open(source, Opening::default())).map_err(|error| error.to_string())
}

enum Coordinate {
    Floats(Vec<f64>),
    Integers(Vec<f64>),
    Codes(Vec<f64>),
    Gathered(String),
}
use Coordinate::{Codes, Floats, Gathered, Integers};

const COUNTED: [f64; 12] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0];

fn centers(session: &Session) -> Vec<[f64; 2]> {
    (0..session.environment.bins()).map(|bin| session.environment.center(bin)).collect()
}

/// 4 × 3 places, y running fastest.
fn plane() -> (Vec<f64>, Vec<f64>, Vec<[f64; 2]>) {
    let places: Vec<[f64; 2]> =
        (0..12).map(|bin| [f64::from(bin / 3) * 3.0, 100.0 + f64::from(bin % 3) * 2.0]).collect();
    (places.iter().map(|place| place[0]).collect(), places.iter().map(|place| place[1]).collect(), places)
}

#[test]
fn every_name_of_places_goes_before_an_index() {
    let (xs, ys, places) = plane();
    for [x, y] in [["x", "y"], ["x_position", "y_position"], ["bin_center_x", "bin_center_y"]] {
        let named = [(x, "bin", Floats(xs.clone())), (y, "bin", Floats(ys.clone()))];
        let index = ("bin", "bin", Integers((100..112).map(f64::from).collect()));
        let [first, second] = named;
        let session = session("bin", &[index, first, second]).unwrap();
        assert_eq!(centers(&session), places, "{x} {y}");
        assert!(!session.notes.iter().any(|note| note.contains("it is an index")), "{:?}", session.notes);
        // Without an index they say where bins are, too; and as levels that a dimension was gathered from.
        let without = [(x, "bin", Floats(xs.clone())), (y, "bin", Floats(ys.clone()))];
        assert_eq!(centers(&self::session("bin", &without).unwrap()), places, "{x} {y}");
        let gathered = Gathered(format!("{x} {y}"));
        let axes = [
            ("bin", "bin", gathered),
            (x, x, Floats(vec![0.0, 3.0, 6.0, 9.0])),
            (y, y, Floats(vec![100.0, 102.0, 104.0])),
        ];
        assert_eq!(centers(&self::session("bin", &axes).unwrap()), places, "gathered: {x} {y}");
    }
    let others = [
        ("bin", "bin", Gathered("bin_center_x session".to_owned())),
        ("bin_center_x", "bin_center_x", Floats(vec![0.0, 3.0, 6.0, 9.0])),
        ("session", "session", Integers(vec![1.0, 2.0, 3.0])),
    ];
    let refused = session("bin", &others).unwrap_err();
    assert!(
        refused.contains("`bin` is compressed by gathering") && refused.contains("bin_center_x session"),
        "{refused}"
    );
}

#[test]
fn any_integer_index_alone_is_said_to_be_one() {
    for (first, step) in [(0, 1), (100, 1), (-3, 1), (7, 5)] {
        let index: Vec<f64> = (0..12).map(|at| f64::from(first + at * step)).collect();
        let expected = format!(
            "Only `bin` gives the positions of the bins, and it is an index: whole numbers from {first} to {}",
            first + 11 * step
        );
        let session = session("bin", &[("bin", "bin", Integers(index))]).unwrap();
        assert!(session.notes.iter().any(|note| note.contains(&expected)), "{expected}: {:?}", session.notes);
    }
    let session = session("position", &[("position", "position", Integers(COUNTED.to_vec()))]).unwrap();
    assert!(session.notes.is_empty(), "{:?}", session.notes);
}

#[test]
fn states_without_places_are_told_apart_by_an_index_that_repeats_or_said_not_to_be() {
    let codes = || ("state", "state_bins", Codes((0..12).map(|at| f64::from(at / 6)).collect()));
    let names = |session: &Session| session.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    let repeated = Integers((0..12).map(|at| f64::from(at % 6)).collect());
    let two = session("state_bins", &[("state_bins", "state_bins", repeated), codes()]).unwrap();
    assert_eq!(names(&two), ["all states", "a", "b"]);
    assert_eq!(centers(&two).len(), 6);
    assert_eq!(all(&two.fields[2].array)[..6], [6.0_f32, 7.0, 8.0, 9.0, 10.0, 11.0].map(f32::to_bits));
    assert!(two.notes.iter().any(|note| note.contains("from 0 to 5")), "{:?}", two.notes);

    let one =
        session("state_bins", &[("state_bins", "state_bins", Integers(COUNTED.to_vec())), codes()]).unwrap();
    assert_eq!((names(&one), centers(&one).len()), (vec!["posterior".to_owned()], 12));
    for words in ["from 0 to 11", "The states (a, b) are not separated"] {
        assert!(one.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", one.notes);
    }
}

#[test]
fn a_sum_beyond_float32_is_counted() {
    let repeated = Integers((0..12).map(|at| f64::from(at % 6)).collect());
    let codes = Codes((0..12).map(|at| f64::from(at / 6)).collect());
    let coordinates = [("state_bins", "state_bins", repeated), ("state", "state_bins", codes)];
    let large = session_of([3e38_f32; 24].into_iter(), "state_bins", &coordinates).unwrap();
    let lost = |field: usize| {
        let array = &large.fields[field].array;
        (
            array.is_wide(),
            block_on(array.fetch(0)).and_then(|encoded| array.decode(&encoded)).unwrap().lost.infinities,
        )
    };
    assert_eq!([lost(0), lost(1)], [(true, 12), (false, 0)]);
}

#[test]
fn gathered_levels_that_are_no_places_are_named() {
    let refused = Shelf::new(fixture("states")).refused("gathered_other.nc");
    assert!(
        refused.contains("`state_bins` is compressed by gathering") && refused.contains("session position"),
        "{refused}"
    );
}
