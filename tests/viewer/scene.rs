//! What is drawn with the bins: where it is, and what is found under a pixel.

use replayscope_render::Picture;
use replayscope_viewer::{CanvasSize, Event, Viewer};
use serde_json::{Value, json};

use super::stage::{Made, Stage, document};

/// A track of two edges of two bins each, 5 apart side by side, with two regions.
fn track() -> Made {
    let environment = json!({
        "schema_version": "Environment-v1", "layout_type": "Graph", "n_dims": 2, "n_bins": 4, "units": "cm",
        "bin_centers": [[1, 0], [3, 0], [4, 1], [4, 3]],
        "layout_parameters": {"edge_order": [[0, 1], [1, "end"]], "edge_spacing": 5.0, "bin_size": 2.0,
            "graph_definition": {"nodes": [{"id": 0, "pos": [0, 0]}, {"id": 1, "pos": [4, 0]}, {"id": "end", "pos": [4, 4]}]}},
        "regions": [
            {"name": "goal", "kind": "point", "geom": [4, 3.5], "metadata": {"color": "#ff0000"}},
            {"name": "posterior", "kind": "polygon",
             "geom": {"type": "Polygon", "coordinates": [[[0, -1], [2, -1], [2, 1], [0, 1], [0, -1]]]}},
        ],
    });
    let mut document = document();
    document["environment"] = environment;
    Made { document, centers: [[1.0, 3.0, 4.0, 4.0], [0.0, 0.0, 1.0, 3.0]], ..Made::of(20) }
}

fn stage() -> Stage {
    let mut stage = Stage::with(&track());
    stage.answer_all();
    stage
}

fn set(stage: &mut Stage, patch: Value) {
    stage.viewer.borrow_mut().set_state(&patch.into());
    stage.settle();
}

fn picture(stage: &Stage) -> Picture {
    stage.viewer.borrow_mut().drawing_at([100, 100]).picture
}

/// A pan moves a place with the pointer, and a zoom keeps the place under it, to so many units of x and y.
fn follows_the_hand(viewer: &mut Viewer, place: [f64; 2], within: [f64; 2]) {
    let rotation = viewer.state().camera.rotation;
    let before = viewer.project(place, Some([100, 100]));
    viewer.pan(7.0, -3.0);
    let after = viewer.project(place, Some([100, 100]));
    assert!(
        (after[0] - before[0] - 7.0).abs() < 1e-9 && (after[1] - before[1] + 3.0).abs() < 1e-9,
        "{rotation}"
    );
    let fixed = viewer.probe(20.0, 30.0).unwrap();
    viewer.zoom(1.7, 20.0, 30.0);
    let still = viewer.probe(20.0, 30.0).unwrap();
    assert!((fixed.x - still.x).abs() < within[0] && (fixed.y - still.y).abs() < within[1], "{rotation}");
}

#[test]
fn what_is_under_a_pixel_is_where_it_is_drawn() {
    let mut stage = stage();
    for rotation in [0, 90, 180, 270] {
        for linearised in [false, true] {
            set(&mut stage, json!({"scene": {"linearised": linearised}, "camera": {"rotation": rotation}}));
            let mut viewer = stage.viewer.borrow_mut();
            viewer.resize(CanvasSize { css: [160.0, 90.0], dpr: 2.0 });
            for bin in 0..4 {
                let center = viewer.bin(bin).unwrap().center;
                let [x, y] = viewer.project(center, Some([320, 180])).map(|pixel| pixel / 2.0);
                let probe = viewer.probe(x, y).unwrap();
                assert_eq!((probe.bin, probe.center), (Some(bin), Some(center)), "{rotation} {linearised}");
                assert_eq!(probe.value, Some(bin as f32));
                assert_eq!(viewer.bin_at(center[0], center[1]), Some(bin));
                assert!((probe.x - center[0]).abs() < 1e-9 && (probe.y - center[1]).abs() < 1e-9);
                // All of it is in the picture.
                for corner in viewer.polygon(bin) {
                    let [x, y] = viewer.project(corner, Some([320, 180]));
                    assert!(
                        (0.0..=320.0).contains(&x) && (0.0..=180.0).contains(&y),
                        "{rotation} {linearised}"
                    );
                }
            }
        }
    }
}

/// A canvas of more pixels than any device draws is drawn smaller, in both directions alike.
#[test]
fn what_is_under_a_pixel_of_a_canvas_beyond_the_limit_is_where_it_is_drawn() {
    let stage = stage();
    let mut viewer = stage.viewer.borrow_mut();
    for (css, dpr) in [([10_000.0, 600.0], 1.0), ([300.0, 5_000.0], 2.0), ([9_000.0, 9_000.0], 3.0)] {
        viewer.resize(CanvasSize { css, dpr });
        let size = viewer.canvas_size().device();
        assert_eq!(size.iter().max(), Some(&8192), "{css:?}");
        let drawn = [0, 1].map(|axis| f64::from(size[axis]) / css[axis]);
        let shorter = f64::from(size[0].min(size[1]));
        assert!((drawn[0] / drawn[1] - 1.0).abs() < 0.6 / shorter, "1:1 but for half a pixel: {drawn:?}");
        for bin in 0..4 {
            let center = viewer.bin(bin).unwrap().center;
            let pixel = viewer.project(center, Some(size));
            // Where the browser shows that pixel: the canvas's CSS size is the layout's.
            let [x, y] = [0, 1].map(|axis| pixel[axis] / drawn[axis]);
            let probe = viewer.probe(x, y).unwrap();
            assert_eq!(probe.bin, Some(bin), "{css:?}");
            let next = viewer.probe(x + 1.0, y + 1.0).unwrap();
            let tolerance = (next.x - probe.x).abs();
            assert!(
                (probe.x - center[0]).abs() < tolerance && (probe.y - center[1]).abs() < tolerance,
                "{css:?}: {probe:?}"
            );
        }
    }
    // Sizes on the screen are by what is drawn in a CSS pixel, too.
    viewer.resize(CanvasSize { css: [8192.0, 100.0], dpr: 2.0 });
    assert_eq!((viewer.canvas_size().device(), viewer.canvas_size().scale()), ([8192, 100], 1.0));
}

#[test]
fn each_axis_fits_the_picture_by_itself_where_that_is_asked_for() {
    // 10,000 units of x and one of y: at one scale for both it is a line thinner than a pixel.
    let centers = [[0.0, 1e4, 0.0, 1e4], [0.0, 0.0, 1.0, 1.0]];
    let mut stage = Stage::with(&Made { centers, ..Made::of(20) });
    stage.answer_all();
    let height = |stage: &Stage| {
        let viewer = stage.viewer.borrow();
        let y = |bin: usize| viewer.project(viewer.bin(bin).unwrap().center, Some([100, 100]))[1];
        y(0) - y(2)
    };
    assert!(height(&stage) < 0.01, "{}", height(&stage));
    set(&mut stage, json!({"scene": {"fitAxes": true}}));
    assert!(height(&stage) > 40.0, "{}", height(&stage));
    for rotation in [0, 90, 180, 270] {
        set(&mut stage, json!({"camera": {"rotation": rotation, "zoom": 1.5}}));
        let mut viewer = stage.viewer.borrow_mut();
        for bin in 0..4 {
            let center = viewer.bin(bin).unwrap().center;
            let [x, y] = viewer.project(center, Some([100, 100]));
            let probe = viewer.probe(x, y).unwrap();
            assert_eq!(probe.bin, Some(bin), "{rotation}");
        }
        follows_the_hand(&mut viewer, [5e3, 0.5], [1e-6, 1e-9]);
        viewer.reset_view();
    }
}

#[test]
fn zooming_out_ends_where_the_whole_fits_and_panning_where_its_edge_is() {
    let mut stage = stage();
    let mut viewer = stage.viewer.borrow_mut();
    for _ in 0..20 {
        viewer.zoom(0.7, 20.0, 30.0);
    }
    assert_eq!(viewer.state().camera.zoom, 1.0);
    let events = viewer.take_events();
    assert!(
        !events.iter().any(|event| matches!(event, Event::Notice { .. })),
        "a hand is not reported of its every step"
    );
    for (dx, dy) in [(1e9, 1e9), (-1e9, -1e9)] {
        viewer.zoom(3.0, 50.0, 50.0);
        viewer.pan(dx, dy);
        let corners: Vec<[f64; 2]> = (0..4).flat_map(|bin| viewer.polygon(bin)).collect();
        let pixels = corners.into_iter().map(|corner| viewer.project(corner, Some([100, 100])));
        let seen = |axis: usize| pixels.clone().any(|pixel| (0.0..=100.0).contains(&pixel[axis]));
        assert!(seen(0) && seen(1), "an edge stays in view: {:?}", viewer.state().camera);
    }
    drop(viewer);
    stage.settle();
}

#[test]
fn a_picture_of_another_size_is_what_places_are_projected_to() {
    let stage = stage();
    let mut viewer = stage.viewer.borrow_mut();
    assert_eq!(viewer.project([2.0, 2.0], None), viewer.project([2.0, 2.0], Some([100, 100])));
    viewer.drawing_at([300, 200]);
    assert_eq!(viewer.project([2.0, 2.0], None), viewer.project([2.0, 2.0], Some([300, 200])));
}

#[test]
fn panning_moves_the_picture_with_the_pointer_however_it_is_turned() {
    let mut stage = stage();
    for rotation in [0, 90, 180, 270] {
        set(&mut stage, json!({"camera": {"rotation": rotation, "zoom": 3}}));
        let mut viewer = stage.viewer.borrow_mut();
        follows_the_hand(&mut viewer, [1.0, 2.0], [1e-9; 2]);
        viewer.reset_view();
        assert_eq!(viewer.state().camera.rotation, rotation, "a turned track stays turned");
    }
}

#[test]
fn regions_are_drawn_where_they_are_and_named_under_the_pointer() {
    let mut stage = stage();
    let info = stage.events.iter().find_map(|event| match event {
        Event::Open(info) => Some(info.clone()),
        _ => None,
    });
    let regions: Vec<_> =
        info.unwrap().regions.into_iter().map(|region| (region.name, region.kind, region.color)).collect();
    // Layers are identified by name, and a field has this one.
    let expected = [("goal", "point", "#ff0000"), ("posterior (2)", "polygon", "#56b4e9")];
    assert_eq!(regions, expected.map(|(name, kind, color)| (name.to_owned(), kind, color.to_owned())));

    let drawn = picture(&stage);
    assert_eq!(drawn.fills.iter().map(|fill| (fill.region, fill.color[3])).collect::<Vec<_>>(), [(1, 77)]);
    assert_eq!(drawn.overlays[0].dot, Some([4.0, 3.5]));
    assert_eq!(drawn.overlays[1].trail.len(), 5, "around and back");
    let named = |stage: &Stage, place: [f64; 2]| {
        let viewer = stage.viewer.borrow();
        let [x, y] = viewer.project(place, Some([100, 100]));
        viewer.probe(x, y).unwrap().regions
    };
    assert_eq!(named(&stage, [1.0, 0.5]), ["posterior (2)"]);
    assert_eq!(named(&stage, [4.05, 3.5]), ["goal"]);
    assert_eq!(named(&stage, [3.0, 0.5]), Vec::<String>::new());

    set(&mut stage, json!({"layers": [{"name": "posterior (2)", "visible": false}]}));
    assert_eq!(picture(&stage).fills.len(), 0);
    assert_eq!(named(&stage, [1.0, 0.5]), Vec::<String>::new());

    set(
        &mut stage,
        json!({"layers": [{"name": "posterior (2)", "visible": true}], "scene": {"linearised": true}}),
    );
    let side_by_side = picture(&stage);
    assert!(side_by_side.fills.is_empty(), "a polygon has no place on a strip");
    assert_eq!(side_by_side.overlays[0].dot, Some([12.5, 0.0]));
    assert_eq!(named(&stage, [12.5, 0.0]), ["goal"]);
}

#[test]
fn pinned_bins_have_an_outline_and_borders_need_room() {
    let mut stage = stage();
    let before = picture(&stage).overlays.len();
    set(&mut stage, json!({"pinned": [2], "scene": {"borders": true}}));
    let drawn = picture(&stage);
    assert_eq!(drawn.overlays.len(), before + 2, "dark around light");
    let outline: Vec<[f64; 2]> = drawn.overlays[before].trail.iter().map(|point| point.position).collect();
    let polygon = stage.viewer.borrow().polygon(2);
    assert_eq!(outline[..polygon.len()], polygon);
    assert_eq!(outline.last(), outline.first());
    assert!(drawn.borders.is_some());
    let small = stage.viewer.borrow_mut().drawing_at([6, 6]).picture;
    assert!(small.borders.is_some(), "the canvas, drawn smaller, is the same picture");
    stage.viewer.borrow_mut().resize(CanvasSize { css: [6.0, 6.0], dpr: 1.0 });
    let small = stage.viewer.borrow_mut().drawing_at([6, 6]).picture;
    assert!(small.borders.is_none(), "bins of a pixel or two would be all border");
}
