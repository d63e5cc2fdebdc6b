//! Folds several frames of a field into one on the device, by a compute pass.

use bytemuck::{Pod, Zeroable};

use crate::blocks::Blocks;
use crate::device::Gpu;
use crate::fold::Fold;
use crate::picture::FieldPass;

/// Uniforms of one dispatch: `Dispatch` in `fold.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Dispatch {
    first: u32,
    rows: u32,
    bins: u32,
    fold: u32,
    begins: u32,
    ends: u32,
    bits: u32,
    unused: u32,
}

/// Bytes between the uniforms of two dispatches: the largest alignment of dynamic offsets that a device may ask for.
const STRIDE: u64 = 256;
/// Invocations of a workgroup, one for each bin.
const WORKGROUP_SIZE: u32 = 64;

/// The folded frame of one field: a value for each bin, then how many values each was made of.
#[derive(Debug)]
struct FoldedFrame {
    buffer: wgpu::Buffer,
    write: wgpu::BindGroup,
    read: wgpu::BindGroup,
    bins: u32,
}

impl FoldedFrame {
    fn new(gpu: &Gpu, bins: u32, write: &wgpu::BindGroupLayout, read: &wgpu::BindGroupLayout) -> Self {
        let buffer = gpu.buffer("folded", u64::from(bins.max(1)) * 8, wgpu::BufferUsages::STORAGE);
        let (write, read) = (gpu.bind_group(write, &buffer, None), gpu.bind_group(read, &buffer, None));
        Self { buffer, write, read, bins }
    }
}

impl Drop for FoldedFrame {
    fn drop(&mut self) {
        self.buffer.destroy();
    }
}

/// The compute pipeline that folds frames, and its results.
#[derive(Debug)]
pub(crate) struct FoldPipeline {
    pipeline: wgpu::ComputePipeline,
    uniforms_layout: wgpu::BindGroupLayout,
    write_layout: wgpu::BindGroupLayout,
    uniforms: wgpu::Buffer,
    uniforms_group: wgpu::BindGroup,
    /// By index of the field in the picture; `None` for a field of one frame.
    folded: Vec<Option<FoldedFrame>>,
}

impl FoldPipeline {
    pub fn new(gpu: &Gpu, block: &wgpu::BindGroupLayout) -> Self {
        let compute = wgpu::ShaderStages::COMPUTE;
        let uniforms_layout = gpu.bind_group_layout(compute, wgpu::BufferBindingType::Uniform, true);
        let write_layout =
            gpu.bind_group_layout(compute, wgpu::BufferBindingType::Storage { read_only: false }, false);
        let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("fold"),
            bind_group_layouts: &[Some(&uniforms_layout), Some(block), Some(&write_layout), Some(block)],
            immediate_size: 0,
        });
        let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("fold"),
            layout: Some(&layout),
            module: &gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/fold.wgsl"))),
            entry_point: Some("fold"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let (uniforms, uniforms_group) = gpu.uniforms::<Dispatch>(&uniforms_layout, 8, STRIDE);
        Self { pipeline, uniforms_layout, write_layout, uniforms, uniforms_group, folded: Vec::new() }
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        self.uniforms.size() + self.folded.iter().flatten().map(|folded| folded.buffer.size()).sum::<u64>()
    }

    /// The folded frame of the picture's field number `index`, bound like a block of one row.
    pub fn result(&self, index: usize) -> Option<&wgpu::BindGroup> {
        self.folded.get(index)?.as_ref().map(|folded| &folded.read)
    }

    /// Encodes a compute pass that folds the frames of every field that shows several. All their blocks are resident.
    pub fn encode(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        fields: &[FieldPass],
        blocks: &Blocks,
    ) {
        let several = |field: &FieldPass| field.single().is_none();
        let count: usize = fields.iter().filter(|field| several(field)).map(|field| field.frames.len()).sum();
        self.folded.resize_with(fields.len(), || None);
        if count == 0 {
            return;
        }
        if count as u64 > self.uniforms.size() / STRIDE {
            self.uniforms.destroy();
            (self.uniforms, self.uniforms_group) =
                gpu.uniforms::<Dispatch>(&self.uniforms_layout, count.next_power_of_two(), STRIDE);
        }
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        let mut slot = 0;
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| several(field)) {
            for (i, frames) in field.frames.iter().enumerate() {
                let Some(block) = blocks.get(frames.block) else { continue };
                let dispatch = Dispatch {
                    first: frames.rows.start * block.bins,
                    rows: frames.rows.end - frames.rows.start,
                    bins: block.bins,
                    fold: code(field.fold),
                    begins: u32::from(i == 0),
                    ends: u32::from(i + 1 == field.frames.len()),
                    bits: block.bits,
                    unused: 0,
                };
                gpu.queue.write_buffer(&self.uniforms, slot * STRIDE, bytemuck::bytes_of(&dispatch));
                let target = match &mut self.folded[index] {
                    Some(target) if target.bins == block.bins => target,
                    other => {
                        other.insert(FoldedFrame::new(gpu, block.bins, &self.write_layout, blocks.layout()))
                    }
                };
                pass.set_bind_group(0, &self.uniforms_group, &[(slot * STRIDE) as u32]);
                pass.set_bind_group(1, &block.bind_group, &[]);
                pass.set_bind_group(2, &target.write, &[]);
                pass.set_bind_group(3, blocks.code_table(frames.block), &[]);
                pass.dispatch_workgroups(block.bins.div_ceil(WORKGROUP_SIZE), 1, 1);
                slot += 1;
            }
        }
    }
}

/// The number of a fold in `fold.wgsl`. [`Fold::Last`] is drawn without a fold.
fn code(fold: Fold) -> u32 {
    match fold {
        Fold::Max | Fold::Last => 0,
        Fold::Mean => 1,
        Fold::Min => 3,
    }
}
