//! What is asked for, in which order, what is dropped, and what stays in memory.

use crate::stage::PlayOptions;
use crate::stage::{Made, Stage};

/// Bytes of a chunk: ten frames of four float32 values.
const CHUNK: u64 = 160;

#[test]
fn what_is_superseded_is_dropped() {
    let mut stage = Stage::with(&Made { pools: vec![16, 256], ..Made::of(50_000) });
    stage.answer_all();
    drop(stage.seek(30_000));
    stage.answer(3000, Ok(()));
    assert_eq!(stage.waiting(), [3001, 2999]);
    drop(stage.seek(40_000));
    assert_eq!(stage.waiting(), [4000], "neither its neighbours nor anything else goes on");
    drop(stage.seek(20_000));
    assert_eq!(stage.waiting(), [2000]);
}

#[test]
fn what_is_visible_then_beside_it_then_blocks_and_samples() {
    let mut stage = Stage::with(&Made { pools: vec![16, 256], ..Made::of(50_000) });
    assert_eq!(stage.asked(), ["posterior/c/0/0"], "alone until it is there");
    stage.answer_all();
    let before = stage.asked().len();
    drop(stage.seek(30_000));
    assert_eq!(stage.asked()[before..], ["posterior/c/3000/0"], "alone until it is there");
    stage.answer(3000, Ok(()));
    let asked = &stage.asked()[before..];
    assert_eq!(asked[1..3], ["posterior/c/3001/0", "posterior/c/2999/0"], "two beside it at a time");
    stage.answer(3001, Ok(()));
    assert_eq!(stage.asked().last().unwrap(), "posterior_max/1/c/187/0");
}

#[test]
fn playback_reads_ahead_in_its_direction_for_a_second_or_three_chunks() {
    for (backward, from) in [(false, 50_000_u64), (true, 50_009)] {
        let mut stage = Stage::new(150_000);
        stage.answer_all();
        drop(stage.seek(from));
        stage.answer_all();
        let before = stage.asked().len();
        stage.play(10.0, &PlayOptions { backward, ..PlayOptions::default() });
        stage.settle();
        stage.answer_all();
        let asked: Vec<u64> = stage.asked()[before..]
            .iter()
            .map(|key| key.split('/').nth(2).unwrap().parse().unwrap())
            .collect();
        // A second is ten chunks, of which the first was there as a neighbour.
        let expected: Vec<u64> =
            (2..=10).map(|step| if backward { 5000 - step } else { 5000 + step }).collect();
        assert_eq!(asked, expected);
    }
}

#[test]
fn a_selection_is_read_round_its_end() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage
        .viewer
        .borrow_mut()
        .set_state(&serde_json::json!({"loop": "selection", "selection": [500.0, 500.35]}).into());
    drop(stage.seek(50_020));
    stage.answer_all();
    let before = stage.asked().len();
    stage.play(10.0, &PlayOptions::default());
    stage.settle();
    stage.answer_all();
    let asked = &stage.asked()[before..];
    assert_eq!(
        asked,
        ["posterior/c/5000/0"],
        "the rest of it was there as neighbours, and beyond it nothing is of use"
    );
}

#[test]
fn a_seek_out_of_the_selection_reads_ahead_where_it_goes_on() {
    let mut stage = Stage::new(100_000);
    stage.answer_all();
    stage
        .viewer
        .borrow_mut()
        .set_state(&serde_json::json!({"loop": "selection", "selection": [500.0, 500.35]}).into());
    let before = stage.asked().len();
    stage.play(10.0, &PlayOptions::default());
    drop(stage.seek(99_999));
    stage.answer_all();
    let asked = &stage.asked()[before..];
    assert!(asked.iter().any(|key| key == "posterior/c/5000/0"), "{asked:?}");
}

#[test]
fn the_budget_holds_and_what_is_shown_stays() {
    let budget = 40 * CHUNK;
    let mut stage = Stage::with(&Made { budget, pools: vec![16, 256], ..Made::of(100_000) });
    stage.answer_all();
    let loader = stage.viewer.borrow().loader().unwrap();
    for place in 0..200_u64 {
        let frame = place * 7919 % 100_000;
        let answer = stage.seek(frame);
        while let Some(chunk) = stage.waiting().first().copied() {
            stage.answer(chunk, Ok(()));
            assert!(loader.bytes() <= budget + CHUNK, "{} of {budget} bytes", loader.bytes());
        }
        stage.answer_all();
        assert_eq!(futures_executor::block_on(answer).unwrap().unwrap().frame, frame);
        assert_eq!(stage.row()[0].to_bits(), ((frame * 100) as f32).to_bits());
        assert!(loader.bytes() <= budget + CHUNK, "{} of {budget} bytes", loader.bytes());
    }
    // The blocks of the coarsest level that it has a place for are there still.
    let levels = loader.resident().iter().filter(|id| id.array == 2).count();
    assert!(levels >= 10, "{levels} chunks: a quarter of the budget is theirs");
    loader.set_budget(20 * CHUNK);
    assert!(loader.bytes() <= 20 * CHUNK);
}
