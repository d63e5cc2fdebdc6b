//! What drawing costs, against the number of bins: the viewer's own renderer, offscreen, on whatever adapter there is.

use anyhow::{Context, Result};
use futures_executor::block_on;
use replayscope::array::Values;
use replayscope::chunk::ChunkId;
use replayscope::colormap::lut;
use replayscope::environment::Environment;
use replayscope::gpu::{BlockId, Camera, FieldPass, Frames, Gpu, Picture, Renderer};
use replayscope::projection::Projection;
use replayscope_bench::{Bar, Section, Table, digits, quantile, spread, timed};

/// Bins along x and y.
const GRIDS: [[usize; 2]; 5] = [[25, 20], [40, 25], [50, 50], [100, 50], [100, 100]];
/// The canvas of the browser benches, and one so small that its pixels cost nothing.
const SIZES: [[u32; 2]; 2] = [[820, 440], [64, 64]];
const CHUNK_BYTES: usize = 1 << 20;
const REPEATS: usize = 60;
/// Data frames of one picture at 500 Hz.
const FOLDED: u32 = 9;
const BLOCK: BlockId = BlockId { chunk: ChunkId { array: 0, index: 0 }, block: 0 };

fn main() -> Result<()> {
    let (gpu, _failures) = block_on(Gpu::new(&Gpu::instance(), None)).ok().context(NO_ADAPTER)?;
    let mut costs = Vec::new();
    for grid in GRIDS {
        costs.push(measure(&gpu, grid)?);
    }
    report(&costs, &adapter()).write()
}

const NO_ADAPTER: &str = "There is no graphics adapter to draw on. On Debian and Ubuntu a software one is installed by\n  \
     sudo apt-get install mesa-vulkan-drivers";

/// The name of what draws.
fn adapter() -> String {
    let found = block_on(Gpu::instance().request_adapter(&wgpu::RequestAdapterOptions::default()));
    found.map_or_else(|_| "an adapter without a name".to_owned(), |adapter| adapter.get_info().name)
}

struct Cost {
    bins: usize,
    /// Of a chunk.
    upload: Vec<f64>,
    /// By [`SIZES`]: a frame as it is, and several as one.
    drawn: Vec<[Vec<f64>; 2]>,
}

fn measure(gpu: &Gpu, [nx, ny]: [usize; 2]) -> Result<Cost> {
    let bins = nx * ny;
    let centers: Vec<[f64; 2]> =
        (0..bins).map(|bin| [(bin / ny) as f64 + 0.5, (bin % ny) as f64 + 0.5]).collect();
    let mut renderer = Renderer::new(gpu, wgpu::TextureFormat::Rgba8Unorm);
    renderer.set_mesh(gpu, &Environment::from_centers(&centers)?.mesh(false));
    let rows = CHUNK_BYTES / (bins * 4);
    let mut random = fastrand::Rng::with_seed(1);
    let values: Vec<f32> = std::iter::repeat_with(|| random.f32()).take(rows * bins).collect();
    let values = Values::of(bins, &values).context("the values are no whole rows")?;
    let wait = || gpu.device.poll(wgpu::PollType::Wait { submission_index: None, timeout: None });

    let mut upload = Vec::new();
    for _ in 0..REPEATS {
        let (uploaded, took) = timed(|| {
            let uploaded = renderer.upload(gpu, BLOCK, &values, 0..rows);
            gpu.queue.submit([]);
            wait().map(|_| uploaded)
        });
        uploaded??;
        upload.push(took);
    }
    let mut drawn = Vec::new();
    for size in SIZES {
        let view = target(gpu, size);
        let scale = (nx as f64 / f64::from(size[0])).max(ny as f64 / f64::from(size[1]));
        let camera = Camera { center: [nx as f64 / 2.0, ny as f64 / 2.0], units_per_pixel: scale, turns: 0 };
        let mut costs = [Vec::new(), Vec::new()];
        for (count, times) in [1, FOLDED].into_iter().zip(&mut costs) {
            // The first makes what is then kept.
            for turn in 0..=REPEATS as u32 {
                let first = turn * 3 % (rows as u32 - count);
                let picture = picture(camera, first..first + count)?;
                let (done, took) = timed(|| {
                    let drawn = renderer.draw(gpu, &view, size, &picture);
                    wait().map(|_| drawn)
                });
                done??;
                if turn > 0 {
                    times.push(took);
                }
            }
        }
        drawn.push(costs);
    }
    Ok(Cost { bins, upload, drawn })
}

fn target(gpu: &Gpu, [width, height]: [u32; 2]) -> wgpu::TextureView {
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

fn picture(camera: Camera, rows: std::ops::Range<u32>) -> Result<Picture<'static>> {
    let field = FieldPass {
        frames: vec![Frames { block: BLOCK, rows }],
        projection: Projection::Max,
        limits: [0.0, 1.0],
        gamma: 1.0,
        opacity: 1.0,
        lut: lut("viridis").context("viridis is gone")?,
        no_data: [0; 4],
    };
    Ok(Picture {
        camera,
        background: [0, 0, 0, 255],
        fields: vec![field],
        borders: None,
        fills: Vec::new(),
        overlays: Vec::new(),
    })
}

fn report(costs: &[Cost], adapter: &str) -> Section {
    let growth = |of: fn(&Cost) -> &[f64]| {
        let median = |cost: Option<&Cost>| cost.map_or(f64::NAN, |cost| quantile(of(cost), 0.5));
        median(costs.last()) / median(costs.first())
    };
    let more =
        costs.last().map_or(0, |cost| cost.bins) as f64 / costs.first().map_or(1, |cost| cost.bins) as f64;
    let bar = |figure: &str, growth: f64| Bar {
        figure: format!("{figure}, 500 → 10,000 bins, natively"),
        must: format!("no faster than linearly: ≤ {}×", digits(more)),
        measured: format!("{}×", digits(growth)),
        met: growth <= more,
    };
    Section {
        title: "Drawing",
        how: vec![format!(
            "The viewer's renderer natively, offscreen, on {adapter}: from the call until the device is done, {REPEATS} times. \
             A frame as it is stored, and {FOLDED} frames that become one by their maximum; a chunk of 1 MiB going up."
        )],
        bars: vec![
            bar("cost of a drawn frame", growth(|cost| &cost.drawn[0][0])),
            bar("cost of a drawn frame of several", growth(|cost| &cost.drawn[0][1])),
        ],
        tables: vec![Table {
            caption: format!(
                "A picture of {} × {} pixels, and of {} × {}",
                SIZES[0][0], SIZES[0][1], SIZES[1][0], SIZES[1][1]
            ),
            head: vec![
                "bins",
                "one frame",
                "several",
                "one frame, small",
                "several, small",
                "upload of a chunk",
            ],
            rows: costs
                .iter()
                .map(|cost| {
                    let mut row = vec![cost.bins.to_string()];
                    row.extend(cost.drawn.as_flattened().iter().map(|times| spread(times)));
                    row.push(spread(&cost.upload));
                    row
                })
                .collect(),
        }],
        notes: Vec::new(),
    }
}
