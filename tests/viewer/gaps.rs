//! Stretches without frames, and times that are not known all at once.

use std::rc::Rc;

use futures_executor::block_on;
use replayscope_session::{Opening, TimeAxis, check_times, open};
use replayscope_viewer::Event;
use replayscope_zarr::source::MemorySource;
use serde_json::json;

use crate::stage::PlayOptions;
use crate::stage::{Made, Stage};

/// 100 Hz, with ten seconds without frames after frame 49.
fn two_epochs() -> Stage {
    let times =
        (0..100).map(|frame| f64::from(frame) / 100.0 + if frame < 50 { 0.0 } else { 10.0 }).collect();
    let document = json!({"version": 1, "name": "test"});
    let mut stage = Stage::with(&Made { document, times: Some((times, 100)), ..Made::of(100) });
    stage.answer_all();
    stage
}

/// The frame on screen after each of so many hundredths of a second of playback.
fn played(stage: &mut Stage, from: u64, ticks: u32, options: &PlayOptions) -> Vec<u64> {
    drop(stage.seek(from));
    stage.answer_all();
    stage.play(20.0, options);
    (1..=ticks)
        .map(|tick| {
            stage.tick(20.0 + f64::from(tick) / 100.0 + 5e-3);
            stage.answer_all();
            stage.frames().last().unwrap().0
        })
        .collect()
}

#[test]
fn a_gap_is_waited_out_or_skipped() {
    let backward = PlayOptions { backward: true, ..PlayOptions::default() };
    let mut stage = two_epochs();
    assert_eq!(played(&mut stage, 47, 6, &PlayOptions::default()), [48, 49, 49, 49, 49, 49]);
    stage.viewer.borrow_mut().pause();
    stage.viewer.borrow_mut().set_state(&json!({"gaps": "skip"}).into());
    assert_eq!(played(&mut stage, 47, 6, &PlayOptions::default()), [48, 49, 50, 51, 52, 53]);
    stage.viewer.borrow_mut().pause();
    let back = played(&mut stage, 52, 6, &backward);
    assert_eq!(back[..2], [50, 49], "half a period before frame 51 begins, backwards");
    assert!(back.windows(2).all(|pair| pair[0] - pair[1] <= 1) && back[5] <= 48, "{back:?}");
}

#[test]
fn looping_back_and_forth_goes_on_over_a_skipped_gap() {
    let mut stage = two_epochs();
    stage.viewer.borrow_mut().set_state(&json!({"gaps": "skip", "loop": "bounce"}).into());
    let played = played(&mut stage, 90, 100, &PlayOptions::default());
    // Ten frames to the end, and back over the gap.
    let top = played.iter().position(|frame| *frame == 99).unwrap();
    assert!(top <= 11, "{played:?}");
    assert!(played[top..].windows(2).all(|pair| pair[0] - pair[1] <= 1), "{played:?}");
    assert!((0..50).contains(played.last().unwrap()), "{played:?}");
}

#[test]
fn frame_by_frame_a_gap_takes_its_time_or_none() {
    let options = PlayOptions { pace: Some("frames".to_owned()), ..PlayOptions::default() };
    let mut stage = two_epochs();
    assert_eq!(played(&mut stage, 48, 20, &options).last(), Some(&49));
    stage.viewer.borrow_mut().pause();
    stage.viewer.borrow_mut().set_state(&json!({"gaps": "skip"}).into());
    assert!(played(&mut stage, 48, 20, &options).last() > Some(&60));
}

/// So many stamps that they are not read at once: irregular, in chunks of 4,096.
fn long() -> (Vec<f64>, Rc<MemorySource>) {
    let times: Vec<f64> =
        (0..200_000).map(|frame| 3.0 + f64::from(frame) / 500.0 + f64::from(frame % 7) * 1e-4).collect();
    let document = json!({"version": 1, "name": "test"});
    let made = Made { document, times: Some((times.clone(), 4096)), ..Made::of(200_000) };
    (times, Rc::new(MemorySource::new(made.objects())))
}

fn stamps_read(source: &MemorySource) -> usize {
    source.reads().iter().filter(|(key, _)| key.starts_with("time/c/")).count()
}

#[test]
fn a_long_irregular_axis_opens_from_its_ends_and_is_exact_where_the_link_points() {
    let (times, source) = long();
    let session = block_on(open(source.clone(), Opening::default())).unwrap();
    assert_eq!(stamps_read(&source), 2, "the ends");
    assert!(!session.time.is_whole() && session.unchecked_time.is_some());
    assert_eq!(session.time.time_of(0), times[0]);

    let (times, source) = long();
    let at = times[123_456];
    let session = block_on(open(source.clone(), Opening { at: Some(at), ..Opening::default() })).unwrap();
    let reads = stamps_read(&source);
    assert!(reads <= 2 + 6, "49 chunks, halved six times: {reads}");
    assert_eq!(session.time.frame_at(at), 123_456);
    assert_eq!(session.time.time_of(123_456), at);
    // Elsewhere it is an estimate, and in order.
    let reported: Vec<f64> = (0..200_000).step_by(997).map(|frame| session.time.time_of(frame)).collect();
    assert!(reported.is_sorted());

    let whole = block_on(check_times(&session.unchecked_time.unwrap())).unwrap();
    assert_eq!(whole, TimeAxis::from_times(times).unwrap());
}

#[test]
fn the_first_bad_stamp_of_a_long_axis_is_named_once_it_is_read() {
    let (mut times, _) = long();
    times[70_000] = times[69_000];
    let document = json!({"version": 1, "name": "test"});
    let made = Made { document, times: Some((times, 4096)), ..Made::of(200_000) };
    let session = block_on(open(Rc::new(MemorySource::new(made.objects())), Opening::default())).unwrap();
    let error = block_on(check_times(&session.unchecked_time.unwrap())).unwrap_err().to_string();
    assert!(error.contains("time[70000]"), "{error}");
}

#[test]
fn once_all_stamps_are_known_the_session_is_told_again_with_its_gaps() {
    let mut stage = two_epochs();
    let reported = |stage: &Stage| {
        stage.events.iter().rev().find_map(|event| match event {
            Event::Open(info) => Some(info.clone()),
            _ => None,
        })
    };
    let info = reported(&stage).unwrap();
    assert_eq!((info.gaps.len(), info.local), (1, false));
    assert!((info.gaps[0][0] - 0.5).abs() < 1e-9 && (info.gaps[0][1] - 10.5).abs() < 1e-9, "{:?}", info.gaps);
    let regular = TimeAxis::regular(0.0, 100.0, 100).unwrap();
    stage.viewer.borrow_mut().replace_time(regular);
    stage.settle();
    assert_eq!(reported(&stage).unwrap().gaps.len(), 0);
}
