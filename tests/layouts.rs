//! Every layout, pixel by pixel, against tiny-skia. Needs a browser with WebGPU; none is a failure.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use replayscope_json::Json;
use replayscope_render::{BlockId, BlockRows, Camera, FieldPass, Fold, Gpu, Picture, RegionFill, Renderer};
use replayscope_session::colormap::{Lut, Palette};
use replayscope_session::environment::{Cells, Environment, Explicit, Layout, Mesh, fill};
use replayscope_viewer::{ThresholdCache, mesh_ref};
use replayscope_zarr::array::Values;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Stroke, Transform};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const BLOCK: BlockId = BlockId { array: 0, chunk: 0, block: 0 };
const BACKGROUND: [u8; 4] = [11, 22, 33, 255];
const SIZE: [u32; 2] = [331, 257];

/// Pixels this near to an edge are a mixture, by rules that are each rasteriser's own.
const EDGE: f32 = 1.6;

/// A colour for each of 256 bins, no two alike; neighbours differ by far more than rounding.
fn colors() -> Lut {
    std::array::from_fn(|i| [(i * 37 % 256) as u8, (i * 91 % 256) as u8, i as u8])
}

fn environment(json: &str) -> Environment {
    Environment::from_dict(&Json::parse(json.as_bytes()).unwrap(), None).unwrap()
}

/// The whole of the cells, turned, with some room around them.
fn camera(cells: &dyn Cells, turns: u8) -> Camera {
    let bounds = cells.bounds();
    let [wide, high] = [bounds.x, bounds.y].map(|[low, high]| high - low);
    let [across, up] = if turns.is_multiple_of(2) { [wide, high] } else { [high, wide] };
    let units_per_pixel = (across / f64::from(SIZE[0])).max(up / f64::from(SIZE[1])) * 1.07;
    let center = [bounds.x, bounds.y].map(|[low, high]| f64::midpoint(low, high));
    Camera { center, units_per_pixel: [units_per_pixel; 2], turns }
}

async fn drawn(mesh: &Mesh, insides: &[Mesh], bins: usize, lut: &Lut, mut picture: Picture) -> Vec<[u8; 4]> {
    let (gpu, mut failures) = Gpu::new(&Gpu::instance(), None)
        .await
        .expect("these tests need WebGPU; webdriver.json has the flags");
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &mesh_ref(mesh));
    let insides: Vec<_> = insides.iter().map(mesh_ref).collect();
    renderer.set_regions(&gpu, &insides);
    let values: Vec<f32> = (0..bins).map(|bin| bin as f32).collect();
    renderer.upload(&gpu, BLOCK, &Values::of(bins, &values).unwrap(), 0..1).unwrap();
    let palette = Palette::plain([-0.5, 255.5], 1.0, lut, [255, 0, 255, 255]).unwrap();
    picture.fields = vec![FieldPass {
        frames: vec![BlockRows { block: BLOCK, rows: 0..1 }],
        fold: Fold::Last,
        transfer: ThresholdCache::default().transfer_function(&palette),
        opacity: 1.0,
    }];
    let bytes = renderer.read(&gpu, SIZE, &picture).await.unwrap();
    if let Ok(failure) = failures.try_recv() {
        panic!("{failure}");
    }
    bytes.as_chunks::<4>().0.to_vec()
}

/// A ring as a path in pixels.
fn path(ring: &[[f64; 2]], camera: &Camera, into: &mut PathBuilder) {
    for (i, corner) in ring.iter().enumerate() {
        let [x, y] = camera.to_pixel(SIZE, *corner).map(|v| v as f32);
        if i == 0 {
            into.move_to(x, y);
        } else {
            into.line_to(x, y);
        }
    }
    into.close();
}

fn paint(color: [u8; 4]) -> Paint<'static> {
    let mut paint = Paint { anti_alias: false, ..Paint::default() };
    paint.set_color_rgba8(color[0], color[1], color[2], color[3]);
    paint
}

/// Rings, filled by parity, and their colour.
type Shape = (Vec<Vec<[f64; 2]>>, [u8; 4]);

/// What tiny-skia makes of rings and their colours, and which pixels are near none of their edges.
fn expected(shapes: &[Shape], camera: &Camera) -> (Vec<[u8; 4]>, Vec<bool>) {
    let mut picture = Pixmap::new(SIZE[0], SIZE[1]).unwrap();
    picture.fill(Color::from_rgba8(BACKGROUND[0], BACKGROUND[1], BACKGROUND[2], BACKGROUND[3]));
    let mut edges = Pixmap::new(SIZE[0], SIZE[1]).unwrap();
    let stroke = Stroke { width: 2.0 * EDGE, ..Stroke::default() };
    for (rings, color) in shapes {
        let mut builder = PathBuilder::new();
        for ring in rings {
            path(ring, camera, &mut builder);
        }
        let path = builder.finish().unwrap();
        picture.fill_path(&path, &paint(*color), FillRule::EvenOdd, Transform::identity(), None);
        edges.stroke_path(&path, &paint([255; 4]), &stroke, Transform::identity(), None);
    }
    let pixels =
        picture.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]);
    (pixels.collect(), edges.pixels().iter().map(|pixel| pixel.alpha() == 0).collect())
}

/// Compares all pixels that are clear of edges, and sees to it that they are enough to tell each bin.
fn compare(got: &[[u8; 4]], expected: &[[u8; 4]], clear: &[bool], what: &str) {
    let mut seen = 0;
    for (i, ((got, expected), _)) in
        got.iter().zip(expected).zip(clear).enumerate().filter(|(_, (_, clear))| **clear)
    {
        let far = got.iter().zip(expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        let [x, y] = [i as u32 % SIZE[0], i as u32 / SIZE[0]];
        assert!(far <= 1, "{what}: pixel ({x}, {y}) is {got:?} and not {expected:?}");
        seen += 1;
    }
    assert!(seen > SIZE[0] * SIZE[1] / 4, "{what}: only {seen} pixels are clear of edges");
}

async fn check(environment: &Environment, layout: Layout, linearised: bool) {
    assert_eq!(environment.layout, layout, "{:?}", environment.notes);
    let cells = environment.view(linearised);
    let lut = colors();
    for turns in 0..4 {
        let camera = camera(&**cells, turns);
        let mesh = environment.mesh(linearised);
        let got = drawn(&mesh, &[], environment.bins(), &lut, Picture::new(camera, BACKGROUND)).await;
        let shapes: Vec<_> = (0..environment.bins())
            .map(|bin| {
                let [r, g, b] = lut[bin];
                (vec![cells.polygon(bin)], [r, g, b, 255])
            })
            .filter(|(rings, _)| !rings[0].is_empty())
            .collect();
        let (expected, clear) = expected(&shapes, &camera);
        compare(&got, &expected, &clear, &format!("{layout:?} {linearised} turned {turns}"));
        // Each bin shows its own colour at its centre, or as near to it as is clear.
        for (bin, (rings, color)) in shapes.iter().enumerate().filter(|_| turns == 0) {
            let count = rings[0].len() as f64;
            let middle = rings[0]
                .iter()
                .fold([0.0; 2], |sum, corner| [sum[0] + corner[0] / count, sum[1] + corner[1] / count]);
            if cells.bin_at(middle[0], middle[1]) == Some(bin) {
                let [x, y] = camera.to_pixel(SIZE, middle).map(|v| v.floor() as usize);
                let at = y * SIZE[0] as usize + x;
                assert!(
                    !clear[at] || got[at] == *color,
                    "{layout:?}: bin {bin} is {:?} at its centre",
                    got[at]
                );
            }
        }
    }
}

macro_rules! layout {
    ($test:ident, $file:literal, $layout:expr, $linearised:literal) => {
        #[wasm_bindgen_test]
        async fn $test() {
            let json = include_str!(concat!("fixtures/environments/", $file, ".json"));
            check(&environment(json), $layout, $linearised).await;
        }
    };
}

layout!(a_masked_grid, "masked", Layout::Grid, false);
layout!(a_grid_cut_by_a_polygon, "polygon", Layout::Grid, false);
layout!(hexagons, "hexagonal", Layout::Hexagons, false);
layout!(triangles, "triangularmesh", Layout::Triangles, false);
layout!(a_track_in_space, "graph", Layout::Track, false);
layout!(a_track_side_by_side, "graph", Layout::Track, true);
layout!(annular_wedges, "polar", Layout::Wedges, false);

#[wasm_bindgen_test]
async fn an_uneven_grid() {
    let json = r#"{"schema_version": "Environment-v1", "layout_type": "MaskedGrid", "n_bins": 5, "layout_parameters": {
        "grid_edges": [[0, 1, 4, 9], [0, 2, 3, 10]], "active_mask": [[1, 0, 1], [0, 1, 0], [1, 0, 1]]}}"#;
    check(&environment(json), Layout::Grid, false).await;
}

#[wasm_bindgen_test]
async fn dots_at_centres() {
    let centers = [[0.0, 0.0], [5.0, 1.0], [9.0, 7.0], [2.0, 8.0], [4.0, 4.5], [11.0, 2.0]];
    check(&Environment::from_centers(&centers).unwrap(), Layout::Points, false).await;
}

#[wasm_bindgen_test]
async fn voronoi_cells() {
    let json = include_str!("fixtures/environments/triangularmesh.json")
        .replace("\"point_spacing\":4.0", "\"point_spacing\":5.0");
    check(&environment(&json), Layout::Voronoi, false).await;
}

#[wasm_bindgen_test]
async fn polygons_that_a_session_gives() {
    let rings: [&[[f64; 2]]; 3] = [
        &[[0.0, 0.0], [8.0, 0.0], [8.0, 6.0], [4.0, 1.5], [0.0, 6.0]],
        &[[8.0, 6.0], [4.0, 1.5], [0.0, 6.0], [4.0, 9.0]],
        &[[9.0, 0.0], [9.5, 9.0], [12.0, 4.0]],
    ];
    let offsets = [0, 5, 9, 12].to_vec();
    let explicit = Explicit { vertices: rings.concat(), offsets };
    let environment = Environment::shaped(None, None, Some(explicit)).unwrap();
    check(&environment, Layout::Polygons, false).await;
}

#[wasm_bindgen_test]
async fn regions_with_holes_lie_over_the_field() {
    let mut json = Json::parse(include_bytes!("fixtures/environments/masked.json")).unwrap();
    let regions = r#"[{"name": "zone", "kind": "polygon", "geom": {"type": "Polygon", "coordinates": [
        [[15, 5], [45, 8], [40, 35], [20, 30], [15, 5]], [[24, 14], [36, 14], [30, 24], [24, 14]]]}}]"#;
    let Json::Object(entries) = &mut json else { panic!() };
    entries.retain(|(key, _)| key != "regions");
    entries.push(("regions".to_owned(), Json::parse(regions.as_bytes()).unwrap()));
    let environment = Environment::from_dict(&json, None).unwrap();
    let (lut, camera) = (colors(), camera(&*environment.cells, 1));
    let insides = fill(&environment.regions);
    let color = [200, 100, 0, 77];
    let picture =
        Picture { fills: vec![RegionFill { region: 0, color }], ..Picture::new(camera, BACKGROUND) };
    let got = drawn(&environment.mesh(false), &insides, environment.bins(), &lut, picture).await;
    let mut shapes: Vec<_> = (0..environment.bins())
        .map(|bin| {
            let [r, g, b] = lut[bin];
            (vec![environment.polygon(bin)], [r, g, b, 255])
        })
        .collect();
    let replayscope_session::environment::RegionShape::Polygon(rings) = &environment.regions[0].shape else {
        panic!()
    };
    shapes.push((rings.clone(), color));
    let (expected, clear) = expected(&shapes, &camera);
    compare(&got, &expected, &clear, "a region");
}

#[wasm_bindgen_test]
async fn borders_lie_between_bins_and_nowhere_else() {
    let border = [250, 251, 252, 255];
    let lut: Lut = std::array::from_fn(|_| [10, 20, 30]);
    let environment = environment(include_str!("fixtures/environments/hexagonal.json"));
    let camera = camera(&*environment.cells, 0);
    let mesh = environment.mesh(false);
    let picture = Picture { borders: Some(border), ..Picture::new(camera, BACKGROUND) };
    let got = drawn(&mesh, &[], environment.bins(), &lut, picture).await;
    let shapes: Vec<_> =
        (0..environment.bins()).map(|bin| (vec![environment.polygon(bin)], [10, 20, 30, 255])).collect();
    let (expected, clear) = expected(&shapes, &camera);
    compare(&got, &expected, &clear, "away from borders");
    // Along the middle of an edge there is a line, one pixel wide, over what it parts.
    let polygon = environment.polygon(100);
    let middle = [0, 1].map(|axis| f64::midpoint(polygon[0][axis], polygon[1][axis]));
    let [x, y] = camera.to_pixel(SIZE, middle).map(|v| v.floor() as i64);
    let near =
        (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| ((y + dy) * i64::from(SIZE[0]) + x + dx) as usize));
    let brightest = near.map(|at| got[at][0]).max().unwrap();
    assert!(brightest > 120, "the border is {brightest} at its brightest");
}

#[wasm_bindgen_test]
async fn edges_that_are_aslant_are_smooth_and_leave_no_seams() {
    // All bins alike: whatever is not that colour inside is a seam.
    let lut: Lut = std::array::from_fn(|_| [240, 240, 240]);
    for json in [
        include_str!("fixtures/environments/hexagonal.json"),
        include_str!("fixtures/environments/triangularmesh.json"),
        include_str!("fixtures/environments/polar.json"),
        include_str!("fixtures/environments/graph.json"),
    ] {
        let environment = environment(json);
        let camera = camera(&*environment.cells, 0);
        let got =
            drawn(&environment.mesh(false), &[], environment.bins(), &lut, Picture::new(camera, BACKGROUND))
                .await;
        let levels: std::collections::BTreeSet<u8> = got.iter().map(|pixel| pixel[0]).collect();
        assert!(levels.len() > 2, "{:?}: no pixel at its rim is between {levels:?}", environment.layout);
        for (i, pixel) in got.iter().enumerate() {
            let [x, y] = [i as u32 % SIZE[0], i as u32 / SIZE[0]];
            // A pixel all of whose surroundings are bins.
            let around = [-1.5, 0.0, 1.5];
            let inside = around.iter().all(|dy| {
                around.iter().all(|dx| {
                    let at = [f64::from(x) + 0.5 + dx, f64::from(y) + 0.5 + dy];
                    let [x, y] = camera.to_position(SIZE.map(f64::from), at);
                    environment.bin_at(x, y).is_some()
                })
            });
            assert!(!inside || pixel[0] == 240, "{:?}: a seam at ({x}, {y}): {pixel:?}", environment.layout);
        }
    }
}
