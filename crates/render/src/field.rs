//! Draws fields: one polygon for each bin, coloured by the bin's value.

use bytemuck::{Pod, Zeroable};

use crate::blocks::Blocks;
use crate::device::Gpu;
use crate::error::Error;
use crate::fold_pipeline::FoldPipeline;
use crate::mesh::{MeshBuffers, MeshRef};
use crate::picture::FieldPass;
use crate::pipeline::{POSITIONS, RenderStages};

/// Uniforms of one field: `Field` in `field.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct FieldUniforms {
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

/// Bytes between the uniforms of two fields: their size, rounded up to the largest alignment of dynamic offsets that a device may
/// ask for.
const STRIDE: u64 = size_of::<FieldUniforms>().next_multiple_of(256) as u64;

/// The pipeline that draws fields, and the mesh of the bins.
#[derive(Debug)]
pub(crate) struct FieldRenderer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    mesh: Option<MeshBuffers>,
}

impl FieldRenderer {
    pub fn new(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        samples: u32,
        view: &wgpu::BindGroupLayout,
        block: &wgpu::BindGroupLayout,
    ) -> Self {
        let layout =
            gpu.bind_group_layout(wgpu::ShaderStages::VERTEX, wgpu::BufferBindingType::Uniform, true);
        let pipeline = gpu.render_pipeline(&RenderStages {
            module: &gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/field.wgsl"))),
            groups: &[Some(view), Some(&layout), Some(block), Some(block)],
            entries: ["corner", "fill"],
            buffers: &[
                Some(POSITIONS),
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
        let (uniforms, bind_group) = gpu.uniforms::<FieldUniforms>(&layout, 2, STRIDE);
        Self { pipeline, layout, uniforms, bind_group, mesh: None }
    }

    /// Uploads the mesh that all fields are drawn on from now on.
    pub fn set_mesh(&mut self, gpu: &Gpu, mesh: &MeshRef<'_>) {
        // Freed first, so that the device never holds both.
        self.mesh = None;
        self.mesh = MeshBuffers::new(gpu, mesh);
    }

    /// The mesh of the bins; `None` where it has no triangle.
    pub fn mesh(&self) -> Option<&MeshBuffers> {
        self.mesh.as_ref()
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        self.uniforms.size() + self.mesh.as_ref().map_or(0, MeshBuffers::bytes)
    }

    /// Checks that all frames of the fields are resident, and writes the fields' uniforms.
    pub fn prepare(&mut self, gpu: &Gpu, fields: &[FieldPass], blocks: &Blocks) -> Result<(), Error> {
        let room = self.uniforms.size() / STRIDE;
        if fields.len() as u64 > room {
            self.uniforms.destroy();
            (self.uniforms, self.bind_group) =
                gpu.uniforms::<FieldUniforms>(&self.layout, fields.len().next_power_of_two(), STRIDE);
        }
        for (i, field) in fields.iter().enumerate() {
            let uniforms = self.uniforms_of(field, blocks)?;
            gpu.queue.write_buffer(&self.uniforms, i as u64 * STRIDE, bytemuck::bytes_of(&uniforms));
        }
        Ok(())
    }

    fn uniforms_of(&self, field: &FieldPass, blocks: &Blocks) -> Result<FieldUniforms, Error> {
        let environment = self.mesh.as_ref().map_or(0, |mesh| mesh.bin_count);
        for frames in &field.frames {
            let block = blocks.get(frames.block).ok_or(Error::NotResident { id: frames.block })?;
            if frames.rows.end > block.rows {
                return Err(Error::NoSuchRow { row: frames.rows.end - 1, rows: block.rows });
            }
            if environment > block.bins {
                return Err(Error::Bins { environment, field: block.bins });
            }
        }
        // A folded frame is the only one in its buffer, and float32.
        let single = field.single().and_then(|(block, row)| {
            let block = blocks.get(block)?;
            Some((row * block.bins, block.bits))
        });
        let (offset, bits) = single.unwrap_or((0, 32));
        let opacity = field.opacity.clamp(0.0, 1.0);
        let transfer = &field.transfer;
        let [no_data, under, over] =
            [transfer.no_data, transfer.under, transfer.over].map(|color| premultiplied(color, opacity));
        Ok(FieldUniforms {
            offset,
            opacity,
            bits,
            unused: 0,
            limit_keys: transfer.limit_keys,
            padding: [0; 2],
            no_data,
            under,
            over,
            thresholds: transfer.thresholds,
            colors: transfer.colors,
        })
    }

    /// Draws the fields that were prepared.
    pub fn draw(
        &self,
        target: &mut wgpu::RenderPass<'_>,
        fields: &[FieldPass],
        blocks: &Blocks,
        folds: &FoldPipeline,
    ) {
        let Some(mesh) = &self.mesh else { return };
        target.set_pipeline(&self.pipeline);
        target.set_vertex_buffer(0, mesh.positions.slice(..));
        target.set_vertex_buffer(1, mesh.bins.slice(..));
        target.set_index_buffer(mesh.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (i, field) in fields.iter().enumerate() {
            let values = match field.single() {
                Some((id, _)) => blocks.get(id).map(|block| (&block.bind_group, blocks.code_table(id))),
                None => folds.result(i).map(|folded| (folded, blocks.no_codes())),
            };
            let Some((values, codes)) = values else { continue };
            target.set_bind_group(1, &self.bind_group, &[(i as u64 * STRIDE) as u32]);
            target.set_bind_group(2, values, &[]);
            target.set_bind_group(3, codes, &[]);
            target.draw_indexed(0..mesh.index_count, 0, 0..1);
        }
    }
}

/// A colour (sRGB bytes and alpha) with alpha and opacity multiplied in, 0 to 1.
fn premultiplied(color: [u8; 4], opacity: f32) -> [f32; 4] {
    let [red, green, blue, alpha] = color.map(|level| f32::from(level) / 255.0);
    [red * alpha, green * alpha, blue * alpha, alpha].map(|level| level * opacity)
}
