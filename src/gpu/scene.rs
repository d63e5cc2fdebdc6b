//! Insides of regions and borders of bins: plain colours over the fields.

use std::ops::Range;

use super::field::MeshBuffers;
use super::pipeline::{PLACES, Stages};
use super::{Fill, Gpu};
use replayscope_session::environment::Mesh;

/// The insides of all regions in two buffers.
#[derive(Debug)]
struct Insides {
    positions: wgpu::Buffer,
    indices: wgpu::Buffer,
    /// Which indices are each region's.
    ranges: Vec<Range<u32>>,
}

impl Drop for Insides {
    fn drop(&mut self) {
        self.positions.destroy();
        self.indices.destroy();
    }
}

/// Draws insides and borders, each in a colour of its own.
#[derive(Debug)]
pub(super) struct SceneRenderer {
    insides_pipeline: wgpu::RenderPipeline,
    borders_pipeline: wgpu::RenderPipeline,
    insides: Option<Insides>,
    /// One a draw.
    colors: wgpu::Buffer,
}

/// Draws of one picture whose colours have room; more regions than this are not drawn.
const DRAWS: u64 = 1024;

impl SceneRenderer {
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, samples: u32, view: &wgpu::BindGroupLayout) -> Self {
        let module = gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/scene.wgsl")));
        let pipeline = |topology| {
            gpu.pipeline(&Stages {
                module: &module,
                groups: &[Some(view)],
                entries: ["corner", "fill"],
                buffers: &[
                    Some(PLACES),
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
            insides_pipeline: pipeline(wgpu::PrimitiveTopology::TriangleList),
            borders_pipeline: pipeline(wgpu::PrimitiveTopology::LineList),
            insides: None,
            colors: gpu.buffer("colors", DRAWS * 4, usage),
        }
    }

    /// The insides of regions, in coordinates relative to `origin` from now on.
    pub fn set_insides(&mut self, gpu: &Gpu, meshes: &[Mesh], origin: [f64; 2]) {
        self.insides = None;
        let (mut positions, mut indices, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
        for mesh in meshes {
            let (first, start) = (positions.len() as u32, indices.len() as u32);
            let moved = |at: [f32; 2]| {
                [0, 1].map(|axis| (f64::from(at[axis]) + mesh.origin[axis] - origin[axis]) as f32)
            };
            positions.extend(mesh.positions.iter().copied().map(moved));
            indices.extend(mesh.indices.iter().map(|corner| first + corner));
            ranges.push(start..indices.len() as u32);
        }
        if !indices.is_empty() {
            let positions = gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(&positions));
            let indices = gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(&indices));
            self.insides = Some(Insides { positions, indices, ranges });
        }
    }

    /// Device memory of all of it.
    pub fn bytes(&self) -> u64 {
        let insides = self.insides.iter().flat_map(|insides| [&insides.positions, &insides.indices]);
        self.colors.size() + insides.map(wgpu::Buffer::size).sum::<u64>()
    }

    /// Writes the colours: the borders' first, then one a fill.
    pub fn prepare(&self, gpu: &Gpu, borders: Option<[u8; 4]>, fills: &[Fill]) {
        let mut colors = vec![borders.unwrap_or_default()];
        colors.extend(fills.iter().map(|fill| fill.color));
        colors.truncate(DRAWS as usize);
        gpu.queue.write_buffer(&self.colors, 0, bytemuck::cast_slice(&colors));
    }

    /// Draws what was prepared.
    pub fn draw(&self, target: &mut wgpu::RenderPass<'_>, borders: Option<&MeshBuffers>, fills: &[Fill]) {
        target.set_vertex_buffer(1, self.colors.slice(..));
        if let Some(mesh) = borders {
            target.set_pipeline(&self.borders_pipeline);
            target.set_vertex_buffer(0, mesh.positions.slice(..));
            target.set_index_buffer(mesh.edges.slice(..), wgpu::IndexFormat::Uint32);
            target.draw_indexed(0..mesh.edge_count, 0, 0..1);
        }
        let Some(insides) = &self.insides else { return };
        target.set_pipeline(&self.insides_pipeline);
        target.set_vertex_buffer(0, insides.positions.slice(..));
        target.set_index_buffer(insides.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (fill, draw) in fills.iter().zip(1..DRAWS as u32) {
            if let Some(range) = insides.ranges.get(fill.region) {
                target.draw_indexed(range.clone(), 0, draw..draw + 1);
            }
        }
    }
}
