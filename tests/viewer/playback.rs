//! Playing: what is covered, what is waited for.

use futures_util::FutureExt;
use replayscope_viewer::{Event, Failure, Target};
use replayscope_zarr::source::SourceError;
use serde_json::json;

use crate::stage::PlayOptions;
use crate::stage::Stage;
#[test]
fn playback_waits_for_data_says_so_and_loses_no_time() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.play(10.0, &PlayOptions::default());
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
        stage.play(10.0, &options);
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

/// At frame 90 of 100.
fn near_the_end() -> Stage {
    let mut stage = Stage::new(100);
    stage.answer_all();
    drop(stage.seek(90));
    stage.answer_all();
    stage
}

fn bounce() -> PlayOptions {
    PlayOptions { loop_mode: Some("bounce".to_owned()), ..PlayOptions::default() }
}

#[test]
fn another_way_to_loop_goes_on_from_the_frame_on_screen() {
    let mut stage = near_the_end();
    stage.play(10.0, &bounce());
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

/// Playback can be paused and continued in the same direction.
#[test]
fn the_way_that_playback_runs_or_last_ran_is_known() {
    let mut stage = near_the_end();
    let forward = |stage: &Stage| stage.viewer.borrow().runs_forward();
    assert!(forward(&stage));
    stage.play(10.0, &bounce());
    stage.tick(10.05);
    assert!(forward(&stage));
    for step in 6..=30 {
        stage.tick(10.0 + f64::from(step) * 0.01);
    }
    assert!(!forward(&stage), "on the way back");
    stage.viewer.borrow_mut().pause();
    drop(stage.seek(50));
    stage.answer_all();
    assert!(!forward(&stage));
    stage.play(20.0, &PlayOptions { backward: true, ..PlayOptions::default() });
    stage.tick(20.05);
    assert!(!forward(&stage) && stage.frames().last().unwrap().0 < 50);
    stage.play(30.0, &PlayOptions::default());
    assert!(forward(&stage));
}

#[test]
fn a_chunk_that_failed_ahead_of_time_is_asked_for_again_when_playback_needs_it() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.play(10.0, &PlayOptions::default());
    stage.settle();
    let refused = SourceError::Forbidden { status: 403, location: "there".to_owned() };
    stage.answer(2, Err(refused));
    stage.answer_all();
    stage.tick(10.15);
    assert!(!stage.waiting().contains(&2));
    stage.tick(10.25);
    assert!(stage.waiting().contains(&2));
    assert!(!stage.events.iter().any(|event| matches!(event, Event::Error(_))), "the frame is not late yet");
    stage.answer_all();
    stage.tick(10.26);
    assert!(stage.frames().last().unwrap().0 >= 25);
}

#[test]
fn a_page_that_nobody_saw_goes_on_where_it_was() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.play(10.0, &PlayOptions::default());
    stage.tick(10.1);
    stage.answer_all();
    stage.viewer.borrow_mut().set_hidden(10.12, true);
    // Some browsers give a hidden page a picture now and then.
    stage.tick(11.5);
    stage.viewer.borrow_mut().set_hidden(70.0, false);
    stage.tick(70.085);
    assert_eq!(stage.frames().last(), Some(&(20, true)));
    assert_eq!(stage.viewer.borrow().counts().late_frames, 2, "those of 0.1 s, and not the hidden ones");
}

#[test]
fn pictures_slower_than_one_a_second_keep_the_time_on_the_wall() {
    for (seconds, speed) in [(1.5, 1.0), (3.0, 1.0), (4.9, 1.0), (20.0, 0.25), (0.9, 16.0)] {
        let mut stage = Stage::new(100_000);
        stage.answer_all();
        let options = PlayOptions { speed: Some(speed), ..PlayOptions::default() };
        stage.play(10.0, &options);
        let frames_in = |ticks: u32| (f64::from(ticks) * seconds * speed * 100.0 + 1e-6) as u64;
        for tick in 1..=8_u32 {
            // What a picture takes is asked for in one tick, comes before the next one, and is drawn by that.
            stage.tick(10.0 + f64::from(tick) * seconds);
            stage.arrive_all();
            let last = stage.frames().last().unwrap().0;
            // At first each has to wait for its data, then they are read ahead. At 16x pictures end at blocks of 16 frames.
            let waits = if tick < 5 { 2 } else { 0 };
            let at_least = frames_in(tick.saturating_sub(waits)).saturating_sub(16);
            assert!(
                last >= at_least && last <= frames_in(tick),
                "frame {last} at tick {tick} of {seconds} s, {speed}x"
            );
        }
    }
}

#[test]
fn a_page_that_stood_still_does_not_read_all_that_it_missed() {
    for (speed, at_most) in [(1.0, 500), (0.5, 500), (16.0, 1600)] {
        let mut stage = Stage::new(1_000_000);
        stage.answer_all();
        let options = PlayOptions { speed: Some(speed), ..PlayOptions::default() };
        stage.play(10.0, &options);
        stage.tick(3610.0);
        stage.answer_all();
        stage.tick(3610.0);
        let last = stage.frames().last().unwrap().0;
        assert!(last <= at_most && last > at_most / 2, "frame {last} at {speed}x");
    }
}

#[test]
fn without_anything_to_draw_with_playback_waits_and_a_seek_is_not_answered() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.play(10.0, &PlayOptions::default());
    stage.answer_all();
    stage.tick(10.05);
    stage.answer_all();
    let shown = stage.frames().len();
    stage.viewer.borrow_mut().set_drawable(10.06, false);
    stage.settle();
    assert!(!stage.viewer.borrow().wants_animation_frame(), "a loop would draw nothing");
    assert!(stage.events.iter().any(|event| matches!(event, Event::Stall { waiting: true, .. })));
    // Another speed, and a page that plays anew, wait as well.
    stage.viewer.borrow_mut().set_state(&json!({"loop": "all"}).into());
    stage.play(10.5, &PlayOptions::default());
    let mut answer = stage.seek(8);
    stage.answer_all();
    assert_eq!((&mut answer).now_or_never(), None, "nothing is on screen yet");
    assert_eq!(stage.frames().len(), shown);
    stage.viewer.borrow_mut().set_drawable(70.0, true);
    stage.settle();
    assert_eq!(stage.frames().last(), Some(&(8, true)));
    assert_eq!(answer.now_or_never().unwrap().unwrap().unwrap().frame, 8);
    assert!(stage.viewer.borrow().is_playing());
    stage.tick(70.055);
    assert_eq!(stage.frames().last(), Some(&(13, true)), "the wait does not count");
}

#[test]
fn a_picture_given_to_a_lost_device_answers_nobody() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    let viewer = stage.viewer.clone();
    let present = |frame: f64| {
        let answer = viewer.borrow_mut().seek(Target::Frame(frame));
        let drawing = viewer.borrow().next_drawing().unwrap();
        (answer, viewer.borrow_mut().presented(drawing.request).unwrap())
    };
    let (mut first, picture) = present(5.0);
    assert_eq!((&mut first).now_or_never(), None, "it is not known to be drawn");
    let (mut second, later) = present(6.0);
    viewer.borrow_mut().accepted(picture);
    assert_eq!((&mut second).now_or_never(), None, "that was the other one");
    assert_eq!(first.now_or_never().unwrap().unwrap().unwrap().frame, 5);
    let (mut third, latest) = present(7.0);
    // A device reports that it is lost before it reports later pictures.
    viewer.borrow_mut().set_drawable(10.0, false);
    for picture in [later, latest] {
        viewer.borrow_mut().accepted(picture);
    }
    assert!(second.now_or_never().unwrap().is_err(), "nothing will show it any more");
    assert_eq!((&mut third).now_or_never(), None);
    viewer.borrow_mut().set_drawable(11.0, true);
    stage.settle();
    assert_eq!(third.now_or_never().unwrap().unwrap().unwrap().frame, 7);
    assert_eq!(stage.frames().last(), Some(&(7, true)));
}

#[test]
fn what_cannot_be_drawn_is_told_once_and_answers_a_seek() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage.play(10.0, &PlayOptions::default());
    let answer = stage.viewer.borrow_mut().seek(Target::Frame(5.0));
    assert!(stage.viewer.borrow().next_drawing().is_some());
    let error = replayscope_render::Error::Canvas { reason: "it is gone".to_owned() }.into();
    stage.viewer.borrow_mut().not_presented(&error);
    let reported = answer.now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(reported.code(), "gpu");
    let viewer = stage.viewer.clone();
    assert!(!viewer.borrow().is_playing());
    assert!(viewer.borrow().next_drawing().is_none(), "not again and again");
    assert_eq!(stage.frames().last(), Some(&(0, true)));
    viewer.borrow_mut().retry();
    stage.settle();
    assert_eq!(stage.frames().last(), Some(&(5, true)));
    let errors =
        stage.events.iter().filter(|event| matches!(event, Event::Error(Failure { retry: true, .. })));
    assert_eq!(errors.count(), 1);
}

/// Plays at 60 pictures a second for so many seconds, with all data there at once; the frames shown, each with how many
/// it covers.
fn play(stage: &mut Stage, options: &PlayOptions, seconds: f64) -> Vec<(u64, u64)> {
    stage.answer_all();
    stage.play(10.0, options);
    stage.settle();
    stage.events.clear();
    for step in 1..=(seconds * 60.0) as u32 {
        stage.answer_all();
        stage.tick(10.0 + f64::from(step) / 60.0);
        stage.answer_all();
    }
    let frame = |event: &Event| match event {
        Event::Frame { frame, frames, exact: true, .. } => Some((*frame, *frames)),
        _ => None,
    };
    stage.events.iter().filter_map(frame).collect()
}

#[test]
fn the_selected_range_is_played_over_and_over() {
    for (backward, from) in [(false, 300), (true, 300), (false, 150), (true, 129)] {
        let mut stage = Stage::new(1000);
        stage.answer_all();
        drop(stage.seek(from));
        // Frames 120 to 179.
        stage.viewer.borrow_mut().set_state(&json!({"loop": "selection", "selection": [1.2, 1.795]}).into());
        let options = PlayOptions { backward, speed: Some(2.0), ..PlayOptions::default() };
        let shown = play(&mut stage, &options, 1.0);
        let (first, last) = if backward { (179_u64, 120) } else { (120, 179) };
        let after = |frame: u64| match (frame == last, backward) {
            (true, _) => first,
            (false, true) => frame - 1,
            (false, false) => frame + 1,
        };
        // Outside it begins at its start; inside, with the frame after the one on screen.
        let mut next = if from == 300 { first } else { after(from) };
        for &(frame, frames) in &shown {
            for step in 0..frames {
                let at_the_end = step + 1 == frames;
                assert_eq!(next == frame, at_the_end, "{frame} and {frames} at {next}: {shown:?}");
                next = after(next);
            }
        }
        let covered: u64 = shown.iter().map(|(_, frames)| frames).sum();
        assert!((195..=202).contains(&covered), "{covered} of 200 frames a second");
    }
}

#[test]
fn without_a_selection_such_a_loop_stops_at_the_end_and_one_outside_is_cut() {
    let mut stage = Stage::new(100);
    stage.viewer.borrow_mut().set_state(&json!({"loop": "selection"}).into());
    let shown = play(&mut stage, &PlayOptions::default(), 2.0);
    assert_eq!(shown.last().map(|(frame, _)| *frame), Some(99));
    assert!(!stage.viewer.borrow().is_playing());

    let mut set = |selection: [f64; 2]| {
        stage.events.clear();
        stage.viewer.borrow_mut().set_state(&json!({ "selection": selection }).into());
        stage.settle();
        let reported = stage.events.iter().any(|event| matches!(event, Event::Notice { .. }));
        (stage.viewer.borrow().state().selection, reported)
    };
    assert_eq!(set([0.25, 0.5]), (Some([0.25, 0.5]), false));
    assert_eq!(set([0.5, 7.0]), (Some([0.5, 1.0]), true));
    assert_eq!(set([5.0, 7.0]), (None, true));
}

#[test]
fn frame_by_frame_every_picture_is_the_next_frame_however_late() {
    for backward in [false, true] {
        let mut stage = Stage::new(100_000);
        stage.answer_all();
        drop(stage.seek(50_000));
        let pace = Some("frames".to_owned());
        let options = PlayOptions { backward, pace, speed: Some(4.0), ..PlayOptions::default() };
        let shown = play(&mut stage, &options, 0.5);
        let expected: Vec<(u64, u64)> =
            (1..=30).map(|step| (if backward { 50_000 - step } else { 50_000 + step }, 1)).collect();
        assert_eq!(shown, expected, "one a picture, though twelve frames went by in each");

        // Nothing is left out where data are late.
        stage.events.clear();
        let mut now = 10.6;
        while !stage.events.iter().any(|event| matches!(event, Event::Stall { waiting: true, .. })) {
            now += 1.0 / 60.0;
            stage.tick(now);
        }
        let last = stage.frames().last().unwrap().0;
        stage.tick(now + 0.5);
        stage.tick(now + 0.9);
        assert_eq!(stage.frames().last(), Some(&(last, true)), "it waits");
        stage.answer_all();
        stage.tick(now + 0.91);
        stage.tick(now + 0.93);
        let next = if backward { last - 1 } else { last + 1 };
        assert!(stage.frames().contains(&(next, true)), "{:?}", stage.frames());

        // Back to the time on the wall, from where it is.
        let at = stage.frames().last().unwrap().0;
        stage.viewer.borrow_mut().set_state(&json!({"pace": "time", "speed": 1}).into());
        stage.answer_all();
        stage.tick(now + 1.035);
        let frame = stage.frames().last().unwrap().0;
        // 10.5 frames on: within the tenth, or backwards within the eleventh before it.
        assert_eq!(frame.abs_diff(at), if backward { 11 } else { 10 });
    }
}

#[test]
fn frame_by_frame_a_slow_speed_is_kept() {
    let mut stage = Stage::new(1000);
    let options = PlayOptions { pace: Some("frames".to_owned()), speed: Some(0.1), ..PlayOptions::default() };
    let shown = play(&mut stage, &options, 1.0);
    assert!((10..=11).contains(&shown.len()), "10 frames a second: {shown:?}");
}
