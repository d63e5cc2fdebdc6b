//! The coordinator against a source that answers only when told to.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // a test that panics has failed, which is what it is for

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_executor::{LocalPool, block_on};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::task::LocalSpawnExt;
use replayscope::chunk::{Arrival, Loader};
use replayscope::session;
use replayscope::source::{ByteSource, MemorySource, SourceError, Span};
use replayscope::viewer::{Event, Layout, PlayOptions, SeekAnswer, Target, Viewer};
use serde_json::{Value, json};

const CHUNK: u64 = 10;

/// A session whose value at (frame, bin) is `frame * 100 + bin`, raw bytes, one object a chunk.
fn objects(frames: u64, bins: u64, document: &Value) -> BTreeMap<String, Vec<u8>> {
    let array = |shape: Value, chunk: Value, dtype: &str, names: Value| {
        json!({"zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype, "dimension_names": names,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": 0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "attributes": {}})
    };
    let group = json!({"zarr_format": 3, "node_type": "group", "attributes": {"units": "cm", "replayscope": document},
    "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": {
        "posterior": array(json!([frames, bins]), json!([CHUNK, bins]), "float32", json!(["time", "bin"])),
        "bin_center_x": array(json!([4]), json!([4]), "float64", json!(["bin"])),
        "bin_center_y": array(json!([4]), json!([4]), "float64", json!(["bin"])),
    }}});
    let mut objects = BTreeMap::new();
    objects.insert("zarr.json".to_owned(), group.to_string().into_bytes());
    let column = |values: [f64; 4]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    objects.insert("bin_center_x/c/0".to_owned(), column([0.0, 1.0, 0.0, 1.0]));
    objects.insert("bin_center_y/c/0".to_owned(), column([0.0, 0.0, 1.0, 1.0]));
    for chunk in 0..frames.div_ceil(CHUNK) {
        let values = (chunk * CHUNK..(chunk + 1) * CHUNK)
            .flat_map(|frame| (0..bins).map(move |bin| frame * 100 + bin));
        let bytes = values.flat_map(|value| (value as f32).to_le_bytes()).collect();
        objects.insert(format!("posterior/c/{chunk}/0"), bytes);
    }
    objects
}

fn document() -> Value {
    json!({"version": 1, "name": "test", "time": {"start": 0.0, "rate": 100.0}})
}

#[derive(Default)]
struct Desk {
    /// Reads waiting for an answer, in the order asked.
    open: Vec<(String, oneshot::Sender<Result<(), SourceError>>)>,
    asked: Vec<String>,
}

/// Metadata and coordinates come at once; chunks of the posterior when the test says so.
struct ByHand {
    inner: MemorySource,
    desk: Rc<RefCell<Desk>>,
}

impl ByteSource for ByHand {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        if !key.starts_with("posterior/c") {
            return self.inner.read(key, span);
        }
        let (send, receive) = oneshot::channel();
        self.desk.borrow_mut().asked.push(key.to_owned());
        self.desk.borrow_mut().open.push((key.to_owned(), send));
        async move {
            receive.await.expect("the test drops no answer")?;
            self.inner.read(key, span).await
        }
        .boxed_local()
    }
    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.inner.size(key)
    }
    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.inner.open(reference)
    }
    fn location(&self, key: &str) -> String {
        self.inner.location(key)
    }
}

struct Stage {
    viewer: Rc<RefCell<Viewer>>,
    desk: Rc<RefCell<Desk>>,
    pool: LocalPool,
    events: Vec<Event>,
    first: SeekAnswer,
}

impl Stage {
    fn new(frames: u64) -> Self {
        let desk = Rc::new(RefCell::new(Desk::default()));
        let source = ByHand { inner: MemorySource::new(objects(frames, 4, &document())), desk: desk.clone() };
        let session = block_on(session::open(Rc::new(source), None)).unwrap();
        let viewer = Rc::new(RefCell::new(Viewer::default()));
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        let arrived = {
            let viewer = viewer.clone();
            move |arrival: Arrival| viewer.borrow_mut().arrived(&arrival)
        };
        let spawn = move |future| spawner.spawn_local(future).unwrap();
        let loader = Loader::new(session.arrays(), 1 << 20, Rc::new(spawn), Rc::new(arrived));
        viewer.borrow_mut().resize(Layout { css: [100.0, 100.0], dpr: 1.0 });
        let (_, first) = viewer.borrow_mut().install(session, "memory:".to_owned(), loader);
        let mut stage = Self { viewer, desk, pool, events: Vec::new(), first };
        stage.settle();
        stage
    }

    /// Runs all tasks until they wait for the desk, then draws as an animation frame would.
    fn settle(&mut self) {
        self.pool.run_until_stalled();
        let mut viewer = self.viewer.borrow_mut();
        if let Some(drawing) = viewer.next_drawing() {
            viewer.presented(drawing.shot);
        }
        drop(viewer);
        self.pool.run_until_stalled();
        self.events.extend(self.viewer.borrow_mut().take_events());
    }

    /// Chunks asked for and neither answered nor aborted.
    fn waiting(&self) -> Vec<u64> {
        let desk = self.desk.borrow();
        let open = desk.open.iter().filter(|(_, send)| !send.is_canceled());
        open.map(|(key, _)| key.split('/').nth(2).unwrap().parse().unwrap()).collect()
    }

    fn answer(&mut self, chunk: u64, answer: Result<(), SourceError>) {
        let key = format!("posterior/c/{chunk}/0");
        let mut desk = self.desk.borrow_mut();
        let place = desk.open.iter().position(|(other, send)| *other == key && !send.is_canceled());
        let (_, send) = desk.open.remove(place.unwrap_or_else(|| panic!("chunk {chunk} was not asked for")));
        drop(desk);
        send.send(answer).unwrap();
        self.settle();
    }

    fn answer_all(&mut self) {
        while let Some(chunk) = self.waiting().first().copied() {
            self.answer(chunk, Ok(()));
        }
    }

    fn seek(&mut self, frame: u64) -> SeekAnswer {
        let answer = self.viewer.borrow_mut().seek(Target::Frame(frame as f64));
        self.settle();
        answer
    }

    fn tick(&mut self, now: f64) {
        self.viewer.borrow_mut().tick(now);
        self.settle();
    }

    /// The frames told to be on screen, with whether each was the one asked for.
    fn frames(&self) -> Vec<(u64, bool)> {
        let frame = |event: &Event| match event {
            Event::Frame { frame, exact, .. } => Some((*frame, *exact)),
            _ => None,
        };
        self.events.iter().filter_map(frame).collect()
    }

    /// The row on screen: what the GPU would be given.
    fn row(&self) -> Vec<f32> {
        let drawing = self.viewer.borrow().drawing_at([10, 10]);
        let (block, pass) = (&drawing.blocks[0], &drawing.picture.fields[0]);
        block.chunk.values.row(block.rows.start + pass.frames[0].rows.start as usize).to_vec()
    }
}

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
fn neighbours_follow_what_is_visible_and_never_outnumber_six() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    drop(stage.seek(555));
    let waiting = stage.waiting();
    assert_eq!(waiting[0], 55);
    assert!(waiting.contains(&54) && waiting.contains(&56) && waiting.len() <= 6, "{waiting:?}");
}

#[test]
fn playback_waits_for_data_says_so_and_loses_no_time() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.viewer.borrow_mut().play(10.0, &PlayOptions::default());
    stage.settle();
    stage.answer_all();
    // 100 Hz: 0.05 s later frame 5 is due.
    stage.tick(10.05);
    assert_eq!(stage.frames().last(), Some(&(5, true)));
    let _seek = stage.seek(700);
    stage.tick(10.06);
    assert!(stage.events.iter().any(|event| matches!(event, Event::Stall { waiting: true, frame: 700 })));
    stage.tick(13.0);
    assert_eq!(stage.frames().last(), Some(&(5, true)), "nothing is made up while waiting");
    stage.answer_all();
    stage.tick(14.0);
    assert!(stage.events.iter().any(|event| matches!(event, Event::Stall { waiting: false, .. })));
    stage.answer_all();
    stage.tick(14.02);
    assert_eq!(stage.frames().last(), Some(&(702, true)), "the wait does not count");
}

#[test]
fn playback_covers_every_frame_once_whatever_the_ticks_and_the_network() {
    for (backward, from) in [(false, 3_u64), (true, 993)] {
        let mut stage = Stage::new(1000);
        stage.answer_all();
        drop(stage.seek(from));
        stage.answer_all();
        let covered = |stage: &Stage| stage.viewer.borrow().counts().frames_covered;
        let before = covered(&stage);
        stage.events.clear();
        let options = PlayOptions { speed: Some(4.0), backward, ..PlayOptions::default() };
        stage.viewer.borrow_mut().play(10.0, &options);
        // 400 frames a second; ticks as they come, and chunks late.
        let mut now = 10.0;
        for step in [0.016, 0.017, 0.001, 0.1, 0.016, 0.3, 0.016, 0.05] {
            now += step;
            stage.tick(now);
            if step < 0.2 {
                stage.answer_all();
            }
        }
        stage.answer_all();
        stage.tick(now);
        let mut next = if backward { from - 1 } else { from + 1 };
        for event in &stage.events {
            let Event::Frame { frame, exact, frames, .. } = event else { continue };
            assert!(exact);
            let (first, after) = if backward {
                (frame + frames - 1, frame.wrapping_sub(1))
            } else {
                (frame + 1 - frames, frame + 1)
            };
            assert_eq!(first, next, "a frame was left out or came twice");
            next = after;
        }
        let elapsed = if backward { from - 1 - next } else { next - from - 1 };
        assert_eq!(covered(&stage) - before, elapsed);
        assert!(elapsed > 100, "{elapsed}");

        // Paused, the last frame stands alone.
        stage.viewer.borrow_mut().pause();
        stage.settle();
        let last = stage.events.iter().rev().find_map(|event| match event {
            Event::Frame { frame, frames, .. } => Some((*frame, *frames)),
            _ => None,
        });
        assert_eq!(last, Some((if backward { next + 1 } else { next - 1 }, 1)));
        assert_eq!(covered(&stage) - before, elapsed, "it is not counted again");
    }
}

#[test]
fn another_way_to_loop_goes_on_from_the_frame_on_screen() {
    let mut stage = Stage::new(100);
    stage.answer_all();
    drop(stage.seek(90));
    stage.answer_all();
    let options = PlayOptions { loop_mode: Some("bounce".to_owned()), ..PlayOptions::default() };
    stage.viewer.borrow_mut().play(10.0, &options);
    for step in 1..=30 {
        stage.tick(10.0 + f64::from(step) * 0.0101);
    }
    let &(back, _) = stage.frames().last().unwrap();
    assert!((70..90).contains(&back), "{back} is on the way back");
    stage.events.clear();
    stage.viewer.borrow_mut().set_state(&json!({"loop": "off"}).into());
    for step in 31..=35 {
        stage.tick(10.0 + f64::from(step) * 0.0101);
    }
    let frames: Vec<u64> = stage.frames().into_iter().map(|(frame, _)| frame).collect();
    let first = frames.iter().find(|frame| **frame != back);
    assert_eq!(first, Some(&(back + 1)), "{frames:?}");
    assert!(frames.is_sorted() && frames.len() > 3, "{frames:?}");
}

#[test]
fn a_chunk_that_failed_ahead_of_time_is_asked_for_again_when_playback_needs_it() {
    let mut stage = Stage::new(1000);
    stage.answer_all();
    stage.viewer.borrow_mut().play(10.0, &PlayOptions::default());
    stage.settle();
    let refused = SourceError::Forbidden { status: 403, location: "there".to_owned() };
    stage.answer(2, Err(refused));
    stage.answer_all();
    stage.tick(10.15);
    assert!(!stage.waiting().contains(&2));
    stage.tick(10.25);
    assert!(stage.waiting().contains(&2));
    assert!(
        !stage.events.iter().any(|event| matches!(event, Event::Error { .. })),
        "nobody has missed it yet"
    );
    stage.answer_all();
    stage.tick(10.26);
    assert!(stage.frames().last().unwrap().0 >= 25);
}

#[test]
fn a_page_that_slept_goes_on_where_it_was() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.viewer.borrow_mut().play(10.0, &PlayOptions::default());
    stage.tick(10.1);
    stage.answer_all();
    stage.tick(70.0);
    stage.tick(70.105);
    assert_eq!(stage.frames().last(), Some(&(20, true)));
}

#[test]
fn a_failed_chunk_is_told_once_and_asked_for_again_on_request() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let answer = stage.seek(700);
    let refused = SourceError::Forbidden { status: 403, location: "there".to_owned() };
    stage.answer(70, Err(refused));
    assert_eq!(block_on(answer).unwrap().unwrap_err().code(), "forbidden");
    let errors =
        |stage: &Stage| stage.events.iter().filter(|event| matches!(event, Event::Error { .. })).count();
    assert_eq!(errors(&stage), 1);
    assert!(!stage.waiting().contains(&70));
    stage.viewer.borrow_mut().retry();
    stage.settle();
    stage.answer(70, Ok(()));
    assert_eq!(stage.frames().last(), Some(&(700, true)));
    assert_eq!(errors(&stage), 1);
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
    let source = ByHand { inner: MemorySource::new(objects(100_000, 4, &document())), desk: desk.clone() };
    let session = block_on(session::open(Rc::new(source), None)).unwrap();
    let pool = LocalPool::new();
    let spawner = pool.spawner();
    let mut viewer = Viewer::default();
    viewer.apply_fragment("t=5.55&v=1&c=0.5,0.5,2");
    let spawn = move |future| spawner.spawn_local(future).unwrap();
    let loader = Loader::new(session.arrays(), 1 << 20, Rc::new(spawn), Rc::new(|_| ()));
    let _ = viewer.install(session, "memory:".to_owned(), loader);
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
    let source = MemorySource::new(objects(100, 7, &document()));
    let error = block_on(session::open(Rc::new(source), None)).unwrap_err().to_string();
    assert!(error.contains("`posterior` has 7 bins") && error.contains("has 4"), "{error}");
}

#[test]
fn a_document_of_a_newer_version_is_refused() {
    let source = MemorySource::new(objects(100, 4, &json!({"version": 2, "time": "in another form"})));
    let error = block_on(session::open(Rc::new(source), None)).unwrap_err().to_string();
    assert!(error.contains("version 2") && error.contains("reads version 1"), "{error}");
}

#[test]
fn opening_reads_metadata_and_coordinates_only() {
    let source = Rc::new(MemorySource::new(objects(100_000, 4, &document())));
    block_on(session::open(source.clone(), None)).unwrap();
    let keys: Vec<String> = source.reads().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["zarr.json", "bin_center_x/c/0", "bin_center_y/c/0"]);
}
