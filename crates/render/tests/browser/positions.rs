//! Positions: dots and trails, alone and over a field.

use ndarray::Array2;
use replayscope_render::{Camera, Picture, PositionPass, Renderer, TrailPoint};
use wasm_bindgen_test::wasm_bindgen_test;

use super::common::{BLOCK, Grid, Layer, assert_near, centroid, empty, gpu, gray, picture, pixels, upload};

pub fn position(dot: Option<[f64; 2]>, trail: &[([f64; 2], bool)]) -> PositionPass {
    let trail = trail.iter().map(|&(position, breaks)| TrailPoint { position, alpha: 1.0, breaks });
    PositionPass {
        color: [255; 3],
        opacity: 1.0,
        diameter: 11.0,
        trail_width: 4.0,
        trail: trail.collect(),
        dot,
    }
}

#[wasm_bindgen_test]
async fn a_dot_is_where_the_animal_is() {
    let (gpu, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&gpu, gpu.format);
    let size = [100, 80];
    for (units_per_pixel, offset) in [(0.5, [7.25, -3.5]), (0.01, [-0.2, 0.133]), (40.0, [333.0, 555.0])] {
        let camera = Camera { center: [1000.0, -50.0], units_per_pixel: [units_per_pixel; 2], turns: 0 };
        let at = [1000.0 + offset[0], -50.0 + offset[1]];
        for color in [[255, 40, 10], [0, 0, 90]] {
            let dot = PositionPass { color, ..position(Some(at), &[]) };
            // Behind it the dot's own colour: only the ring shows.
            let background = [color[0], color[1], color[2], 255];
            let picture = Picture { camera, background, overlays: vec![dot], ..empty() };
            let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
            let expected = camera.to_pixel(size, at);
            let center = got[expected[0] as usize + expected[1] as usize * size[0] as usize];
            assert_eq!(center, background);
            let contrast = |pixel: [u8; 4]| {
                pixel.iter().zip(background).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>()
            };
            assert_near(centroid(size, &got, contrast), expected, &format!("the ring at {units_per_pixel}"));
        }
        let picture = Picture { camera, overlays: vec![position(Some(at), &[])], ..empty() };
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
        let found = centroid(size, &got, |pixel| f64::from(pixel[0]));
        assert_near(found, camera.to_pixel(size, at), &format!("the disc at {units_per_pixel}"));
        let area: f64 = got.iter().map(|pixel| f64::from(pixel[0]) / 255.0).sum();
        assert!((area - 5.5 * 5.5 * std::f64::consts::PI).abs() < 3.0, "an area of {area}");
    }
    for unknown in [None, Some([f64::NAN, 0.0]), Some([0.0, f64::INFINITY])] {
        let picture = Picture { overlays: vec![position(unknown, &[])], ..empty() };
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
        assert!(got.iter().all(|pixel| *pixel == [0, 0, 0, 255]), "{unknown:?} was drawn");
    }
}

#[wasm_bindgen_test]
async fn a_trail_is_one_even_line() {
    let (gpu, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&gpu, gpu.format);
    let size = [100, 100];
    // A bend at every kind of angle, in steps much shorter than a pixel, and a gap.
    let corner = |t: f64| {
        if t < 40.0 {
            [t - 40.0, 0.0]
        } else if t < 60.0 {
            [0.0, t - 40.0]
        } else {
            [t - 60.0, 20.0 + (t - 60.0) * 0.5]
        }
    };
    let mut points: Vec<([f64; 2], bool)> = (0..=900).map(|i| (corner(f64::from(i) * 0.1), false)).collect();
    points.extend([([-40.0, -20.0], true), ([-10.0, -20.0], false)]);
    points.extend([([10.0, -20.0], true), ([40.0, -20.0], false)]);
    let pass = PositionPass { opacity: 0.5, ..position(None, &points) };
    let picture = Picture { overlays: vec![pass], ..empty() };
    let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
    let level = |x: f64, y: f64| {
        let [column, row] = picture.camera.to_pixel(size, [x, y]);
        got[column as usize + row as usize * size[0] as usize][0]
    };
    for i in 0..=900 {
        let [x, y] = corner(f64::from(i) * 0.1);
        assert!((127..=129).contains(&level(x, y)), "{} at {x}, {y}", level(x, y));
    }
    let most = got.iter().map(|pixel| pixel[0]).max().unwrap();
    assert!(most <= 129, "{most}: some pixel was painted twice");
    assert!((127..=129).contains(&level(-25.0, -20.0)) && (127..=129).contains(&level(25.0, -20.0)));
    assert_eq!(level(0.0, -20.0), 0, "the gap was bridged");
    // 40 + 20 + sqrt(30² + 15²) + 30 + 30 long, 4 wide, with six half discs at the ends.
    let area: f64 = got.iter().map(|pixel| f64::from(pixel[0]) / 127.5).sum();
    assert!((area - (153.54 * 4.0 + 3.0 * 4.0 * std::f64::consts::PI)).abs() < 12.0, "an area of {area}");
}

#[wasm_bindgen_test]
async fn overlays_lie_over_fields_in_one_space() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(10, 10, [20.0, 20.0], [1.0, 1.0]);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((1, grid.bins())));
    let layer = Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 1.0, lut: &gray() };
    let camera = Camera { center: [24.0, 26.0], units_per_pixel: [0.1; 2], turns: 0 };
    let at = [22.5, 28.5];
    let picture =
        Picture { overlays: vec![position(Some(at), &[])], ..picture(camera, vec![layer.pass(BLOCK, 0)]) };
    let got = pixels(&gpu, &mut failures, &mut renderer, [60, 60], &picture).await;
    let found = centroid([60, 60], &got, |pixel| if pixel[0] > 200 { 1.0 } else { 0.0 });
    // Bin (2, 8) is the one under the dot.
    assert_near(found, camera.to_pixel([60, 60], at), "the dot on its bin");
}
