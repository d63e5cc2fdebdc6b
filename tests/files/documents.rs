//! A session document on its own, its references, and files that were given together without one.

use std::rc::Rc;

use futures_executor::block_on;
use replayscope_session::{Opening, Session, TimeAxis, open_dropped};

use crate::common::{fixture, test_data};
use crate::shelf::{Shelf, all, frame};

fn document(rest: &str) -> String {
    format!("{{\"version\": 1, \"fields\": [{{\"name\": \"posterior\", \"array\": \"f4.npy\"}}]{rest}}}")
}

fn opened(rest: &str) -> Result<Session, replayscope_session::Error> {
    Shelf::new(fixture("npy")).with("session.json", document(rest)).open("session.json")
}

#[test]
fn times_come_from_an_array_or_a_rate() {
    let regular = opened(", \"time\": {\"array\": \"regular.npy\"}").unwrap();
    assert_eq!(regular.time, TimeAxis::Regular { start: 10.0, rate: 250.0, frames: 40 });
    let irregular = opened(", \"time\": {\"array\": \"irregular.npy\"}").unwrap();
    assert!(matches!(&irregular.time, TimeAxis::Irregular { times, .. } if times.len() == 40));
    assert_eq!(irregular.time.gaps().len(), 1);
    let given = opened(", \"time\": {\"start\": 1.5, \"rate\": 500}").unwrap();
    assert_eq!(given.time, TimeAxis::Regular { start: 1.5, rate: 500.0, frames: 40 });
    assert_eq!(opened("").unwrap_err().code(), "no-time");
    let backwards = opened(", \"time\": {\"array\": \"backwards.npy\"}").unwrap_err().to_string();
    assert!(backwards.contains("time[7]"), "{backwards}");
}

#[test]
fn the_same_array_is_found_bare_and_under_a_key_of_the_same_name() {
    let bare = document(", \"time\": {\"start\": 0, \"rate\": 1}");
    let wrapped = format!("{{\"replayscope\": {bare}}}");
    for text in [bare, wrapped] {
        let session = Shelf::new(fixture("npy")).with("s.json", text).open("s.json").unwrap();
        assert_eq!(session.fields[0].array.frames(), 40);
    }
}

#[test]
fn what_is_no_document_is_told_as_that() {
    for (text, words) in [
        ("<html>", ["web page", "\"version\": 1"]),
        ("{\"version\": 1", ["session document", "\"fields\""]),
        ("{\"a\": 1}", ["no `version`", "\"fields\""]),
        ("{\"version\": 1}", ["names no `fields`", "docs/session-format.md"]),
        ("{\"version\": 9}", ["version 9", "newer"]),
        (
            "{\"schema_version\": \"Environment-v1\", \"layout_type\": \"RegularGrid\"}",
            ["environment", "posterior"],
        ),
        ("{\"version\": 1, \"fields\": [{\"name\": \"p\", \"array\": \"gone.npy\"}]}", ["404", "gone.npy"]),
    ] {
        let refused = Shelf::new(fixture("npy")).with("s.json", text).refused("s.json");
        assert!(words.iter().all(|word| refused.contains(word)), "{refused}");
    }
}

fn open_files(
    folder: &std::path::Path,
    names: &[&str],
    rate: Option<f64>,
) -> Result<Session, replayscope_session::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let opening = Opening { rate, ..Opening::default() };
    block_on(open_dropped(Rc::new(Shelf::new(folder)), &names, opening))
}

#[test]
fn files_given_together_are_one_session() {
    let session = open_files(&fixture("npy"), &["regular.npy", "f4.npy"], None).unwrap_err();
    assert_eq!(session.code(), "no-time", "nothing says that regular.npy are times");
    let session = open_files(&fixture("npy"), &["f4.npy", "f8.npy"], Some(500.0)).unwrap();
    let names: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["f4", "f8"], "arrays of one shape are fields of one session");

    let Some(folder) = test_data("sessions/sargolini") else { return };
    let all_files = [
        "about.json",
        "environment.json",
        "environment.npz",
        "events.csv",
        "head_direction.npy",
        "position.npy",
        "posterior.npy",
        "time.npy",
    ];
    let session = open_files(&folder, &all_files, None).unwrap();
    assert_eq!((session.name.as_str(), session.fields.len()), ("posterior.npy", 1));
    assert_eq!(session.time, TimeAxis::Regular { start: 0.002, rate: 250.0, frames: 8000 });
    assert_eq!((session.environment.bins(), session.overlays.len()), (397, 1));
    assert!(!session.notes.iter().any(|note| note.contains("in a row")), "{:?}", session.notes);

    let session = open_files(&folder, &["results.nc", "environment.json", "environment.npz"], None).unwrap();
    assert_eq!(session.environment.bins(), 397);
    assert_eq!(
        session.environment.name.is_some(),
        open_files(&folder, &all_files, None).unwrap().environment.name.is_some()
    );

    let zarr = ["sargolini/posterior.zarr/zarr.json", "sargolini/posterior.zarr/posterior/zarr.json"];
    let session = open_files(folder.parent().unwrap(), &zarr, None).unwrap();
    assert_eq!(session.fields[0].array.frames(), 8000);
    for (names, words) in [
        (&["results.nc", "other.nc"][..], "several sessions"),
        (&["events.csv"], "events.csv"),
        (&["a/zarr.json", "b/zarr.json"], "several sessions: a, b"),
    ] {
        let refused = open_files(&folder, names, None).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn a_document_refers_to_files_groups_and_arrays_in_them() {
    let Some(folder) = test_data("sessions/sargolini") else { return };
    let of = |array: &str, rest: &str| {
        let text = format!(
            "{{\"version\": 1, \"fields\": [{{\"name\": \"posterior\", \"array\": \"{array}\"}}]{rest}}}"
        );
        Shelf::new(&folder).with("session.json", text).open("session.json")
    };
    let environment = ", \"environment\": \"environment.json\"";
    let times = ", \"environment\": \"environment.json\", \"time\": {\"array\": \"time.npy\"}";
    let expected = of("posterior.npy", times).unwrap();
    let from_zarr = of("posterior.zarr#posterior", "").unwrap();
    let both = format!("{environment}, \"time\": {{\"array\": \"results.nc#time\"}}");
    let mixed = of("posterior.npy", &both).unwrap();
    for session in [&from_zarr, &mixed] {
        assert_eq!(session.time, expected.time);
        for at in [0, 1234, 4000, 7999] {
            assert_eq!(frame(&session.fields[0].array, at), frame(&expected.fields[0].array, at));
        }
    }
    let summed = of("results.nc#acausal_posterior", environment).unwrap();
    assert_eq!(summed.environment.bins(), 397);
    assert_eq!(summed.fields[0].name, "all states");
    let group = of("results.nc", times).unwrap_err().to_string();
    assert!(group.contains("a group, not an array"), "{group}");
    let wrong = of("f4.npy", "");
    assert!(wrong.is_err());
    assert_eq!(all(&expected.fields[0].array).len(), 8000 * 397);
}

#[test]
fn a_page_at_every_address_is_nothing_that_lies_beside_an_array() {
    let page = "<!doctype html><title>Not found</title>";
    let shelf = ["environment.json", "env.json", "time.npy"]
        .into_iter()
        .fold(Shelf::new(fixture("npy")), |shelf, name| shelf.with(name, page));
    let session = shelf.open_as("f4.npy", Opening { rate: Some(500.0), ..Opening::default() }).unwrap();
    assert_eq!(session.time, TimeAxis::Regular { start: 0.0, rate: 500.0, frames: 40 });
}
