//! A grid of rectangles, the picture of it by a plain reading of the rules, and what the renderer draws.

use ndarray::Array2;
use replayscope_codecs::{Values, order_key, value_of};
use replayscope_render::{
    BlockId, BlockRows, Camera, DeviceErrors, FieldPass, Fold, Gpu, MeshRef, Picture, Renderer,
    TransferFunction,
};

pub const BLOCK: BlockId = BlockId { array: 0, chunk: 7, block: 0 };
pub const OTHER: BlockId = BlockId { array: 1, chunk: 7, block: 2 };
pub const BACKGROUND: [u8; 4] = [11, 22, 33, 255];
pub const NO_DATA: [u8; 4] = [200, 100, 50, 255];

/// 256 colours, sRGB bytes.
pub type Lut = [[u8; 3]; 256];

/// Colours of which neighbours have nothing in common, so that one entry off is seen.
pub fn zebra(steps: [usize; 3]) -> Lut {
    std::array::from_fn(|entry| steps.map(|step| (entry * step) as u8))
}

/// From black to white.
pub fn gray() -> Lut {
    std::array::from_fn(|entry| [entry as u8; 3])
}

pub async fn gpu() -> (Gpu, DeviceErrors) {
    Gpu::new(&Gpu::instance(), None).await.expect("these tests need WebGPU; webdriver.json has the flags")
}

/// A mesh that owns its triangles.
#[derive(Default)]
pub struct Mesh {
    pub origin: [f64; 2],
    pub positions: Vec<[f32; 2]>,
    pub bins: Vec<u32>,
    pub indices: Vec<u32>,
}

impl Mesh {
    pub fn borrowed(&self) -> MeshRef<'_> {
        let Self { origin, positions, bins, indices } = self;
        MeshRef { origin: *origin, positions, bins, indices, ..MeshRef::default() }
    }
}

/// Draws offscreen, and sees to it that the device has not complained.
pub async fn pixels(
    gpu: &Gpu,
    failures: &mut DeviceErrors,
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
pub struct Grid {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    active: Vec<bool>,
}

impl Grid {
    pub fn new(columns: usize, rows: usize, corner: [f64; 2], cell: [f64; 2]) -> Self {
        Self {
            x: (0..=columns).map(|i| corner[0] + i as f64 * cell[0]).collect(),
            y: (0..=rows).map(|i| corner[1] + i as f64 * cell[1]).collect(),
            active: vec![true; columns * rows],
        }
    }

    pub fn masked(mut self, active: impl Fn(usize) -> bool) -> Self {
        self.active = (0..self.active.len()).map(active).collect();
        self
    }

    pub fn bins(&self) -> usize {
        self.active.iter().filter(|active| **active).count()
    }

    pub fn middle(&self) -> [f64; 2] {
        [&self.x, &self.y].map(|edges| f64::midpoint(edges[0], edges[edges.len() - 1]))
    }

    pub fn mesh(&self) -> Mesh {
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
    pub fn bin_at(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let cell_of = |edges: &[f64], at: f64| {
            (0..edges.len() - 1).find(|cell| edges[*cell] <= at && at < edges[cell + 1])
        };
        let cell = cell_of(&self.x, x)? + cell_of(&self.y, y)? * (self.x.len() - 1);
        self.active[cell].then(|| self.active[..cell].iter().filter(|active| **active).count())
    }

    /// Rasterisers place edges to 1/16 pixel; a camera that puts one closer to a pixel's centre than that tests nothing.
    pub fn assert_clear_of_pixel_centers(&self, camera: &Camera, size: [u32; 2]) {
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
    pub fn expected(&self, camera: &Camera, size: [u32; 2], layers: &[Layer<'_>]) -> Vec<[f64; 3]> {
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
pub struct Layer<'a> {
    pub values: Vec<f32>,
    pub limits: [f32; 2],
    pub gamma: f32,
    pub opacity: f64,
    pub lut: &'a Lut,
}

impl Layer<'_> {
    /// matplotlib's rule, written out once more; `None` for NaN.
    fn entry(&self, value: f32) -> Option<usize> {
        let [lo, hi] = self.limits.map(f64::from);
        let t = ((f64::from(value) - lo) / (hi - lo)).clamp(0.0, 1.0).powf(f64::from(self.gamma));
        (!value.is_nan()).then(|| ((t * 256.0).floor() as usize).min(255))
    }

    fn color(&self, value: f32) -> [u8; 3] {
        self.entry(value).map_or([NO_DATA[0], NO_DATA[1], NO_DATA[2]], |entry| self.lut[entry])
    }

    /// The rule as a lookup table: the least key of each entry is found by halving.
    pub fn transfer(&self) -> TransferFunction {
        let [least, greatest] = [f32::NEG_INFINITY, f32::INFINITY].map(order_key);
        let thresholds = std::array::from_fn(|entry| {
            let [mut below, mut reached] = [least - 1, greatest];
            while entry > 0 && reached - below > 1 {
                let middle = below + (reached - below) / 2;
                if self.entry(value_of(middle)).unwrap() >= entry { reached = middle } else { below = middle }
            }
            if entry == 0 { 0 } else { reached }
        });
        let colors = self.lut.map(|[red, green, blue]| [red, green, blue, 255]);
        let limit_keys = self.limits.map(order_key);
        TransferFunction {
            thresholds,
            colors,
            limit_keys,
            under: colors[0],
            over: colors[255],
            no_data: NO_DATA,
        }
    }

    pub fn pass(&self, block: BlockId, row: u32) -> FieldPass {
        FieldPass {
            frames: one(block, row),
            fold: Fold::Max,
            transfer: self.transfer(),
            opacity: self.opacity as f32,
        }
    }
}

pub fn assert_close(size: [u32; 2], got: &[[u8; 4]], expected: &[[f64; 3]], what: &str) {
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

pub fn chunk_of(values: &Array2<f32>) -> Values {
    Values::of(values.ncols(), &values.iter().copied().collect::<Vec<f32>>()).unwrap()
}

pub fn upload(renderer: &mut Renderer, gpu: &Gpu, id: BlockId, values: &Array2<f32>) {
    renderer.upload(gpu, id, &chunk_of(values), 0..values.nrows()).unwrap();
}

/// (frames, bins) with everything that a float can be.
pub fn values(frames: usize, bins: usize, low: f32, high: f32) -> Array2<f32> {
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

pub fn one(block: BlockId, row: u32) -> Vec<BlockRows> {
    vec![BlockRows { block, rows: row..row + 1 }]
}

pub fn picture(camera: Camera, fields: Vec<FieldPass>) -> Picture {
    Picture { fields, ..Picture::new(camera, BACKGROUND) }
}

pub fn empty() -> Picture {
    let camera = Camera { center: [0.0, 0.0], units_per_pixel: [1.0; 2], turns: 0 };
    Picture::new(camera, [0, 0, 0, 255])
}

/// Weighted mean of pixel centres.
pub fn centroid(size: [u32; 2], pixels: &[[u8; 4]], weight: impl Fn([u8; 4]) -> f64) -> [f64; 2] {
    let mut sums = [0.0; 3];
    for (i, pixel) in pixels.iter().enumerate() {
        let weight = weight(*pixel);
        let at = [i as u32 % size[0], i as u32 / size[0]].map(|side| f64::from(side) + 0.5);
        sums = [sums[0] + weight * at[0], sums[1] + weight * at[1], sums[2] + weight];
    }
    assert!(sums[2] > 0.0, "nothing was drawn");
    [sums[0] / sums[2], sums[1] / sums[2]]
}

pub fn assert_near(found: [f64; 2], expected: [f64; 2], what: &str) {
    let off = (found[0] - expected[0]).hypot(found[1] - expected[1]);
    assert!(off < 0.5, "{what}: at {found:?}, expected {expected:?}");
}
