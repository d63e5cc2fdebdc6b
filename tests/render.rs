//! What the GPU draws, pixel by pixel, against a plain reading of the rules. Needs a browser with WebGPU; none is a failure.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use futures_util::StreamExt;
use ndarray::Array2;
use replayscope::array::Values;
use replayscope::chunk::ChunkId;
use replayscope::colormap::{Ends, Lut, Palette, Scale, Transform, lut};
use replayscope::environment::Mesh;
use replayscope::gpu::{
    BlockId, Camera, Failures, FieldPass, Frames, Gpu, GpuError, Picture, PositionPass, Renderer, Surface,
    TrailPoint,
};
use replayscope::projection::Projection;
use replayscope::pyramid::parts;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const BLOCK: BlockId = BlockId { chunk: ChunkId { array: 0, index: 7 }, block: 0 };
const OTHER: BlockId = BlockId { chunk: ChunkId { array: 1, index: 7 }, block: 2 };
const BACKGROUND: [u8; 4] = [11, 22, 33, 255];
const NO_DATA: [u8; 4] = [200, 100, 50, 255];

async fn gpu() -> (Gpu, Failures) {
    Gpu::new(&Gpu::instance(), None).await.expect("these tests need WebGPU; webdriver.json has the flags")
}

/// Draws offscreen, and sees to it that the device has not complained.
async fn pixels(
    gpu: &Gpu,
    failures: &mut Failures,
    renderer: &mut Renderer,
    size: [u32; 2],
    picture: &Picture,
) -> Vec<[u8; 4]> {
    let bytes = renderer.read(gpu, size, picture).await.unwrap();
    if let Ok(failure) = failures.try_recv() {
        panic!("{failure}");
    }
    assert_eq!(bytes.len(), (size[0] * size[1] * 4) as usize);
    bytes.as_chunks::<4>().0.to_vec()
}

/// Rectangles between edges, row by row from the bottom; a mask leaves some out. Environment units.
struct Grid {
    x: Vec<f64>,
    y: Vec<f64>,
    active: Vec<bool>,
}

impl Grid {
    fn new(columns: usize, rows: usize, corner: [f64; 2], cell: [f64; 2]) -> Self {
        Self {
            x: (0..=columns).map(|i| corner[0] + i as f64 * cell[0]).collect(),
            y: (0..=rows).map(|i| corner[1] + i as f64 * cell[1]).collect(),
            active: vec![true; columns * rows],
        }
    }

    fn masked(mut self, active: impl Fn(usize) -> bool) -> Self {
        self.active = (0..self.active.len()).map(active).collect();
        self
    }

    fn bins(&self) -> usize {
        self.active.iter().filter(|active| **active).count()
    }

    fn middle(&self) -> [f64; 2] {
        [&self.x, &self.y].map(|edges| f64::midpoint(edges[0], edges[edges.len() - 1]))
    }

    fn mesh(&self) -> Mesh {
        let origin = self.middle();
        let mut mesh = Mesh { origin, ..Mesh::default() };
        let columns = self.x.len() - 1;
        for (bin, cell) in (0..self.active.len()).filter(|cell| self.active[*cell]).enumerate() {
            let [i, j] = [cell % columns, cell / columns];
            let first = mesh.positions.len() as u32;
            for [x, y] in [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]] {
                mesh.positions.push([(self.x[x] - origin[0]) as f32, (self.y[y] - origin[1]) as f32]);
                mesh.bins.push(bin as u32);
            }
            mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
        }
        mesh
    }

    /// The bin that covers a position.
    fn bin_at(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let cell_of = |edges: &[f64], at: f64| {
            (0..edges.len() - 1).find(|cell| edges[*cell] <= at && at < edges[cell + 1])
        };
        let cell = cell_of(&self.x, x)? + cell_of(&self.y, y)? * (self.x.len() - 1);
        self.active[cell].then(|| self.active[..cell].iter().filter(|active| **active).count())
    }

    /// Rasterisers place edges to 1/16 pixel; a camera that puts one closer to a pixel's centre than that tests nothing.
    fn assert_clear_of_pixel_centers(&self, camera: &Camera, size: [u32; 2]) {
        for (axis, edges) in [&self.x, &self.y].into_iter().enumerate() {
            for edge in edges {
                let pixel = camera.to_pixel(size, [*edge; 2])[axis];
                if !(-1.0..=f64::from(size[axis]) + 1.0).contains(&pixel) {
                    continue;
                }
                let gap = (pixel - 0.5 - (pixel - 0.5).round()).abs();
                assert!(gap > 0.07, "edge {edge} of axis {axis} is at pixel {pixel}: choose another camera");
            }
        }
    }

    /// The picture by the rules: which bin a pixel's centre lies in, and what colour its value has.
    fn expected(&self, camera: &Camera, size: [u32; 2], layers: &[Layer<'_>]) -> Vec<[f64; 3]> {
        self.assert_clear_of_pixel_centers(camera, size);
        let mut colors = Vec::new();
        for row in 0..size[1] {
            for column in 0..size[0] {
                let position =
                    camera.to_position(size.map(f64::from), [f64::from(column) + 0.5, f64::from(row) + 0.5]);
                let mut color = [BACKGROUND[0], BACKGROUND[1], BACKGROUND[2]].map(f64::from);
                if let Some(bin) = self.bin_at(position) {
                    for layer in layers {
                        let over = layer.color(layer.values[bin]);
                        for (level, over) in color.iter_mut().zip(over) {
                            *level = *level * (1.0 - layer.opacity) + f64::from(over) * layer.opacity;
                        }
                    }
                }
                colors.push(color);
            }
        }
        colors
    }
}

/// What the reference knows of a field.
struct Layer<'a> {
    values: Vec<f32>,
    limits: [f32; 2],
    gamma: f32,
    opacity: f64,
    lut: &'a Lut,
}

impl Layer<'_> {
    /// matplotlib's rule, written out once more.
    fn color(&self, value: f32) -> [u8; 3] {
        if value.is_nan() {
            return [NO_DATA[0], NO_DATA[1], NO_DATA[2]];
        }
        let [lo, hi] = self.limits.map(f64::from);
        let t = ((f64::from(value) - lo) / (hi - lo)).clamp(0.0, 1.0).powf(f64::from(self.gamma));
        self.lut[((t * 256.0).floor() as usize).min(255)]
    }

    fn pass(&self, block: BlockId, row: u32) -> FieldPass {
        FieldPass {
            frames: one(block, row),
            projection: Projection::Max,
            palette: Palette::plain(self.limits, self.gamma, self.lut, NO_DATA).unwrap(),
            opacity: self.opacity as f32,
        }
    }
}

fn assert_close(size: [u32; 2], got: &[[u8; 4]], expected: &[[f64; 3]], what: &str) {
    assert_eq!(got.len(), expected.len());
    let far = |(got, expected): (&[u8; 4], &[f64; 3])| {
        got[3] != 255
            || got.iter().zip(expected).any(|(got, expected)| (f64::from(*got) - expected).abs() > 1.0)
    };
    let wrong: Vec<usize> = (0..got.len()).filter(|i| far((&got[*i], &expected[*i]))).collect();
    if let Some(&first) = wrong.first() {
        let [x, y] = [first as u32 % size[0], first as u32 / size[0]];
        panic!(
            "{what}: {} of {} pixels differ, first ({x}, {y}): {:?} where {:?} is expected",
            wrong.len(),
            got.len(),
            got[first],
            expected[first],
        );
    }
}

fn chunk_of(values: &Array2<f32>) -> Values {
    Values::of(values.ncols(), &values.iter().copied().collect::<Vec<f32>>()).unwrap()
}

fn upload(renderer: &mut Renderer, gpu: &Gpu, id: BlockId, values: &Array2<f32>) {
    renderer.upload(gpu, id, &chunk_of(values), 0..values.nrows()).unwrap();
}

/// (frames, bins) with everything that a float can be.
fn values(frames: usize, bins: usize, low: f32, high: f32) -> Array2<f32> {
    let mut values = Array2::from_shape_fn((frames, bins), |(frame, bin)| {
        // A full-period scramble: neighbours differ, the whole range and a little beyond occurs.
        let t = ((bin * 73 + frame * 31) % 97) as f32 / 96.0;
        low + (high - low) * (t * 1.2 - 0.1)
    });
    for frame in 0..frames {
        for (offset, odd) in
            [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -f32::NAN, 0.0, -0.0, 1e-40].into_iter().enumerate()
        {
            values[[frame, (frame * 5 + offset * 3) % bins]] = odd;
        }
    }
    values
}

fn one(block: BlockId, row: u32) -> Vec<Frames> {
    vec![Frames { block, rows: row..row + 1 }]
}

fn picture(camera: Camera, fields: Vec<FieldPass>) -> Picture {
    Picture { fields, ..Picture::new(camera, BACKGROUND) }
}

fn empty() -> Picture {
    let camera = Camera { center: [0.0, 0.0], units_per_pixel: [1.0; 2], turns: 0 };
    Picture::new(camera, [0, 0, 0, 255])
}

#[wasm_bindgen_test]
async fn a_grid_equals_the_reference_at_every_frame_and_scale() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(12, 9, [0.0, 0.0], [1.0, 1.0]);
    let values = values(4, grid.bins(), -0.2, 0.9);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh());
    upload(&mut renderer, &gpu, BLOCK, &values);
    let uploaded = renderer.bytes();
    // Ten pixels a bin and a margin all round; the width is no multiple of what rows are padded to.
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [150, 120];
    // Neighbouring entries have nothing in common: one step off is seen.
    let zebra: Lut = std::array::from_fn(|entry| [97, 151, 203].map(|step| (entry * step) as u8));
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
        let picture = picture(camera, vec![layer.pass(BLOCK, frame as u32)]);
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
    renderer.set_mesh(&gpu, &grid.mesh());
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
            projection: Projection::Max,
            palette: look.palette(),
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
    renderer.set_mesh(&gpu, &grid.mesh());
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
            let frames = |(block, _, rows): (BlockId, _, std::ops::Range<usize>)| Frames {
                block,
                rows: rows.start as u32..rows.end as u32,
            };
            let pass =
                FieldPass { frames: parts.clone().map(frames).collect(), projection, ..layer.pass(BLOCK, 0) };
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
    renderer.set_mesh(&gpu, &grid.mesh());
    upload(&mut renderer, &gpu, BLOCK, &frames);
    upload(&mut renderer, &gpu, OTHER, &blocks);
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let size = [150, 120];
    for shown in [0..80, 5..80, 16..48, 15..65, 3..21, 20..30] {
        let mut drawn = Vec::new();
        for pools in [&[][..], &[16]] {
            let parts = parts(shown.clone(), 80, pools);
            assert_eq!(
                parts.iter().any(|part| part.level.is_some()),
                !pools.is_empty() && shown != (20..30) && shown != (3..21)
            );
            let frames = parts.into_iter().map(|part| Frames {
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
            let pass =
                FieldPass { frames: frames.collect(), projection: Projection::Max, ..layer.pass(BLOCK, 0) };
            drawn.push(pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await);
        }
        assert!(drawn[0] == drawn[1], "frames {shown:?}");
    }
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
        renderer.set_mesh(&gpu, &grid.mesh());
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
        let block = |block| BlockId { chunk: ChunkId { array, index: 0 }, block };
        // Two blocks of it; the second begins within a word of the chunk.
        renderer.upload(&gpu, block(0), &values, 0..23).unwrap();
        renderer.upload(&gpu, block(1), &values, 23..40).unwrap();
        for (first, end) in [(0, 1), (22, 23), (23, 24), (39, 40), (3, 9), (20, 31)] {
            for (_, projection) in Projection::NAMES.into_iter().filter(|(name, _)| *name != "mean") {
                let layer = Layer {
                    values: (0..99)
                        .map(|bin| projection.of((first..end).map(|row| table[code(row, bin)])))
                        .collect(),
                    limits: [0.0, 1.0],
                    gamma: 1.0,
                    opacity: 1.0,
                    lut: lut("viridis").unwrap(),
                };
                let part = |number: u32, rows: std::ops::Range<usize>, from: usize| {
                    let rows = rows.start.max(first)..rows.end.min(end);
                    (!rows.is_empty()).then(|| Frames {
                        block: block(number),
                        rows: (rows.start - from) as u32..(rows.end - from) as u32,
                    })
                };
                let frames = [part(0, 0..23, 0), part(1, 23..40, 23)].into_iter().flatten().collect();
                let pass = FieldPass { frames, projection, ..layer.pass(block(0), 0) };
                let got =
                    pixels(&gpu, &mut failures, &mut renderer, size, &picture(camera, vec![pass])).await;
                let what = format!("{bytes} bytes, {} of {first}..{end}", projection.name());
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
    renderer.set_mesh(&gpu, &grid.mesh());
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
                lut: lut("viridis").unwrap(),
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
    renderer.set_mesh(&gpu, &grid.mesh());
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
                lut: lut("viridis").unwrap(),
            },
            Layer {
                values: above.row(2).to_vec(),
                limits: [-1.0, 2.0],
                gamma: 0.7,
                opacity: upper,
                lut: lut("hot").unwrap(),
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
        lut: lut("turbo").unwrap(),
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
    renderer.set_mesh(&gpu, &mesh);
    upload(&mut renderer, &gpu, BLOCK, &Array2::from_elem((1, grid.bins()), 1.0));
    // Half opaque: a pixel painted twice shows as much as one left out.
    let layer =
        Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 0.5, lut: lut("gray").unwrap() };
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
    renderer.set_mesh(&gpu, &grid.mesh());
    let chosen = 13 + 11 * 30;
    let center = [-512.0 + 13.5 * 2.0, 300.0 + 11.5 * 2.0];
    let mut values = Array2::zeros((1, grid.bins()));
    values[[0, chosen]] = 1.0;
    upload(&mut renderer, &gpu, BLOCK, &values);
    let layer =
        Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 1.0, lut: lut("gray").unwrap() };
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

/// Weighted mean of pixel centres.
fn centroid(size: [u32; 2], pixels: &[[u8; 4]], weight: impl Fn([u8; 4]) -> f64) -> [f64; 2] {
    let mut sums = [0.0; 3];
    for (i, pixel) in pixels.iter().enumerate() {
        let weight = weight(*pixel);
        let at = [i as u32 % size[0], i as u32 / size[0]].map(|side| f64::from(side) + 0.5);
        sums = [sums[0] + weight * at[0], sums[1] + weight * at[1], sums[2] + weight];
    }
    assert!(sums[2] > 0.0, "nothing was drawn");
    [sums[0] / sums[2], sums[1] / sums[2]]
}

fn assert_near(found: [f64; 2], expected: [f64; 2], what: &str) {
    let off = (found[0] - expected[0]).hypot(found[1] - expected[1]);
    assert!(off < 0.5, "{what}: at {found:?}, expected {expected:?}");
}

fn position(dot: Option<[f64; 2]>, trail: &[([f64; 2], bool)]) -> PositionPass {
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
    renderer.set_mesh(&gpu, &grid.mesh());
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((1, grid.bins())));
    let layer =
        Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 1.0, lut: lut("gray").unwrap() };
    let camera = Camera { center: [24.0, 26.0], units_per_pixel: [0.1; 2], turns: 0 };
    let at = [22.5, 28.5];
    let picture =
        Picture { overlays: vec![position(Some(at), &[])], ..picture(camera, vec![layer.pass(BLOCK, 0)]) };
    let got = pixels(&gpu, &mut failures, &mut renderer, [60, 60], &picture).await;
    let found = centroid([60, 60], &got, |pixel| if pixel[0] > 200 { 1.0 } else { 0.0 });
    // Bin (2, 8) is the one under the dot.
    assert_near(found, camera.to_pixel([60, 60], at), "the dot on its bin");
}

#[wasm_bindgen_test]
async fn a_see_through_picture_keeps_its_alpha() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(1, 1, [0.0, 0.0], [50.0, 100.0]);
    let mut renderer = Renderer::new(&gpu, wgpu::TextureFormat::Bgra8Unorm);
    renderer.set_mesh(&gpu, &grid.mesh());
    upload(&mut renderer, &gpu, BLOCK, &Array2::from_elem((1, 1), f32::NAN));
    let pass = FieldPass {
        frames: one(BLOCK, 0),
        projection: Projection::Max,
        palette: Palette::plain([0.0, 1.0], 1.0, lut("gray").unwrap(), [255, 0, 51, 255]).unwrap(),
        opacity: 0.5,
    };
    let camera = Camera { center: [50.0, 50.0], units_per_pixel: [1.0; 2], turns: 0 };
    let picture = Picture { fields: vec![pass], ..Picture::new(camera, [0, 0, 0, 0]) };
    let got = pixels(&gpu, &mut failures, &mut renderer, [100, 100], &picture).await;
    assert_eq!(got[75], [0, 0, 0, 0]);
    let [red, green, blue, alpha] = got[25];
    assert!(
        red >= 254 && green == 0 && (50..=52).contains(&blue) && (127..=128).contains(&alpha),
        "{:?}",
        got[25]
    );
}

#[wasm_bindgen_test]
async fn what_cannot_be_drawn_says_so() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(3, 3, [0.0, 0.0], [1.0, 1.0]);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh());
    let before = renderer.bytes();
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((2, 9)));
    upload(&mut renderer, &gpu, OTHER, &Array2::zeros((2, 8)));
    assert_eq!(renderer.bytes(), before + 4 * (18 + 16));
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let good = FieldPass {
        frames: one(BLOCK, 1),
        projection: Projection::Max,
        palette: Palette::plain([0.0, 1.0], 1.0, lut("gray").unwrap(), NO_DATA).unwrap(),
        opacity: 1.0,
    };
    let missing = BlockId { block: 9, ..BLOCK };
    for (pass, expected) in [
        (FieldPass { frames: one(missing, 1), ..good.clone() }, GpuError::NotResident { id: missing }),
        (FieldPass { frames: one(BLOCK, 2), ..good.clone() }, GpuError::NoSuchRow { row: 2, rows: 2 }),
        (FieldPass { frames: one(OTHER, 1), ..good.clone() }, GpuError::Bins { environment: 9, field: 8 }),
    ] {
        let result = renderer.read(&gpu, [20, 20], &picture(camera, vec![pass])).await;
        assert_eq!(result, Err(expected));
    }
    let picture = picture(camera, vec![good]);
    let limit = gpu.device.limits().max_texture_dimension_2d;
    assert_eq!(
        renderer.read(&gpu, [limit + 1, 20], &picture).await,
        Err(GpuError::PictureTooLarge { width: limit + 1, height: 20, limit })
    );
    assert_eq!(renderer.read(&gpu, [0, 20], &picture).await, Ok(Vec::new()));

    // Two reads and a draw in between keep apart.
    let [first, second] = [[20, 20], [30, 10]].map(|size| renderer.read(&gpu, size, &picture));
    renderer.discard(BLOCK);
    assert_eq!([second.await.unwrap().len(), first.await.unwrap().len()], [1200, 1600]);
    assert!(!renderer.contains(BLOCK) && renderer.contains(OTHER));
    renderer.discard(OTHER);
    renderer.discard(OTHER);
    assert_eq!(renderer.bytes(), before);

    // Nothing to draw on, and nothing to draw, are no errors.
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((0, 9)));
    renderer.set_mesh(&gpu, &Mesh::default());
    let got = pixels(&gpu, &mut failures, &mut renderer, [4, 4], &empty()).await;
    assert!(got.iter().all(|pixel| *pixel == [0, 0, 0, 255]));
}

#[wasm_bindgen_test]
async fn a_lost_device_is_told_and_replaced() {
    let (lost, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&lost, lost.format);
    lost.device.destroy();
    assert!(matches!(failures.next().await, Some(GpuError::DeviceLost { .. })));
    let result = renderer.read(&lost, [4, 4], &empty()).await;
    assert!(matches!(result, Err(GpuError::DeviceLost { .. })), "{result:?}");

    let (gpu, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&gpu, gpu.format);
    pixels(&gpu, &mut failures, &mut renderer, [4, 4], &empty()).await;
}

#[wasm_bindgen_test]
async fn a_canvas_shows_it_and_survives_zero() {
    let document = web_sys::window().unwrap().document().unwrap();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").unwrap().unchecked_into();
    let instance = Gpu::instance();
    let mut surface = Surface::new(&instance, canvas.clone()).unwrap();
    let (gpu, mut failures) = Gpu::new(&instance, Some(surface.target())).await.unwrap();
    assert!(!gpu.format.is_srgb());
    let mut renderer = Renderer::new(&gpu, gpu.format);
    let dot = PositionPass { color: [250, 128, 3], ..position(Some([0.0, 0.0]), &[]) };
    let picture = Picture { background: BACKGROUND, overlays: vec![dot], ..empty() };

    assert_eq!(surface.present(&gpu, &mut renderer, &picture), Ok(false), "it has no size yet");
    for size in [[40, 30], [0, 30], [64, 0], [31, 57], [31, 57]] {
        surface.resize(&gpu, size);
        let shown = surface.present(&gpu, &mut renderer, &picture).unwrap();
        assert_eq!(shown, !size.contains(&0));
        assert_eq!(surface.size().is_some(), shown);
        if shown {
            assert_eq!([canvas.width(), canvas.height()], size);
            let got = on_screen(&canvas);
            assert_eq!(got[0], BACKGROUND);
            assert_eq!(got[(size[0] / 2 + size[1] / 2 * size[0]) as usize], [250, 128, 3, 255]);
        }
    }
    assert!(failures.try_recv().is_err());
}

/// What a canvas shows now, by way of a 2D canvas.
fn on_screen(canvas: &web_sys::HtmlCanvasElement) -> Vec<[u8; 4]> {
    let read = js_sys::Function::new_with_args(
        "canvas",
        "const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
         copy.drawImage(canvas, 0, 0);
         return new Uint8Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);",
    );
    let bytes: js_sys::Uint8Array =
        read.call1(&wasm_bindgen::JsValue::NULL, canvas).unwrap().unchecked_into();
    bytes.to_vec().as_chunks::<4>().0.to_vec()
}
