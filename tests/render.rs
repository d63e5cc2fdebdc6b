//! What the GPU makes of the session's palettes, projections and pooled levels, pixel by pixel, against a plain reading of the rules.
//! Needs a browser with WebGPU; none is a failure.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use ndarray::Array2;
use replayscope_render::{BlockId, BlockRows, Camera, FieldPass, Fold, Renderer, TransferFunction};
use replayscope_session::colormap::{Ends, Palette, Scale, Transform, lut};
use replayscope_session::projection::Projection;
use replayscope_session::pyramid::pooled_rows;
use replayscope_viewer::{ThresholdCache, fold};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use common::{
    BACKGROUND, BLOCK, Grid, Layer, NO_DATA, OTHER, assert_close, gpu, one, picture, pixels, upload, values,
    zebra,
};

#[path = "../crates/render/tests/browser/common.rs"]
#[allow(dead_code, reason = "the renderer's own tests use the rest")]
mod common;

wasm_bindgen_test_configure!(run_in_browser);

fn transfer(palette: &Palette) -> TransferFunction {
    ThresholdCache::default().transfer_function(palette)
}

/// The layer as the viewer draws it: by the session's palette.
fn pass(layer: &Layer<'_>, block: BlockId, row: u32) -> FieldPass {
    let palette = Palette::plain(layer.limits, layer.gamma, layer.lut, NO_DATA).unwrap();
    FieldPass { transfer: transfer(&palette), ..layer.pass(block, row) }
}

#[wasm_bindgen_test]
async fn a_grid_equals_the_reference_at_every_frame_and_scale() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(12, 9, [0.0, 0.0], [1.0, 1.0]);
    let values = values(4, grid.bins(), -0.2, 0.9);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &values);
    let uploaded = renderer.bytes();
    // Ten pixels a bin and a margin all round; the width is no multiple of what rows are padded to.
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [150, 120];
    let zebra = zebra([97, 151, 203]);
    for (frame, name, limits, gamma) in [
        (0, "viridis", [-0.2, 0.9], 1.0),
        (1, "magma", [-0.2, 0.9], 1.0),
        (2, "turbo", [0.1, 0.3], 1.0),
        (3, "gray", [0.0, 1e-38], 1.0),
        (0, "RdBu", [-0.5, 0.5], 0.5),
        (1, "hot", [0.0, 0.7], 2.2),
        (2, "plasma", [-10.0, 10.0], 0.3),
        (3, "cividis", [-1e30, 1e38], 0.1),
        (0, "inferno", [0.3, 0.300_000_04], 1.0),
        // Zero is where an entry begins, and both zeros are the same.
        (1, "zebra", [-0.5, 0.5], 1.0),
        (2, "zebra", [-0.2, 0.9], 1.0),
        (3, "zebra", [0.0, 0.9], 0.45),
    ] {
        let layer = Layer {
            values: values.row(frame).to_vec(),
            limits,
            gamma,
            opacity: 1.0,
            lut: lut(name).unwrap_or(&zebra),
        };
        let picture = picture(camera, vec![pass(&layer, BLOCK, frame as u32)]);
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture).await;
        let what = format!("frame {frame}, {name}, {limits:?}, gamma {gamma}");
        assert_close(size, &got, &grid.expected(&camera, size, &[layer]), &what);
    }
    assert_eq!(renderer.bytes(), uploaded, "other frames and colours upload no values");
}

/// The rules of colours once more, from the words: what [`Palette`] and the shader both have to do.
#[derive(Debug, Clone, Copy)]
struct Look {
    name: &'static str,
    limits: [f64; 2],
    gamma: f64,
    /// The least value of a logarithm.
    log: Option<f64>,
    steps: Option<usize>,
    reversed: bool,
    fade: bool,
    ends: Ends,
    opacity: f64,
}

impl Look {
    fn color(&self, value: f32) -> [u8; 4] {
        let [lo, hi] = self.limits;
        let v = f64::from(value);
        if v.is_nan() {
            return self.ends.no_data;
        }
        if let Some(under) = self.ends.under.filter(|_| v < lo) {
            return under;
        }
        if let Some(over) = self.ends.over.filter(|_| v > hi) {
            return over;
        }
        let t = match self.log {
            None => (v - lo) / (hi - lo),
            Some(from) if v <= from => 0.0,
            Some(from) => (v.min(f64::MAX) / from).ln() / (hi / from).ln(),
        };
        let t = t.clamp(0.0, 1.0).powf(self.gamma);
        let steps = self.steps.unwrap_or(256);
        let step = ((t * steps as f64) as usize).min(steps - 1);
        let place = (step as f64 / (steps - 1) as f64 * 255.0).round() as usize;
        let [red, green, blue] = lut(self.name).unwrap()[if self.reversed { 255 - place } else { place }];
        [red, green, blue, if self.fade { place as u8 } else { 255 }]
    }

    fn palette(&self) -> Palette {
        let transform = self.log.map_or(Transform::Linear, |from| Transform::Log { from });
        let limits = self.limits.map(|limit| limit as f32);
        let scale = Scale::new(limits, self.gamma as f32, transform, self.steps.unwrap_or(256) as u16);
        Palette::new(scale.unwrap(), lut(self.name).unwrap(), self.reversed, self.fade, self.ends)
    }
}

#[wasm_bindgen_test]
async fn every_way_to_colour_equals_the_reference() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(24, 10, [0.0, 0.0], [1.0, 1.0]);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [260, 110];
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    let mut all = values(2, grid.bins(), -0.3, 1.3);
    // Decades, for logarithms: a little off the edges of entries, which rounding could put on either side.
    for bin in 0..grid.bins() {
        all[[1, bin]] = 1.7 * 10f32.powf(-(bin as f32) / 37.3);
    }
    all[[1, 3]] = f32::NAN;
    all[[1, 4]] = 0.0;
    all[[1, 5]] = -1.0;
    upload(&mut renderer, &gpu, BLOCK, &all);
    let none = Ends { under: None, over: None, no_data: NO_DATA };
    let marked =
        Ends { under: Some([1, 200, 7, 255]), over: Some([250, 3, 120, 128]), no_data: [9, 9, 90, 255] };
    let plain = Look {
        name: "viridis",
        limits: [0.0, 1.0],
        gamma: 1.0,
        log: None,
        steps: None,
        reversed: false,
        fade: false,
        ends: none,
        opacity: 1.0,
    };
    for (frame, look) in [
        (0, plain),
        (0, Look { ends: marked, ..plain }),
        (0, Look { ends: marked, limits: [-1.0, 0.0], name: "RdBu", ..plain }),
        (0, Look { ends: marked, gamma: 0.45, reversed: true, ..plain }),
        (0, Look { steps: Some(7), name: "turbo", ..plain }),
        (0, Look { steps: Some(2), ends: marked, reversed: true, ..plain }),
        (0, Look { fade: true, opacity: 0.7, ..plain }),
        (0, Look { fade: true, ends: marked, steps: Some(5), ..plain }),
        (1, Look { log: Some(1e-4), ..plain }),
        (1, Look { log: Some(1e-3), gamma: 1.7, ends: marked, ..plain }),
        (1, Look { log: Some(0.02), limits: [0.02, 0.9], ends: marked, name: "magma", ..plain }),
        (1, Look { log: Some(1e-5), steps: Some(10), fade: true, ..plain }),
    ] {
        let pass = FieldPass {
            frames: one(BLOCK, frame),
            fold: Fold::Max,
            transfer: transfer(&look.palette()),
            opacity: look.opacity as f32,
        };
        let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await;
        grid.assert_clear_of_pixel_centers(&camera, size);
        let expected: Vec<[f64; 3]> = (0..size[0] * size[1])
            .map(|pixel| {
                let at = [pixel % size[0], pixel / size[0]].map(|side| f64::from(side) + 0.5);
                let background = [BACKGROUND[0], BACKGROUND[1], BACKGROUND[2]].map(f64::from);
                let Some(bin) = grid.bin_at(camera.to_position(size.map(f64::from), at)) else {
                    return background;
                };
                let color = look.color(all[[frame as usize, bin]]);
                let alpha = f64::from(color[3]) / 255.0 * look.opacity;
                [0, 1, 2].map(|i| background[i] * (1.0 - alpha) + f64::from(color[i]) * alpha)
            })
            .collect();
        assert_close(size, &got, &expected, &format!("{look:?}"));
    }
}

#[wasm_bindgen_test]
async fn several_frames_are_projected_as_the_reference_says() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(13, 10, [10.0, 20.0], [1.0, 1.0]);
    let mut first = values(40, grid.bins(), 0.0, 1.0);
    let mut second = values(30, grid.bins(), 0.0, 1.0);
    // A bin that has no value at all, and one that has a single one.
    first.column_mut(7).fill(f32::NAN);
    second.column_mut(7).fill(f32::NAN);
    first.column_mut(8).fill(f32::NAN);
    second.column_mut(8).fill(f32::NAN);
    second[[3, 8]] = 0.5;
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &first);
    upload(&mut renderer, &gpu, OTHER, &second);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [150, 120];
    for (rows, more) in [(0..40, 0..30), (39..40, 0..1), (5..13, 0..0), (38..39, 0..0)] {
        for (name, projection) in Projection::NAMES {
            let parts = [(BLOCK, &first, rows.clone()), (OTHER, &second, more.clone())];
            let parts = parts.into_iter().filter(|(_, _, rows)| !rows.is_empty());
            let of_bin = |bin: usize| {
                let frames =
                    parts.clone().flat_map(|(_, values, rows)| rows.map(move |row| values[[row, bin]]));
                // Infinities have no mean, and a shader need not know them there.
                projection.of(frames.map(|value| if name == "mean" { value.clamp(-9.0, 9.0) } else { value }))
            };
            let layer = Layer {
                values: (0..grid.bins()).map(of_bin).collect(),
                limits: [-0.05, 0.93],
                gamma: 1.0,
                opacity: 1.0,
                // A mean is rounded as the device likes; its neighbours in this map are one level away.
                lut: lut(if name == "mean" { "gray" } else { "viridis" }).unwrap(),
            };
            let frames = |(block, _, rows): (BlockId, _, std::ops::Range<usize>)| BlockRows {
                block,
                rows: rows.start as u32..rows.end as u32,
            };
            let frames = parts.clone().map(frames).collect();
            let pass = FieldPass { frames, fold: fold(projection), ..pass(&layer, BLOCK, 0) };
            if name == "mean" {
                for (block, values) in [(BLOCK, &first), (OTHER, &second)] {
                    upload(&mut renderer, &gpu, block, &values.mapv(|value| value.clamp(-9.0, 9.0)));
                }
            }
            let got = pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await;
            assert_close(
                size,
                &got,
                &grid.expected(&camera, size, &[layer]),
                &format!("{name} of {rows:?}, {more:?}"),
            );
            upload(&mut renderer, &gpu, BLOCK, &first);
            upload(&mut renderer, &gpu, OTHER, &second);
        }
    }
}

#[wasm_bindgen_test]
async fn pooled_blocks_make_the_same_picture_as_their_frames() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(13, 10, [10.0, 20.0], [1.0, 1.0]);
    let mut frames = values(80, grid.bins(), 0.0, 1.0);
    frames.column_mut(7).fill(f32::NAN);
    frames.slice_mut(ndarray::s![16..32, 9]).fill(f32::NAN);
    let blocks = Array2::from_shape_fn((5, grid.bins()), |(block, bin)| {
        Projection::Max.of((block * 16..(block + 1) * 16).map(|frame| frames[[frame, bin]]))
    });
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &frames);
    upload(&mut renderer, &gpu, OTHER, &blocks);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [150, 120];
    for shown in [0..80, 5..80, 16..48, 15..65, 3..21, 20..30] {
        let mut drawn = Vec::new();
        for pools in [&[][..], &[16]] {
            let parts = pooled_rows(shown.clone(), 80, pools);
            assert_eq!(
                parts.iter().any(|part| part.level.is_some()),
                !pools.is_empty() && shown != (20..30) && shown != (3..21)
            );
            let frames = parts.into_iter().map(|part| BlockRows {
                block: if part.level.is_some() { OTHER } else { BLOCK },
                rows: part.rows.start as u32..part.rows.end as u32,
            });
            let layer = Layer {
                values: Vec::new(),
                limits: [-0.05, 0.93],
                gamma: 1.0,
                opacity: 1.0,
                lut: lut("viridis").unwrap(),
            };
            let pass = FieldPass { frames: frames.collect(), fold: Fold::Max, ..pass(&layer, BLOCK, 0) };
            drawn.push(pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await);
        }
        assert!(drawn[0] == drawn[1], "frames {shown:?}");
    }
}
