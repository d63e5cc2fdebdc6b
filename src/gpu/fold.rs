//! Many frames to one, on the device.

use bytemuck::{Pod, Zeroable};

use super::blocks::Blocks;
use super::{FieldPass, Gpu};
use replayscope_session::projection::Projection;

/// As `Part` in `fold.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Part {
    first: u32,
    rows: u32,
    bins: u32,
    projection: u32,
    begins: u32,
    ends: u32,
    bits: u32,
    unused: u32,
}

/// Distance between the uniforms of two parts: what every device can offset by.
const STRIDE: u64 = 256;
/// Invocations of a workgroup.
const GROUP: u32 = 64;

/// One field's frames as one: a value a bin, then how many values each was made of.
#[derive(Debug)]
struct Folded {
    buffer: wgpu::Buffer,
    write: wgpu::BindGroup,
    read: wgpu::BindGroup,
    bins: u32,
}

impl Drop for Folded {
    fn drop(&mut self) {
        self.buffer.destroy();
    }
}

/// Makes one frame of several.
#[derive(Debug)]
pub(super) struct Folder {
    pipeline: wgpu::ComputePipeline,
    part_layout: wgpu::BindGroupLayout,
    write_layout: wgpu::BindGroupLayout,
    uniforms: wgpu::Buffer,
    parts: wgpu::BindGroup,
    /// By place in the picture's list of fields.
    folded: Vec<Option<Folded>>,
}

impl Folder {
    pub fn new(gpu: &Gpu, block: &wgpu::BindGroupLayout) -> Self {
        let compute = wgpu::ShaderStages::COMPUTE;
        let part_layout = gpu.group_layout(compute, wgpu::BufferBindingType::Uniform, true);
        let write_layout =
            gpu.group_layout(compute, wgpu::BufferBindingType::Storage { read_only: false }, false);
        let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("fold"),
            bind_group_layouts: &[Some(&part_layout), Some(block), Some(&write_layout), Some(block)],
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
        let (uniforms, parts) = gpu.uniforms::<Part>(&part_layout, 8, STRIDE);
        Self { pipeline, part_layout, write_layout, uniforms, parts, folded: Vec::new() }
    }

    /// Device memory.
    pub fn bytes(&self) -> u64 {
        self.uniforms.size() + self.folded.iter().flatten().map(|folded| folded.buffer.size()).sum::<u64>()
    }

    /// The one frame that stands for those of field number `index` in the picture, as a block of one row.
    pub fn result(&self, index: usize) -> Option<&wgpu::BindGroup> {
        self.folded.get(index)?.as_ref().map(|folded| &folded.read)
    }

    /// Adds the work for all passes that show several frames. Their blocks are resident.
    pub fn encode(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        passes: &[FieldPass],
        blocks: &Blocks,
    ) {
        let several = |pass: &FieldPass| pass.single().is_none();
        let count: usize = passes.iter().filter(|pass| several(pass)).map(|pass| pass.frames.len()).sum();
        self.folded.resize_with(passes.len(), || None);
        if count == 0 {
            return;
        }
        if count as u64 > self.uniforms.size() / STRIDE {
            self.uniforms.destroy();
            (self.uniforms, self.parts) =
                gpu.uniforms::<Part>(&self.part_layout, count.next_power_of_two(), STRIDE);
        }
        let mut work = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        work.set_pipeline(&self.pipeline);
        let mut place = 0;
        for (index, pass) in passes.iter().enumerate().filter(|(_, pass)| several(pass)) {
            for (at, frames) in pass.frames.iter().enumerate() {
                let Some(block) = blocks.get(frames.block) else { continue };
                let part = Part {
                    first: frames.rows.start * block.bins,
                    rows: frames.rows.end - frames.rows.start,
                    bins: block.bins,
                    projection: code(pass.projection),
                    begins: u32::from(at == 0),
                    ends: u32::from(at + 1 == pass.frames.len()),
                    bits: block.bits,
                    unused: 0,
                };
                gpu.queue.write_buffer(&self.uniforms, place * STRIDE, bytemuck::bytes_of(&part));
                let slot = &mut self.folded[index];
                let target = match slot {
                    Some(target) if target.bins == block.bins => target,
                    slot => slot.insert(Folded::new(gpu, block.bins, &self.write_layout, blocks.layout())),
                };
                work.set_bind_group(0, &self.parts, &[(place * STRIDE) as u32]);
                work.set_bind_group(1, &block.bind_group, &[]);
                work.set_bind_group(2, &target.write, &[]);
                work.set_bind_group(3, blocks.table(frames.block), &[]);
                work.dispatch_workgroups(block.bins.div_ceil(GROUP), 1, 1);
                place += 1;
            }
        }
    }
}

impl Folded {
    fn new(gpu: &Gpu, bins: u32, write: &wgpu::BindGroupLayout, read: &wgpu::BindGroupLayout) -> Self {
        let buffer = gpu.buffer("folded", u64::from(bins.max(1)) * 8, wgpu::BufferUsages::STORAGE);
        let (write, read) = (gpu.group(write, &buffer, None), gpu.group(read, &buffer, None));
        Self { buffer, write, read, bins }
    }
}

/// As `fold.wgsl` tells them apart.
fn code(projection: Projection) -> u32 {
    match projection {
        Projection::Max | Projection::Last => 0,
        Projection::Mean => 1,
        Projection::Min => 3,
    }
}
