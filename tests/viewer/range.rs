//! Colour limits while a session is on screen: when they are known, from what, and who has the last word.

use std::rc::Rc;

use futures_executor::block_on;
use replayscope_json::Json;
use replayscope_session::ChunkId;
use replayscope_session::colormap::value_of;
use replayscope_session::estimate_range;
use replayscope_session::range::{ColorRange, EstimateRequest, Method};
use replayscope_session::{Opening, open};
use replayscope_viewer::Error;
use replayscope_viewer::Event;
use replayscope_viewer::chunk::Priority;
use replayscope_zarr::array::Array;
use replayscope_zarr::source::{MemorySource, SourceError};
use serde_json::{Value, json};

use crate::stage::{Made, Stage};

/// Bytes of a chunk: ten frames of four float32 values.
const CHUNK: u64 = 160;

fn ranges(stage: &Stage) -> Vec<(bool, u64, u64)> {
    let range = |event: &Event| match event {
        Event::Range { chunks, bytes, is_final, .. } => Some((*is_final, *chunks, *bytes)),
        _ => None,
    };
    stage.events.iter().filter_map(range).collect()
}

fn range(stage: &Stage) -> ColorRange {
    stage.viewer.borrow().range(None).unwrap()
}

fn limits(stage: &Stage) -> [f64; 2] {
    let ColorRange { low, high, .. } = range(stage);
    [low, high]
}

fn patch(stage: &mut Stage, layer: &Value) {
    let mut layer = layer.clone();
    layer["name"] = json!("posterior");
    let patch = Json::from(json!({ "layers": [layer] }));
    stage.viewer.borrow_mut().set_state(&patch);
    stage.settle();
}

/// The same session's range, found by itself.
fn alone(made: &Made, request: EstimateRequest) -> ColorRange {
    let session = block_on(open(Rc::new(MemorySource::new(made.objects())), Opening::default())).unwrap();
    let array: Rc<Array> = session.fields[0].array.clone();
    let fetch = |chunk| {
        let array = array.clone();
        async move { Ok::<_, Error>(Rc::new(array.decode(&array.fetch(chunk).await?)?)) }
    };
    block_on(estimate_range(&session.fields[0], request, fetch)).unwrap()
}

#[test]
fn limits_come_with_the_first_chunk_are_refined_and_then_stay() {
    let made = Made::of(50_000);
    let mut stage = Stage::with(&made);
    assert_eq!((range(&stage).method, limits(&stage)), ("empty", [0.0, 1.0]));
    stage.answer(0, Ok(()));
    assert_eq!(ranges(&stage), [(false, 1, CHUNK)], "from what is on screen");
    assert_eq!((range(&stage).method, range(&stage).frames), ("subset", 10));
    stage.answer_all();
    let reported = ranges(&stage);
    let expected = [(false, 1, CHUNK), (true, 256, 256 * CHUNK)];
    assert_eq!(reported, expected, "colours move once: 256 of 5,000 small chunks, counted as they were read");
    let distinct: std::collections::BTreeSet<String> = stage.asked().into_iter().collect();
    assert_eq!(distinct.len(), stage.asked().len(), "none was fetched twice");
    // Those of the sample, the one on screen and its neighbour, as far as they are others.
    assert!((256..=258).contains(&distinct.len()), "{}", distinct.len());

    let found = range(&stage);
    let request = EstimateRequest { method: Method::Auto, seed: 0, user_limits: [None; 2] };
    assert_eq!(found, alone(&made, request), "as without a viewer");
    drop(stage.seek(30_000));
    stage.answer_all();
    assert_eq!((range(&stage), ranges(&stage).len()), (found, reported.len()), "frozen");
}

#[test]
fn a_link_brings_the_limits_that_its_sender_saw() {
    let made = Made::of(50_000);
    let mut sender = Stage::with(&made);
    drop(sender.seek(31_007));
    sender.answer_all();
    let mut early = Stage::with(&made);
    drop(early.seek(20_011));
    early.answer(2_001, Ok(()));
    for mut sender in [sender, early] {
        let seen = limits(&sender);
        let link = sender.viewer.borrow().fragment();
        assert!(link.contains(",auto") && link.contains("c:viridis"), "{link}");
        let mut other = Stage::with(&made);
        other.viewer.borrow_mut().apply_fragment(&link);
        other.settle();
        assert_eq!(limits(&other), seen, "before a chunk has come");
        other.answer_all();
        assert_eq!((limits(&other), range(&other).method), (seen, "link"), "and after all have");
        assert_eq!(other.viewer.borrow().fragment(), link, "passed on as it came");
        let state = |stage: &Stage| serde_json::to_value(stage.viewer.borrow().state()).unwrap();
        assert_eq!(state(&other)["layers"][0]["limits"], Value::Null, "estimated all the same");
        // An estimate is of this session.
        sender.answer_all();
        patch(&mut other, &json!({ "limits": null }));
        assert_eq!(limits(&other), limits(&sender));
    }
}

/// Levels that say the limits, as `pack` does.
fn storing(limits: Value) -> Made {
    Made { pools: vec![16], limits, ..Made::of(5_000) }
}

#[test]
fn limits_that_the_session_tells_are_there_at_once_and_stay() {
    let made = storing(
        json!({"method": "peaks", "low": 0, "high": 0.3, "lowest": 0, "highest": 499_903, "frames": 5_000}),
    );
    let mut stage = Stage::with(&made);
    let known = range(&stage);
    assert_eq!((limits(&stage), known.method, known.frames), ([0.0, 0.3], "peaks", 5_000));
    assert_eq!((known.chunks, known.bytes), (0, 0));
    stage.answer_all();
    assert_eq!(range(&stage), known, "whatever a sample would say");
    let reported = ranges(&stage);
    assert_eq!(reported, [(true, 0, 0)], "once, for the histogram");
    let histogram = stage.viewer.borrow().histogram(None, &[0.0, 1e9]).unwrap();
    assert!((histogram.sample[0] - 4.0 * 2_560.0).abs() < 1.0, "the sample's: {:?}", histogram.sample);

    // What the method would find is not looked for again; another sample is.
    let of = |method, given| alone(&made, EstimateRequest { method, seed: 3, user_limits: given });
    let peaks = Method::by_name("peaks").unwrap();
    for method in [Method::Auto, peaks] {
        assert_eq!(of(method, [None; 2]), ColorRange { seed: 3, ..known.clone() });
        assert_eq!(of(method, [None, Some(7.0)]).high.to_bits(), 7.0_f64.to_bits());
    }
    let fewer = peaks.with(Some(50), None, None, [None; 2]);
    for method in [fewer, Method::by_name("subset").unwrap(), Method::Exact] {
        assert!(of(method, [None; 2]).bytes > 0, "{method:?}");
    }
}

#[test]
fn what_says_no_limits_is_sampled() {
    for limits in [
        Value::Null,
        json!({"method": "peaks", "low": 0, "high": 0.3, "lowest": 0, "highest": 9}),
        json!({"method": "best", "low": 0, "high": 0.3, "lowest": 0, "highest": 9, "frames": 5_000}),
        json!({"method": "peaks", "low": 0, "high": null, "lowest": 0, "highest": 9, "frames": 5_000}),
        json!([0, 0.3]),
    ] {
        let mut stage = Stage::with(&storing(limits.clone()));
        stage.answer_all();
        assert_eq!((range(&stage).method, range(&stage).chunks), ("subset", 256), "{limits}");
    }
}

#[test]
fn a_sample_that_fails_in_part_ends_all_the_same() {
    let mut stage = Stage::with(&Made::of(500));
    stage.answer(0, Ok(()));
    let mut failed = 0;
    while let Some(chunk) = stage.waiting().first().copied() {
        let fails = chunk % 2 == 1;
        failed += u64::from(fails);
        let error = SourceError::Status { status: 404, retry_after: None, location: "memory:".to_owned() };
        stage.answer(chunk, if fails { Err(error) } else { Ok(()) });
    }
    assert!(failed > 10);
    let (is_final, chunks, _) = *ranges(&stage).last().unwrap();
    assert!(is_final && chunks == 25, "{chunks} chunks");
}

#[test]
fn the_user_has_the_last_word() {
    let mut stage = Stage::with(&Made::of(5_000));
    stage.answer(0, Ok(()));
    patch(&mut stage, &json!({"limits": [10, 20]}));
    assert_eq!((limits(&stage), range(&stage).method), ([10.0, 20.0], "given"));
    patch(&mut stage, &json!({"limits": [10, null]}));
    let early = limits(&stage);
    assert!(early[0].to_bits() == 10.0_f64.to_bits() && early[1] > 10.0);
    stage.answer_all();
    let found = limits(&stage);
    assert!(
        found[0].to_bits() == 10.0_f64.to_bits() && found[1] > early[1],
        "the other one is refined: {found:?}"
    );
    assert_eq!(range(&stage).method, "subset");
    patch(&mut stage, &json!({"limits": [0.1, 0.7]}));
    assert_eq!(limits(&stage), [0.1, 0.7], "to the last bit, not as float32");
    patch(&mut stage, &json!({"limits": null}));
    assert_eq!(limits(&stage)[1].to_bits(), found[1].to_bits());
}

#[test]
fn limits_from_what_is_on_screen() {
    let mut stage = Stage::with(&Made::of(5_000));
    stage.answer_all();
    drop(stage.seek(7));
    patch(&mut stage, &json!({"limits": "frame"}));
    assert_eq!((limits(&stage), range(&stage).method, range(&stage).frames), ([700.0, 703.0], "frame", 1));
    drop(stage.seek(3));
    assert_eq!(limits(&stage), [300.0, 303.0], "and on");
    let transfer = stage.viewer.borrow_mut().drawing_at([10, 10]).picture.fields[0].transfer;
    assert_eq!(transfer.limit_keys.map(value_of), [300.0, 303.0]);
    // About a centre.
    patch(&mut stage, &json!({"limits": [-1, 3], "center": 0}));
    assert_eq!(limits(&stage), [-3.0, 3.0]);
}

#[test]
fn histograms_count_the_sample_and_the_frame() {
    let mut stage = Stage::with(&Made::of(500));
    stage.answer_all();
    drop(stage.seek(2));
    let histogram = stage.viewer.borrow().histogram(None, &[0.0, 201.5, 1e9]).unwrap();
    assert_eq!(histogram.frame, [2.0, 2.0]);
    let [below, above] = histogram.sample[..] else { panic!() };
    // Frames 0, 1 and half of 2, to the step that shares a count.
    assert!((below - 10.0).abs() < 1.0 && (below + above - 2_000.0).abs() < 1.0, "{below} {above}");
    assert_eq!(stage.viewer.borrow().histogram(Some("none"), &[0.0, 1.0]), None);
}

#[test]
fn what_is_asked_for_in_the_background_waits_for_what_is_visible() {
    let mut stage = Stage::with(&Made::of(500));
    stage.answer_all();
    let loader = stage.viewer.borrow().loader().unwrap();
    loader.set_budget(0);
    drop(stage.seek(100));
    assert_eq!(stage.waiting(), [10]);
    let chunk = loader.chunk(ChunkId { array: 0, index: 40 }, Priority::Background);
    let mut chunk = Box::pin(chunk);
    assert!(futures_util::FutureExt::now_or_never(&mut chunk).is_none());
    stage.settle();
    assert_eq!(stage.waiting(), [10], "alone until it is there");
    stage.answer(10, Ok(()));
    assert!(stage.waiting().contains(&40));
    stage.answer(40, Ok(()));
    assert_eq!(block_on(chunk).unwrap().frames, 400..410);
}

#[test]
fn every_method_costs_what_it_says() {
    let made = Made::of(5_000);
    let of = |method| alone(&made, EstimateRequest { method, seed: 3, user_limits: [None; 2] });
    let exact = of(Method::Exact);
    assert_eq!((exact.low, exact.high, exact.chunks, exact.bytes), (0.0, 499_903.0, 500, 500 * CHUNK));
    let strided = of(Method::Strided { stride: Some(100) });
    assert_eq!((strided.high, strided.chunks, strided.frames), (490_003.0, 50, 50));
    let subset = of(Method::Subset { samples: 100, percentiles: [0.0, 100.0] });
    assert_eq!(subset.frames, 100);
    assert!(subset.chunks <= 100 && subset.bytes == subset.chunks * CHUNK);
    let other = alone(
        &made,
        EstimateRequest {
            method: Method::Subset { samples: 100, percentiles: [0.0, 100.0] },
            seed: 4,
            user_limits: [None; 2],
        },
    );
    assert_ne!((other.low, other.high), (subset.low, subset.high), "another seed, other frames");
    let given =
        alone(&made, EstimateRequest { method: Method::Exact, seed: 0, user_limits: [None, Some(7.0)] });
    assert_eq!((given.low, given.high), (0.0, 7.0));
}
