//! Values that float32 cannot hold are reported, with their number.

use replayscope_viewer::Event;
use serde_json::json;

use crate::stage::{Made, Stage};

/// What the last event on them says.
fn notes(stage: &Stage) -> Option<Vec<String>> {
    stage.events.iter().rev().find_map(|event| match event {
        Event::Narrowed { notes } => Some(notes.clone()),
        _ => None,
    })
}

#[test]
fn each_value_that_became_zero_is_counted_once() {
    // One of the 800 values is 0 itself; of the others the scale leaves less than float32 can hold. The cache holds three
    // chunks of the twenty, so that some are read again.
    let made = Made { attributes: json!({"scale_factor": 1e-50}), budget: 600, ..Made::of(200) };
    let mut stage = Stage::with(&made);
    for frame in [0, 50, 100, 150, 0, 199] {
        _ = stage.seek(frame);
        stage.answer_all();
    }
    let reported = notes(&stage).unwrap();
    let [note] = &reported[..] else { panic!("{reported:?}") };
    assert!(note.starts_with("Of 800 values of `posterior` that were read, 799 are nearer to 0"), "{note}");
    assert!(!note.contains("infinite") && note.contains("--scale log10"), "{note}");
    assert!(stage.asked().len() > 20, "some chunks were read twice");
}

#[test]
fn a_session_that_loses_nothing_says_nothing() {
    let mut stage = Stage::with(&Made { attributes: json!({"scale_factor": 1e-30}), ..Made::of(200) });
    _ = stage.seek(0);
    stage.answer_all();
    assert_eq!(notes(&stage), None);
}
