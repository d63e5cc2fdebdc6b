//! Pooled levels: something to see at once, and the same picture from fewer bytes at high speeds.

use replayscope_session::projection::Projection;
use replayscope_viewer::Event;
use replayscope_zarr::source::SourceError;
use serde_json::json;

use crate::stage::PlayOptions;
use crate::stage::{Made, Stage};

/// Values that no two frames share, in no order; some are NaN, and whole stretches of a bin are.
fn value(frame: u64, bin: u64) -> f32 {
    if frame % 7 == bin || (bin == 1 && (1000..1100).contains(&frame)) {
        return f32::NAN;
    }
    let hash = (frame * 4 + bin + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 40) as f32 - 8_000_000.0
}

fn made() -> Made {
    Made { value, pools: vec![16, 256], ..Made::of(20_000) }
}

/// The maxima of some frames, computed here.
fn maxima(frames: std::ops::Range<u64>) -> Vec<u32> {
    let of = |bin| Projection::Max.of(frames.clone().map(|frame| value(frame, bin)));
    (0..4).map(|bin| of(bin).to_bits()).collect()
}

fn bits(row: Vec<f32>) -> Vec<u32> {
    row.into_iter().map(f32::to_bits).collect()
}

/// Frame, exact, pooled.
fn last(stage: &Stage) -> (u64, bool, u64) {
    let reported = stage.events.iter().rev().find_map(|event| match event {
        Event::Frame { frame, exact, pooled, .. } => Some((*frame, *exact, *pooled)),
        _ => None,
    });
    reported.unwrap()
}

#[test]
fn a_scrub_shows_the_block_around_it_at_once_and_then_the_frame() {
    let mut stage = Stage::with(&made());
    stage.answer_all();
    drop(stage.seek(7783));
    assert_eq!(last(&stage), (7783, false, 256), "the coarsest level is in memory");
    assert_eq!(bits(stage.row()), maxima(7680..7936));
    let covered = stage.viewer.borrow().counts().frames_covered;
    assert_eq!(covered, 1, "a preview covers nothing");

    stage.answer(778, Ok(()));
    assert_eq!(last(&stage), (7783, true, 0));
    assert_eq!(bits(stage.row()), maxima(7783..7784));
    assert_eq!(stage.viewer.borrow().counts().frames_covered, 2);

    // Its surroundings come next, so that the next scrub near by shows a finer block.
    stage.answer_all();
    drop(stage.seek(7743));
    assert_eq!(last(&stage), (7743, false, 16));
    assert_eq!(bits(stage.row()), maxima(7728..7744));
}

#[test]
fn the_exact_frame_goes_before_every_block() {
    let mut stage = Stage::with(&made());
    let first: Vec<String> = stage.asked();
    assert_eq!(first[0], "posterior/c/0/0");
    stage.answer_all();
    let before = stage.asked().len();
    drop(stage.seek(15_010));
    assert_eq!(stage.asked()[before], "posterior/c/1501/0");
}

#[test]
fn a_block_that_is_not_stored_is_no_preview() {
    let mut stage = Stage::with(&made());
    stage.answer(0, Ok(()));
    let missing = || SourceError::NotFound { location: "there".to_owned() };
    while let Some(chunk) = stage.waiting_of("posterior_max/2").first().copied() {
        stage.answer_of("posterior_max/2", chunk, Err(missing()));
    }
    stage.answer_all();
    drop(stage.seek(7783));
    assert_eq!(last(&stage), (0, true, 0), "the last exact picture stays");
}

#[test]
fn a_level_that_does_not_fit_is_left_out_and_told() {
    let mut made = made();
    let objects = made.objects();
    let group = String::from_utf8(objects["zarr.json"].clone()).unwrap();
    made.pools = vec![16, 250];
    let other = String::from_utf8(made.objects()["zarr.json"].clone()).unwrap();
    // 250 is no multiple of 16; blocks of 200 frames are more than there are.
    let wrong = group.replace("\"frames\":256", "\"frames\":200");
    for (group, notes, levels) in [(group, 0, 2), (other, 0, 1), (wrong, 1, 1)] {
        let mut objects = made.objects();
        objects.insert("zarr.json".to_owned(), group.into_bytes());
        let source = std::rc::Rc::new(replayscope_zarr::source::MemorySource::new(objects));
        let session = futures_executor::block_on(replayscope_session::open(
            source,
            replayscope_session::Opening::default(),
        ))
        .unwrap();
        assert_eq!(
            (session.notes.len(), session.fields[0].levels.len()),
            (notes, levels),
            "{:?}",
            session.notes
        );
        assert_eq!(session.fields.len(), 1, "a level is no field");
    }
}

#[test]
fn high_speeds_show_the_same_pictures_from_blocks() {
    // 100 Hz × 16 / 60 pictures: 26 frames a picture, so blocks of 16.
    for backward in [false, true] {
        let mut stage = Stage::with(&made());
        stage.answer_all();
        let from = if backward { 15_003 } else { 1003 };
        drop(stage.seek(from));
        stage.answer_all();
        let asked = stage.asked().len();
        stage.events.clear();
        let options = PlayOptions { speed: Some(16.0), backward, ..PlayOptions::default() };
        stage.play(10.0, &options);
        stage.settle();
        let (mut pooled, mut next) = (0, if backward { from - 1 } else { from + 1 });
        for step in 1..=120 {
            stage.answer_all();
            stage.events.clear();
            stage.tick(10.0 + f64::from(step) / 60.0 + if step % 7 == 0 { 0.012 } else { 0.0 });
            stage.answer_all();
            let shown = stage.events.iter().find_map(|event| match event {
                Event::Frame { frame, frames, exact: true, pooled: 0, .. } => Some((*frame, *frames)),
                _ => None,
            });
            let Some((frame, frames)) = shown else { continue };
            let covers = if backward { frame..frame + frames } else { frame + 1 - frames..frame + 1 };
            assert_eq!(if backward { covers.end - 1 } else { covers.start }, next, "none lost, none twice");
            next = if backward { covers.start - 1 } else { covers.end };
            assert_eq!(bits(stage.row()), maxima(covers));
            pooled += u32::from(stage.rows() < frames as usize);
        }
        assert!(pooled > 80, "{pooled} of 120 pictures from blocks");
        let elapsed = next.abs_diff(from);
        assert!(elapsed > 3100, "{elapsed} frames in two seconds");
        // 3200 frames are 320 chunks of the field, and 20 of its first level.
        let chunks = stage.asked().len() - asked;
        assert!(chunks < 40, "{chunks} requests");
    }
}

#[test]
fn other_projections_and_speeds_read_the_frames_themselves() {
    for (speed, projection, from_blocks) in [(16.0, "max", true), (16.0, "mean", false), (4.0, "max", false)]
    {
        let mut stage = Stage::with(&made());
        stage.answer_all();
        let options = PlayOptions {
            speed: Some(speed),
            projection: Some(projection.to_owned()),
            ..PlayOptions::default()
        };
        stage.play(10.0, &options);
        for step in 1..=30 {
            stage.answer_all();
            stage.tick(10.0 + f64::from(step) / 60.0);
        }
        stage.answer_all();
        let frames = stage.events.iter().rev().find_map(|event| match event {
            Event::Frame { frames, .. } => Some(*frames as usize),
            _ => None,
        });
        assert_eq!(stage.rows() < frames.unwrap(), from_blocks, "{speed} {projection}");
    }
}

#[test]
fn paused_at_a_high_speed_the_last_frame_comes_alone() {
    let mut stage = Stage::with(&made());
    stage.answer_all();
    stage.play(10.0, &PlayOptions { speed: Some(16.0), ..PlayOptions::default() });
    for step in 1..=58 {
        stage.answer_all();
        stage.tick(10.0 + f64::from(step) / 60.0);
    }
    stage.answer_all();
    let covered = stage.viewer.borrow().counts().frames_covered;
    stage.viewer.borrow_mut().pause();
    stage.settle();
    let frame = last(&stage).0;
    assert!(!last(&stage).1 && last(&stage).2 > 0, "its chunk was never read: a block stands in");
    stage.answer_all();
    assert_eq!(last(&stage), (frame, true, 0));
    assert_eq!(bits(stage.row()), maxima(frame..frame + 1));
    assert_eq!(stage.viewer.borrow().counts().frames_covered, covered, "it was covered already");
    stage.viewer.borrow_mut().set_state(&json!({"projection": "min"}).into());
    stage.settle();
    assert_eq!(last(&stage).0, frame);
}
