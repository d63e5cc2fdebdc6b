//! Opening and seeking: requests, pictures and events.

use std::cell::RefCell;
use std::rc::Rc;

use futures_executor::{LocalPool, block_on};
use futures_util::task::LocalSpawnExt;
use replayscope_json::Json;
use replayscope_session as session;
use replayscope_session::ChunkId;
use replayscope_viewer::chunk::{Loader, Platform, Priority};
use replayscope_viewer::{Event, Viewer};
use replayscope_zarr::array::open_array;
use replayscope_zarr::source::{ByteSource, MemorySource, SourceError};
use serde_json::json;

use crate::stage::{ByHand, Desk, Made, Stage, document};
#[test]
fn a_frame_is_shown_when_its_chunk_is_there_and_not_before() {
    let mut stage = Stage::new(100);
    assert_eq!(stage.waiting()[0], 0, "the visible chunk is asked for first");
    assert_eq!(stage.frames(), []);
    stage.answer(0, Ok(()));
    assert_eq!(stage.frames(), [(0, true)]);
    assert_eq!(block_on(&mut stage.first).unwrap().unwrap().frame, 0);
    let answer = stage.seek(57);
    assert_eq!(stage.frames().last(), Some(&(0, true)), "the last exact frame stays until the next is there");
    assert_eq!(stage.row(), [0.0, 1.0, 2.0, 3.0]);
    stage.answer(5, Ok(()));
    let shown = block_on(answer).unwrap().unwrap();
    assert_eq!((shown.frame, shown.time), (57, 0.57));
    assert_eq!(stage.row(), [5700.0, 5701.0, 5702.0, 5703.0]);
}

#[test]
fn the_latest_seek_supersedes_and_aborts() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let early = stage.seek(500);
    assert!(stage.waiting().contains(&50));
    let late = stage.seek(900);
    assert!(!stage.waiting().contains(&50), "the superseded request is aborted");
    assert!(block_on(early).is_err(), "its answer is cancelled");
    stage.answer(90, Ok(()));
    assert_eq!(block_on(late).unwrap().unwrap().frame, 900);
    assert!(stage.frames().iter().all(|(frame, _)| *frame != 500));
}

#[test]
fn a_failed_chunk_is_told_once_and_asked_for_again_on_request() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let answer = stage.seek(700);
    let refused = SourceError::Forbidden { status: 403, location: "there".to_owned() };
    stage.answer(70, Err(refused));
    assert_eq!(block_on(answer).unwrap().unwrap_err().code(), "forbidden");
    let errors = |stage: &Stage| stage.events.iter().filter(|event| matches!(event, Event::Error(_))).count();
    assert_eq!(errors(&stage), 1);
    assert!(!stage.waiting().contains(&70));
    stage.viewer.borrow_mut().retry();
    stage.settle();
    stage.answer(70, Ok(()));
    assert_eq!(stage.frames().last(), Some(&(700, true)));
    assert_eq!(errors(&stage), 1);
}

#[test]
fn on_request_all_that_failed_is_asked_for_again() {
    let mut stage = Stage::new(100_000);
    stage.answer(0, Ok(()));
    let failed = stage.waiting();
    assert!(failed.len() > 1 && !failed.contains(&0), "read ahead, and sampled: {failed:?}");
    for chunk in failed.clone() {
        let refused = SourceError::Forbidden { status: 403, location: "there".to_owned() };
        stage.answer(chunk, Err(refused));
    }
    assert!(!stage.waiting().contains(&1), "the neighbour is not asked for by itself");
    stage.viewer.borrow_mut().retry();
    stage.answer_all();
    assert_eq!(stage.asked().iter().filter(|key| *key == "posterior/c/1/0").count(), 2);
}

#[test]
fn another_session_takes_the_place_of_one_that_stays_until_then() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let loader = stage.viewer.borrow().loader().unwrap();
    let answer = stage.seek(57);
    let other = Stage::new(1000);
    stage.events.clear();
    let session = block_on(session::open(
        Rc::new(MemorySource::new(Made::of(1000).objects())),
        replayscope_session::Opening::default(),
    ))
    .unwrap();
    assert_eq!(stage.viewer.borrow().session().unwrap().time.frames(), 100_000);
    drop(stage.viewer.borrow_mut().install(
        session,
        "memory:".into(),
        other.viewer.borrow().loader().unwrap(),
    ));
    stage.settle();
    let names: Vec<&str> = stage.events.iter().map(Event::name).collect();
    assert_eq!(names.iter().position(|name| *name == "close"), Some(0), "{names:?}");
    assert_eq!(names.iter().filter(|name| ["close", "open"].contains(name)).count(), 2);
    drop(answer);
    // The loader of the previous session refuses requests and sends none.
    let asked = stage.asked().len();
    let chunk = loader.chunk(ChunkId { array: 0, index: 4321 }, Priority::Visible);
    assert_eq!(block_on(chunk).unwrap_err().code(), "closed");
    assert_eq!(stage.asked().len(), asked);
}

#[test]
fn an_absent_chunk_is_the_fill_value_and_never_passes_for_data() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let answer = stage.seek(700);
    stage.answer(70, Err(SourceError::NotFound { location: "there".to_owned() }));
    block_on(answer).unwrap().unwrap();
    let stored = stage.events.iter().rev().find_map(|event| match event {
        Event::Frame { stored, .. } => Some(*stored),
        _ => None,
    });
    assert_eq!(stored, Some(false));
    assert_eq!(stage.row(), [0.0; 4]);
}

#[test]
fn a_link_given_before_opening_is_where_the_session_opens() {
    let desk = Rc::new(RefCell::new(Desk::default()));
    let source = ByHand { inner: MemorySource::new(Made::of(100_000).objects()), desk: desk.clone() };
    let session = block_on(session::open(Rc::new(source), replayscope_session::Opening::default())).unwrap();
    let pool = LocalPool::new();
    let spawner = pool.spawner();
    let mut viewer = Viewer::default();
    viewer.apply_fragment("t=5.55&v=1&c=0.5,0.5,2");
    let spawn = move |future| spawner.spawn_local(future).unwrap();
    let platform = Platform::inline(Rc::new(spawn), || 0.0);
    let loader = Loader::new(session.arrays(), 1 << 20, platform, Rc::new(|_| ()));
    drop(viewer.install(session, "memory:".into(), loader));
    let mut pool = pool;
    pool.run_until_stalled();
    assert_eq!(desk.borrow().asked[0], "posterior/c/55/0");
    assert!(
        !desk.borrow().asked.contains(&"posterior/c/0/0".to_owned()),
        "frame 0 is not fetched on the way"
    );
    assert_eq!(viewer.state().camera.zoom, 2.0);
}

#[test]
fn bins_that_do_not_fit_the_environment_are_an_error_that_names_both() {
    let source = MemorySource::new(Made { bins: 7, ..Made::of(100) }.objects());
    let error = block_on(session::open(Rc::new(source), replayscope_session::Opening::default()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("`posterior` has 7 bins") && error.contains("has 4"), "{error}");
}

#[test]
fn a_document_of_a_newer_version_is_refused() {
    let document = json!({"version": 2, "time": "in another form"});
    let source = MemorySource::new(Made { document, ..Made::of(100) }.objects());
    let error = block_on(session::open(Rc::new(source), replayscope_session::Opening::default()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("version 2") && error.contains("reads version 1"), "{error}");
}

#[test]
fn opening_reads_metadata_and_coordinates_only() {
    let source = Rc::new(MemorySource::new(Made::of(100_000).objects()));
    block_on(session::open(source.clone(), replayscope_session::Opening::default())).unwrap();
    let keys: Vec<String> = source.reads().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["zarr.json", "bin_center_x/c/0", "bin_center_y/c/0"]);
}

#[test]
fn a_time_array_is_read_whole() {
    let times = [0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3_f64];
    let node = json!({"zarr_format": 3, "node_type": "array", "shape": [8], "data_type": "float64",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1]}}, "chunk_key_encoding": {"name": "default"},
        "fill_value": 0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "attributes": {}});
    let stamps =
        times.iter().enumerate().map(|(at, time)| (format!("time/c/{at}"), time.to_le_bytes().to_vec()));
    let node = ("time/zarr.json".to_owned(), node.to_string().into_bytes());
    let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new(stamps.chain([node])));
    let array = block_on(open_array(&source, "time")).unwrap();
    let axis = block_on(session::check_times(&array)).unwrap();
    assert_eq!((axis.frames(), axis.rate(), axis.time_of(4)), (8, None, 5.0));
}

#[test]
fn a_link_has_the_selection_as_times_are_written() {
    let mut document = document();
    document["time"] = json!({"start": 0.0013, "rate": 29.97});
    let stage = Stage::with(&Made { document, ..Made::of(1000) });
    let mut viewer = stage.viewer.borrow_mut();
    let [first, last] = [700, 777].map(|frame| 0.0013 + f64::from(frame) / 29.97);
    viewer.set_state(&Json::object([("selection", Json::from(&[first, last][..]))]));
    let link = viewer.fragment();
    assert!(link.contains("&sel=23.358,25.928"), "{link}");
    // What is no frame's time stays as it is.
    viewer.set_state(&Json::object([("selection", Json::from(&[23.4, 25.9][..]))]));
    assert!(viewer.fragment().contains("&sel=23.4,25.9"));
}
