//! Fields: one polygon a bin, coloured by the value of the shown frame.

use bytemuck::{Pod, Zeroable};

use super::blocks::Blocks;
use super::fold::Folder;
use super::pipeline::{PLACES, Stages};
use super::{FieldPass, Gpu, GpuError};
use replayscope_session::colormap::Scale;
use replayscope_session::environment::Mesh;

/// As `Field` in `field.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Uniforms {
    offset: u32,
    opacity: f32,
    bits: u32,
    unused: u32,
    limit_keys: [u32; 2],
    padding: [u32; 2],
    no_data: [f32; 4],
    under: [f32; 4],
    over: [f32; 4],
    thresholds: [u32; 256],
    colors: [[u8; 4]; 256],
}

/// Distance between the uniforms of two fields: their size, rounded up to what every device can offset by.
const STRIDE: u64 = size_of::<Uniforms>().next_multiple_of(256) as u64;

/// The environment on the device.
#[derive(Debug)]
pub(super) struct MeshBuffers {
    pub positions: wgpu::Buffer,
    bins: wgpu::Buffer,
    indices: wgpu::Buffer,
    pub edges: wgpu::Buffer,
    /// Indices to draw.
    count: u32,
    pub edge_count: u32,
    /// How many bins the vertices refer to.
    bin_count: u32,
}

impl Drop for MeshBuffers {
    fn drop(&mut self) {
        for buffer in [&self.positions, &self.bins, &self.indices, &self.edges] {
            buffer.destroy();
        }
    }
}

/// Draws fields.
#[derive(Debug)]
pub(super) struct FieldRenderer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    mesh: Option<MeshBuffers>,
    /// Of the latest pictures' scales: the next one's are mostly the same, and a thousand divisions are saved.
    thresholds: Vec<(Scale, [u32; 256])>,
}

/// Scales whose thresholds are kept.
const SCALES: usize = 8;

impl FieldRenderer {
    pub fn new(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        samples: u32,
        view: &wgpu::BindGroupLayout,
        block: &wgpu::BindGroupLayout,
    ) -> Self {
        let layout = gpu.group_layout(wgpu::ShaderStages::VERTEX, wgpu::BufferBindingType::Uniform, true);
        let pipeline = gpu.pipeline(&Stages {
            module: &gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/field.wgsl"))),
            groups: &[Some(view), Some(&layout), Some(block), Some(block)],
            entries: ["corner", "fill"],
            buffers: &[
                Some(PLACES),
                Some(wgpu::VertexBufferLayout {
                    array_stride: 4,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &wgpu::vertex_attr_array![1 => Uint32],
                }),
            ],
            topology: wgpu::PrimitiveTopology::TriangleList,
            format,
            samples,
        });
        let (uniforms, bind_group) = gpu.uniforms::<Uniforms>(&layout, 2, STRIDE);
        Self { pipeline, layout, uniforms, bind_group, mesh: None, thresholds: Vec::new() }
    }

    pub fn set_mesh(&mut self, gpu: &Gpu, mesh: &Mesh) {
        self.mesh = None;
        if mesh.indices.is_empty() {
            return;
        }
        self.mesh = Some(MeshBuffers {
            positions: gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(&mesh.positions)),
            bins: gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(&mesh.bins)),
            indices: gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(&mesh.indices)),
            edges: gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(&mesh.edges)),
            count: mesh.indices.len() as u32,
            edge_count: mesh.edges.len() as u32,
            bin_count: mesh.bins.iter().max().map_or(0, |bin| bin.saturating_add(1)),
        });
    }

    /// The environment on the device.
    pub fn mesh(&self) -> Option<&MeshBuffers> {
        self.mesh.as_ref()
    }

    /// Device memory of the mesh and the uniforms.
    pub fn bytes(&self) -> u64 {
        let buffers = |mesh: &MeshBuffers| {
            [&mesh.positions, &mesh.bins, &mesh.indices, &mesh.edges].map(wgpu::Buffer::size)
        };
        let mesh = self.mesh.iter().flat_map(buffers);
        self.uniforms.size() + mesh.sum::<u64>()
    }

    /// Checks the passes against what is resident, and writes their uniforms.
    pub fn prepare(&mut self, gpu: &Gpu, passes: &[FieldPass], blocks: &Blocks) -> Result<(), GpuError> {
        let room = self.uniforms.size() / STRIDE;
        if passes.len() as u64 > room {
            self.uniforms.destroy();
            (self.uniforms, self.bind_group) =
                gpu.uniforms::<Uniforms>(&self.layout, passes.len().next_power_of_two(), STRIDE);
        }
        for (i, pass) in passes.iter().enumerate() {
            let uniforms = self.uniforms_of(pass, blocks)?;
            gpu.queue.write_buffer(&self.uniforms, i as u64 * STRIDE, bytemuck::bytes_of(&uniforms));
        }
        Ok(())
    }

    fn uniforms_of(&mut self, pass: &FieldPass, blocks: &Blocks) -> Result<Uniforms, GpuError> {
        let environment = self.mesh.as_ref().map_or(0, |mesh| mesh.bin_count);
        for frames in &pass.frames {
            let block = blocks.get(frames.block).ok_or(GpuError::NotResident { id: frames.block })?;
            if frames.rows.end > block.rows {
                return Err(GpuError::NoSuchRow { row: frames.rows.end - 1, rows: block.rows });
            }
            if environment > block.bins {
                return Err(GpuError::Bins { environment, field: block.bins });
            }
        }
        // Of a frame that is drawn as it is; a folded one is the first of its buffer.
        let single = pass.single().and_then(|(block, row)| {
            let block = blocks.get(block)?;
            Some((row * block.bins, block.bits))
        });
        let (offset, bits) = single.unwrap_or((0, 32));
        let opacity = pass.opacity.clamp(0.0, 1.0);
        let palette = &pass.palette;
        let [no_data, under, over] = [palette.ends.no_data, palette.under(), palette.over()]
            .map(|color| premultiplied(color, opacity));
        Ok(Uniforms {
            offset,
            opacity,
            bits,
            unused: 0,
            limit_keys: palette.scale.limit_keys(),
            padding: [0; 2],
            no_data,
            under,
            over,
            thresholds: self.thresholds(palette.scale),
            colors: palette.colors,
        })
    }

    fn thresholds(&mut self, scale: Scale) -> [u32; 256] {
        if let Some((_, known)) = self.thresholds.iter().find(|(other, _)| *other == scale) {
            return *known;
        }
        self.thresholds.truncate(SCALES - 1);
        self.thresholds.insert(0, (scale, scale.thresholds()));
        self.thresholds[0].1
    }

    /// Draws the passes that were prepared.
    pub fn draw(
        &self,
        target: &mut wgpu::RenderPass<'_>,
        passes: &[FieldPass],
        blocks: &Blocks,
        folder: &Folder,
    ) {
        let Some(mesh) = &self.mesh else { return };
        target.set_pipeline(&self.pipeline);
        target.set_vertex_buffer(0, mesh.positions.slice(..));
        target.set_vertex_buffer(1, mesh.bins.slice(..));
        target.set_index_buffer(mesh.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (i, pass) in passes.iter().enumerate() {
            let values = match pass.single() {
                Some((id, _)) => blocks.get(id).map(|block| (&block.bind_group, blocks.table(id))),
                None => folder.result(i).map(|folded| (folded, blocks.no_table())),
            };
            let Some((values, table)) = values else { continue };
            target.set_bind_group(1, &self.bind_group, &[(i as u64 * STRIDE) as u32]);
            target.set_bind_group(2, values, &[]);
            target.set_bind_group(3, table, &[]);
            target.draw_indexed(0..mesh.count, 0, 0..1);
        }
    }
}

fn premultiplied(color: [u8; 4], opacity: f32) -> [f32; 4] {
    let [red, green, blue, alpha] = color.map(|level| f32::from(level) / 255.0);
    [red * alpha, green * alpha, blue * alpha, alpha].map(|level| level * opacity)
}
