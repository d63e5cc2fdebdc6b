//! Measures drawing against the number of bins: the viewer's own renderer, offscreen, on any available adapter.

use anyhow::{Context, Result};
use futures_executor::block_on;
use replayscope_bench::{Bar, Section, Table, digits, quantile, repeats, spread, timed};
use replayscope_render::{BlockId, BlockRows, Camera, FieldPass, Fold, Gpu, Picture, Renderer};
use replayscope_session::colormap::{Palette, lut};
use replayscope_session::environment::{Environment, Explicit};
use replayscope_viewer::{ThresholdCache, mesh_ref};
use replayscope_zarr::array::Values;

/// Bins along x and y.
const GRIDS: [[usize; 2]; 5] = [[25, 20], [40, 25], [50, 50], [100, 50], [100, 100]];
/// The canvas of the browser benches, and one so small that its pixels cost nothing.
const SIZES: [[u32; 2]; 2] = [[820, 440], [64, 64]];
/// Where layouts are compared, each of 100 × 100 bins.
const LARGE: [u32; 2] = [1200, 900];
const CHUNK_BYTES: usize = 1 << 20;
const REPEATS: usize = 60;
/// Data frames of one picture at 500 Hz.
const FOLDED: u32 = 9;
const BLOCK: BlockId = BlockId { array: 0, chunk: 0, block: 0 };

fn main() -> Result<()> {
    let (gpu, _failures) = block_on(Gpu::new(&Gpu::instance(), None)).ok().context(NO_ADAPTER)?;
    let mut costs = Vec::new();
    for [nx, ny] in GRIDS {
        costs.push(measure(&gpu, &squares(nx, ny)?, &SIZES)?);
    }
    let layouts = [squares(100, 100)?, hexagons()?, triangles()?, wedges()?];
    let compared: Result<Vec<_>> = layouts
        .iter()
        .map(|environment| Ok((environment.layout.name(), measure(&gpu, environment, &[LARGE])?)))
        .collect();
    report(&costs, &compared?, &adapter()).write()
}

fn squares(nx: usize, ny: usize) -> Result<Environment> {
    let centers: Vec<[f64; 2]> =
        (0..nx * ny).map(|bin| [(bin / ny) as f64 + 0.5, (bin % ny) as f64 + 0.5]).collect();
    Ok(Environment::from_centers(&centers)?)
}

fn hexagons() -> Result<Environment> {
    let place = |bin: usize| {
        let (row, column) = ((bin / 100) as f64, (bin % 100) as f64);
        serde_json::json!([column + 0.5 * (row % 2.0), row * 0.75_f64.sqrt()])
    };
    let centers: Vec<_> = (0..10_000).map(place).collect();
    let dict = serde_json::json!({"layout_type": "Hexagonal", "bin_centers": centers});
    Ok(Environment::from_dict(&dict.into(), None)?)
}

/// Two to a square.
fn triangles() -> Result<Environment> {
    let corners = (0..5_000).flat_map(|square| {
        let [x, y] = [f64::from(square / 50), f64::from(square % 50) * 2.0];
        [[x, y], [x + 1.0, y], [x, y + 2.0], [x + 1.0, y], [x + 1.0, y + 2.0], [x, y + 2.0]]
    });
    let explicit =
        Explicit { vertices: corners.collect(), offsets: (0..=10_000).map(|bin| 3 * bin).collect() };
    Ok(Environment::shaped(None, None, Some(explicit))?)
}

fn wedges() -> Result<Environment> {
    let lines = |step: f64, start: f64| (0..=100).map(|i| f64::from(i) * step + start).collect::<Vec<_>>();
    let turn = std::f64::consts::TAU / 100.0;
    let centers: Vec<_> = (0..10_000)
        .map(|bin| [f64::from(bin / 100) + 0.5, (f64::from(bin % 100) + 0.5) * turn - std::f64::consts::PI])
        .collect();
    let dict = serde_json::json!({"layout_type": "MaskedGrid", "coordinate_kind": "polar", "bin_centers": centers,
        "grid_edges": [lines(1.0, 0.0), lines(turn, -std::f64::consts::PI)], "active_mask": vec![true; 10_000]});
    Ok(Environment::from_dict(&dict.into(), None)?)
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
    /// Durations of the uploads of a chunk.
    upload: Vec<f64>,
    /// By [`SIZES`]: a frame as it is, and several as one.
    drawn: Vec<[Vec<f64>; 2]>,
}

fn measure(gpu: &Gpu, environment: &Environment, sizes: &[[u32; 2]]) -> Result<Cost> {
    let bins = environment.bins();
    let mut renderer = Renderer::new(gpu, wgpu::TextureFormat::Rgba8Unorm);
    renderer.set_mesh(gpu, &mesh_ref(&environment.mesh(false)));
    let rows = CHUNK_BYTES / (bins * 4);
    let repeats = repeats(REPEATS);
    let mut random = fastrand::Rng::with_seed(1);
    let values: Vec<f32> = std::iter::repeat_with(|| random.f32()).take(rows * bins).collect();
    let values = Values::of(bins, &values).context("the values are no whole rows")?;
    let wait = || gpu.device.poll(wgpu::PollType::Wait { submission_index: None, timeout: None });

    let mut upload = Vec::new();
    for _ in 0..repeats {
        let (uploaded, took) = timed(|| {
            let uploaded = renderer.upload(gpu, BLOCK, &values, 0..rows);
            gpu.queue.submit([]);
            wait().map(|_| uploaded)
        });
        uploaded??;
        upload.push(took);
    }
    let mut drawn = Vec::new();
    let bounds = environment.bounds();
    let [wide, high] = [bounds.x, bounds.y].map(|[low, high]| high - low);
    for size in sizes.iter().copied() {
        let view = target(gpu, size);
        let scale = (wide / f64::from(size[0])).max(high / f64::from(size[1]));
        let center = [bounds.x, bounds.y].map(|[low, high]| f64::midpoint(low, high));
        let camera = Camera { center, units_per_pixel: [scale; 2], turns: 0 };
        let mut costs = [Vec::new(), Vec::new()];
        for (count, times) in [1, FOLDED].into_iter().zip(&mut costs) {
            // The first makes what is then kept.
            for turn in 0..=repeats as u32 {
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

fn picture(camera: Camera, rows: std::ops::Range<u32>) -> Result<Picture> {
    let palette = lut("viridis")
        .and_then(|lut| Palette::plain([0.0, 1.0], 1.0, lut, [0; 4]))
        .context("viridis is gone")?;
    let field = FieldPass {
        frames: vec![BlockRows { block: BLOCK, rows }],
        fold: Fold::Max,
        transfer: ThresholdCache::default().transfer_function(&palette),
        opacity: 1.0,
    };
    Ok(Picture { fields: vec![field], ..Picture::new(camera, [0, 0, 0, 255]) })
}

fn report(costs: &[Cost], layouts: &[(&str, Cost)], adapter: &str) -> Section {
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
    let repeats = repeats(REPEATS);
    Section {
        title: "Drawing",
        how: vec![format!(
            "The viewer's renderer natively, offscreen, on {adapter}: from the call until the device is done, {repeats} times. \
             A frame as it is stored, and {FOLDED} frames that become one by their maximum; a chunk of 1 MiB going up. All bins of a frame are one \
             draw. Edges that are aslant are smoothed with four samples a pixel, a grid's need none."
        )],
        bars: vec![
            bar("cost of a drawn frame", growth(|cost| &cost.drawn[0][0])),
            bar("cost of a drawn frame of several", growth(|cost| &cost.drawn[0][1])),
        ],
        tables: vec![
            Table {
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
            },
            of_layouts(layouts),
        ],
        notes: Vec::new(),
    }
}

fn of_layouts(layouts: &[(&str, Cost)]) -> Table {
    let grid = layouts.first().map_or(f64::NAN, |(_, cost)| quantile(&cost.drawn[0][0], 0.5));
    Table {
        caption: format!("10,000 bins in a picture of {} × {}", LARGE[0], LARGE[1]),
        head: vec!["bins", "one frame", "several", "one frame, of the grid's"],
        rows: layouts
            .iter()
            .map(|(name, cost)| {
                let [one, several] = &cost.drawn[0];
                let growth = quantile(one, 0.5) / grid;
                vec![(*name).to_owned(), spread(one), spread(several), format!("{}×", digits(growth))]
            })
            .collect(),
    }
}
