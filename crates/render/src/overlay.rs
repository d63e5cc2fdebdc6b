//! Draws positions: trails and dots, over everything else.

use bytemuck::{Pod, Zeroable};

use crate::camera::Camera;
use crate::device::Gpu;
use crate::picture::PositionPass;
use crate::pipeline::RenderStages;
use crate::trail::{Segment, segments};

/// One instance of a dot: `DotInput` in `overlay.wgsl`. Lengths are in pixels.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Dot {
    center: [f32; 2],
    radius: f32,
    /// Width of the ring around the dot.
    outline: f32,
    /// sRGB bytes, and the opacity of dot and ring as alpha.
    color: [u8; 4],
    outline_color: [u8; 4],
}

/// A pipeline with its buffer of instances, which is rewritten for every picture and only grows.
#[derive(Debug)]
struct Instances {
    pipeline: wgpu::RenderPipeline,
    buffer: wgpu::Buffer,
}

impl Instances {
    fn write(&mut self, gpu: &Gpu, contents: &[u8]) {
        let size = contents.len() as u64;
        if size > self.buffer.size() {
            self.buffer.destroy();
            self.buffer = instance_buffer(gpu, size.next_power_of_two());
        }
        if size > 0 {
            gpu.queue.write_buffer(&self.buffer, 0, contents);
        }
    }

    fn draw(&self, target: &mut wgpu::RenderPass<'_>, range: std::ops::Range<u32>) {
        if range.is_empty() {
            return;
        }
        target.set_pipeline(&self.pipeline);
        target.set_vertex_buffer(0, self.buffer.slice(..));
        target.draw(0..4, range);
    }
}

/// The pipelines that draw trails and dots.
#[derive(Debug)]
pub(crate) struct OverlayRenderer {
    segments: Instances,
    dots: Instances,
    /// For each pass, where its segments and its dots end in the buffers.
    ends: Vec<[u32; 2]>,
}

impl OverlayRenderer {
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, samples: u32, view: &wgpu::BindGroupLayout) -> Self {
        let module = gpu.shader(include_str!(concat!(env!("OUT_DIR"), "/overlay.wgsl")));
        let instances = |entries, array_stride, attributes: &[wgpu::VertexAttribute]| Instances {
            pipeline: gpu.render_pipeline(&RenderStages {
                module: &module,
                groups: &[Some(view)],
                entries,
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes,
                })],
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                format,
                samples,
            }),
            buffer: instance_buffer(gpu, 4096),
        };
        Self {
            segments: instances(
                ["segment", "stroke"],
                size_of::<Segment>() as u64,
                &wgpu::vertex_attr_array![
                    0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Float32x2, 4 => Float32x2, 5 => Float32, 6 => Unorm8x4
                ],
            ),
            dots: instances(
                ["disc", "paint"],
                size_of::<Dot>() as u64,
                &wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32, 2 => Float32, 3 => Unorm8x4, 4 => Unorm8x4],
            ),
            ends: Vec::new(),
        }
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        self.segments.buffer.size() + self.dots.buffer.size()
    }

    /// Writes the instances of all passes, for a viewport of `size` pixels.
    pub fn prepare(&mut self, gpu: &Gpu, passes: &[PositionPass], camera: &Camera, size: [u32; 2]) {
        let mut all_segments = Vec::new();
        let mut dots = Vec::new();
        self.ends.clear();
        for pass in passes {
            all_segments.extend(segments(pass, camera, size));
            dots.extend(dot(pass, camera, size));
            self.ends.push([all_segments.len() as u32, dots.len() as u32]);
        }
        self.segments.write(gpu, bytemuck::cast_slice(&all_segments));
        self.dots.write(gpu, bytemuck::cast_slice(&dots));
    }

    /// Draws the passes that were prepared, each trail below its dot.
    pub fn draw(&self, target: &mut wgpu::RenderPass<'_>) {
        let mut start = [0, 0];
        for &end in &self.ends {
            self.segments.draw(target, start[0]..end[0]);
            self.dots.draw(target, start[1]..end[1]);
            start = end;
        }
    }
}

/// The dot of a pass; `None` where it has no finite position.
fn dot(pass: &PositionPass, camera: &Camera, size: [u32; 2]) -> Option<Dot> {
    let position = pass.dot.filter(|position| position.iter().all(|coordinate| coordinate.is_finite()))?;
    let [red, green, blue] = pass.color;
    // By Rec. 601 luma: a light dot gets a dark ring and a dark dot a light one, so that it is visible on any colormap.
    let luma = (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000;
    let ring = if luma > 127 { 0 } else { 255 };
    let diameter = pass.diameter.max(1.0);
    Some(Dot {
        center: camera.to_pixel(size, position).map(|pixel| pixel as f32),
        radius: diameter / 2.0,
        outline: (diameter / 8.0).max(1.0),
        color: [red, green, blue, (pass.opacity.clamp(0.0, 1.0) * 255.0).round() as u8],
        outline_color: [ring, ring, ring, 255],
    })
}

fn instance_buffer(gpu: &Gpu, size: u64) -> wgpu::Buffer {
    gpu.buffer("instances", size, wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST)
}
