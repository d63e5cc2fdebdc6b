//! Fields of values: codes, cameras, blending, seams.

use ndarray::Array2;
use replayscope_codecs::Values;
use replayscope_render::{BlockId, BlockRows, Camera, FieldPass, Fold, Renderer};
use wasm_bindgen_test::wasm_bindgen_test;

use super::common::{
    BACKGROUND, BLOCK, Grid, Layer, OTHER, assert_close, assert_near, centroid, chunk_of, gpu, gray, picture,
    pixels, upload, values, zebra,
};

/// What one bin shows of its values, written out once more; no mean.
fn folded(fold: Fold, values: impl Iterator<Item = f32>) -> f32 {
    if fold == Fold::Last {
        return values.last().unwrap();
    }
    let numbers = values.filter(|value| !value.is_nan());
    let extreme =
        if fold == Fold::Min { numbers.min_by(f32::total_cmp) } else { numbers.max_by(f32::total_cmp) };
    extreme.unwrap_or(f32::NAN)
}

#[wasm_bindgen_test]
async fn codes_are_drawn_as_the_values_they_stand_for() {
    let (gpu, mut failures) = gpu().await;
    // 99 bins: rows of codes begin within a word.
    let grid = Grid::new(11, 9, [0.0, 0.0], [1.0, 1.0]);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [130, 110];
    for (array, bytes) in [(5, 1), (6, 2)] {
        let mut renderer = Renderer::new(&gpu, gpu.format);
        renderer.set_mesh(&gpu, &grid.mesh().borrowed());
        let codes = 1 << (8 * bytes);
        // Neighbouring codes have nothing in common, and every float occurs.
        let table: std::rc::Rc<[f32]> = (0..codes)
            .map(|code| match code % 41 {
                0 => f32::NAN,
                1 => f32::NEG_INFINITY,
                _ => (code * 7919 % 1009) as f32 / 1009.0,
            })
            .collect();
        let code = |row: usize, bin: usize| (row * 5501 + bin * 389 + row * bin) % codes;
        let elements = (0..40)
            .flat_map(|row| (0..99).flat_map(move |bin| code(row, bin).to_le_bytes()[..bytes].to_vec()));
        let values = Values::new(99, elements.collect(), Some(table.clone())).unwrap();
        let block = |block| BlockId { array, chunk: 0, block };
        // Two blocks of it; the second begins within a word of the chunk.
        renderer.upload(&gpu, block(0), &values, 0..23).unwrap();
        renderer.upload(&gpu, block(1), &values, 23..40).unwrap();
        for (first, end) in [(0, 1), (22, 23), (23, 24), (39, 40), (3, 9), (20, 31)] {
            for fold in [Fold::Max, Fold::Last, Fold::Min] {
                let layer = Layer {
                    values: (0..99)
                        .map(|bin| folded(fold, (first..end).map(|row| table[code(row, bin)])))
                        .collect(),
                    limits: [0.0, 1.0],
                    gamma: 1.0,
                    opacity: 1.0,
                    lut: &zebra([97, 151, 203]),
                };
                let part = |number: u32, rows: std::ops::Range<usize>, from: usize| {
                    let rows = rows.start.max(first)..rows.end.min(end);
                    (!rows.is_empty()).then(|| BlockRows {
                        block: block(number),
                        rows: (rows.start - from) as u32..(rows.end - from) as u32,
                    })
                };
                let frames = [part(0, 0..23, 0), part(1, 23..40, 23)].into_iter().flatten().collect();
                let pass = FieldPass { frames, fold, ..layer.pass(block(0), 0) };
                let got =
                    pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await;
                let what = format!("{bytes} bytes, {fold:?} of {first}..{end}");
                assert_close(size, &got, &grid.expected(&camera, size, &[layer]), &what);
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_masked_grid_equals_the_reference_wherever_one_looks() {
    let (gpu, mut failures) = gpu().await;
    // Far from zero, where f32 is coarse; bins are not square; a third of them is missing.
    let grid = Grid::new(11, 8, [100_000.0, -70_000.0], [2.0, 3.0]).masked(|cell| cell % 3 != 1);
    let values = values(3, grid.bins(), 0.0, 1.0);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    // Part of a chunk: not its first row, nor its last.
    let chunk = Array2::from_shape_fn((5, grid.bins()), |(row, bin)| {
        if (1..4).contains(&row) { values[[row - 1, bin]] } else { 9.0 }
    });
    renderer.upload(&gpu, BLOCK, &chunk_of(&chunk), 1..4).unwrap();
    for (center, units_per_pixel, size) in [
        ([100_011.0, -69_988.0], 0.2, [130, 130]),
        ([100_004.3, -69_990.1], 0.2, [97, 131]),
        ([100_013.02, -69_980.02], 0.0625, [128, 64]),
        ([100_000.01, -70_000.012], 0.02, [101, 101]),
        ([100_008.003, -69_982.007], 0.000_5, [64, 64]),
        ([100_011.3, -69_988.3], 1.0, [33, 40]),
        // Here half a pixel is less than f32 has between two positions of the camera.
        ([100_008.000_000_52, -69_982.000_000_88], 2e-7, [64, 64]),
    ] {
        let camera = Camera { center, units_per_pixel: [units_per_pixel; 2], turns: 0 };
        for frame in 0..3 {
            let layer = Layer {
                values: values.row(frame).to_vec(),
                limits: [0.0, 1.0],
                gamma: 1.0,
                opacity: 1.0,
                lut: &zebra([97, 151, 203]),
            };
            let picture = picture(camera, vec![layer.pass(BLOCK, frame as u32)]);
            let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
            let what = format!("frame {frame} from {camera:?}");
            assert_close(size, &got, &grid.expected(&camera, size, &[layer]), &what);
        }
    }
}

#[wasm_bindgen_test]
async fn fields_composite_in_order() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(7, 6, [0.0, 0.0], [1.0, 1.0]);
    let [below, above] = [values(2, grid.bins(), 0.0, 1.0), values(3, grid.bins(), -1.0, 2.0)];
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &below);
    upload(&mut renderer, &gpu, OTHER, &above);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [90, 80];
    for (lower, upper) in [(1.0, 0.5), (0.7, 0.25), (1.0, 1.0), (0.3, 0.0)] {
        let layers = [
            Layer {
                values: below.row(1).to_vec(),
                limits: [0.0, 1.0],
                gamma: 1.0,
                opacity: lower,
                lut: &zebra([97, 151, 203]),
            },
            Layer {
                values: above.row(2).to_vec(),
                limits: [-1.0, 2.0],
                gamma: 0.7,
                opacity: upper,
                lut: &zebra([59, 113, 31]),
            },
        ];
        let picture = picture(camera, vec![layers[0].pass(BLOCK, 1), layers[1].pass(OTHER, 2)]);
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
        assert_close(size, &got, &grid.expected(&camera, size, &layers), &format!("{lower} under {upper}"));
    }
    // More fields than there was room for at first: five of the same, each opaque, are one.
    let layer = Layer {
        values: above.row(0).to_vec(),
        limits: [0.0, 1.0],
        gamma: 1.0,
        opacity: 1.0,
        lut: &zebra([83, 29, 167]),
    };
    let picture = picture(camera, (0..5).map(|_| layer.pass(OTHER, 0)).collect());
    let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
    assert_close(size, &got, &grid.expected(&camera, size, &[layer]), "five fields");
}

#[wasm_bindgen_test]
async fn neighbours_leave_no_seam() {
    let (gpu, mut failures) = gpu().await;
    // Sheared and uneven, so that no edge follows the pixels.
    let mut grid = Grid::new(40, 40, [0.0, 0.0], [1.0, 1.0]);
    for (i, edge) in grid.x.iter_mut().enumerate() {
        *edge += (i as f64 * 1.7).sin() * 0.3;
    }
    let mut mesh = grid.mesh();
    for [x, y] in &mut mesh.positions {
        [*x, *y] = [*x + 0.37 * *y, *y - 0.21 * *x];
    }
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &mesh.borrowed());
    upload(&mut renderer, &gpu, BLOCK, &Array2::from_elem((1, grid.bins()), 1.0));
    // Half opaque: a pixel painted twice shows as much as one left out.
    let layer = Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 0.5, lut: &gray() };
    for units_per_pixel in [0.1, 0.073, 0.031, 0.0071] {
        let camera = Camera { center: grid.middle(), units_per_pixel: [units_per_pixel; 2], turns: 0 };
        let picture = picture(camera, vec![layer.pass(BLOCK, 0)]);
        let got = pixels(&gpu, &mut failures, &mut renderer, [128, 128], &picture).await;
        let first = got[0];
        assert_ne!(first, BACKGROUND);
        let different = got.iter().filter(|pixel| **pixel != first).count();
        assert_eq!(different, 0, "{different} pixels on seams at {units_per_pixel} units a pixel");
    }
}

#[wasm_bindgen_test]
async fn a_bin_is_where_it_belongs_at_any_zoom() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(30, 20, [-512.0, 300.0], [2.0, 2.0]);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    let chosen = 13 + 11 * 30;
    let center = [-512.0 + 13.5 * 2.0, 300.0 + 11.5 * 2.0];
    let mut values = Array2::zeros((1, grid.bins()));
    values[[0, chosen]] = 1.0;
    upload(&mut renderer, &gpu, BLOCK, &values);
    let layer = Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 1.0, lut: &gray() };
    let size = [160, 120];
    for units_per_pixel in [0.6, 0.31, 0.1, 0.043, 0.021] {
        let camera = Camera {
            center: [center[0] + 9.3 * units_per_pixel, center[1] - 4.7 * units_per_pixel],
            units_per_pixel: [units_per_pixel; 2],
            turns: 0,
        };
        let picture = picture(camera, vec![layer.pass(BLOCK, 0)]);
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
        let found = centroid(size, &got, |pixel| if pixel[0] > 200 { 1.0 } else { 0.0 });
        assert_near(found, camera.to_pixel(size, center), &format!("at {units_per_pixel} units a pixel"));
    }
}
