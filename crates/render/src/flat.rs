//! Draws what has one flat colour: insides of regions, and borders of bins.

use std::ops::Range;

use crate::device::Gpu;
use crate::mesh::{MeshBuffers, MeshRef};
use crate::picture::RegionFill;
use crate::pipeline::{POSITIONS, RenderStages};

/// The insides of all regions, in two buffers.
#[derive(Debug)]
struct RegionBuffers {
    positions: wgpu::Buffer,
    indices: wgpu::Buffer,
    /// The interval of `indices` that draws each region.
    ranges: Vec<Range<u32>>,
}

impl Drop for RegionBuffers {
    fn drop(&mut self) {
        self.positions.destroy();
        self.indices.destroy();
    }
}

/// The pipelines that draw regions and borders, and the regions' triangles.
#[derive(Debug)]
pub(crate) struct FlatRenderer {
    fill_pipeline: wgpu::RenderPipeline,
    border_pipeline: wgpu::RenderPipeline,
    regions: Option<RegionBuffers>,
    /// The colour of each draw call, read as its instance.
    colors: wgpu::Buffer,
}

/// The most draw calls of one picture; regions beyond that are not drawn.
const MAX_DRAWS: u64 = 1024;

impl FlatRenderer {
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, samples: u32, view: &wgpu::BindGroupLayout) -> Self {
        let module = gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/flat.wgsl")));
        let pipeline = |topology| {
            gpu.render_pipeline(&RenderStages {
                module: &module,
                groups: &[Some(view)],
                entries: ["corner", "fill"],
                buffers: &[
                    Some(POSITIONS),
                    Some(wgpu::VertexBufferLayout {
                        array_stride: 4,
                        step_mode: wgpu::VertexStepMode::Instance,
                        attributes: &wgpu::vertex_attr_array![1 => Unorm8x4],
                    }),
                ],
                topology,
                format,
                samples,
            })
        };
        let usage = wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST;
        Self {
            fill_pipeline: pipeline(wgpu::PrimitiveTopology::TriangleList),
            border_pipeline: pipeline(wgpu::PrimitiveTopology::LineList),
            regions: None,
            colors: gpu.buffer("colors", MAX_DRAWS * 4, usage),
        }
    }

    /// Uploads the insides of regions, with coordinates relative to `origin` (environment units).
    pub fn set_regions(&mut self, gpu: &Gpu, meshes: &[MeshRef<'_>], origin: [f64; 2]) {
        self.regions = None;
        let (mut positions, mut indices, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
        for mesh in meshes {
            let (first, start) = (positions.len() as u32, indices.len() as u32);
            let moved = |vertex: [f32; 2]| {
                [0, 1].map(|axis| (f64::from(vertex[axis]) + mesh.origin[axis] - origin[axis]) as f32)
            };
            positions.extend(mesh.positions.iter().copied().map(moved));
            indices.extend(mesh.indices.iter().map(|corner| first + corner));
            ranges.push(start..indices.len() as u32);
        }
        if !indices.is_empty() {
            let positions = gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(&positions));
            let indices = gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(&indices));
            self.regions = Some(RegionBuffers { positions, indices, ranges });
        }
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        let regions = self.regions.iter().flat_map(|regions| [&regions.positions, &regions.indices]);
        self.colors.size() + regions.map(wgpu::Buffer::size).sum::<u64>()
    }

    /// Writes the colours: that of the borders, then that of each fill.
    pub fn prepare(&self, gpu: &Gpu, borders: Option<[u8; 4]>, fills: &[RegionFill]) {
        let mut colors = vec![borders.unwrap_or_default()];
        colors.extend(fills.iter().map(|fill| fill.color));
        colors.truncate(MAX_DRAWS as usize);
        gpu.queue.write_buffer(&self.colors, 0, bytemuck::cast_slice(&colors));
    }

    /// Draws the borders of `borders`, if given, and the fills that were prepared.
    pub fn draw(
        &self,
        target: &mut wgpu::RenderPass<'_>,
        borders: Option<&MeshBuffers>,
        fills: &[RegionFill],
    ) {
        target.set_vertex_buffer(1, self.colors.slice(..));
        if let Some(mesh) = borders {
            target.set_pipeline(&self.border_pipeline);
            target.set_vertex_buffer(0, mesh.positions.slice(..));
            target.set_index_buffer(mesh.edges.slice(..), wgpu::IndexFormat::Uint32);
            target.draw_indexed(0..mesh.edge_index_count, 0, 0..1);
        }
        let Some(regions) = &self.regions else { return };
        target.set_pipeline(&self.fill_pipeline);
        target.set_vertex_buffer(0, regions.positions.slice(..));
        target.set_index_buffer(regions.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (fill, draw) in fills.iter().zip(1..MAX_DRAWS as u32) {
            if let Some(range) = regions.ranges.get(fill.region) {
                target.draw_indexed(range.clone(), 0, draw..draw + 1);
            }
        }
    }
}
