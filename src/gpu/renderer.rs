//! A picture becomes one render pass.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::blocks::Blocks;
use super::field::FieldRenderer;
use super::fold::Folder;
use super::overlay::OverlayRenderer;
use super::readback::Readback;
use super::{BlockId, Camera, Gpu, GpuError, Picture};
use crate::array::Values;
use crate::environment::Mesh;

/// As `View` in the shaders.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct View {
    size: [f32; 2],
    scale: [f32; 2],
    center: [f32; 2],
    center_low: [f32; 2],
}

impl View {
    fn new(camera: &Camera, size: [u32; 2], origin: [f64; 2]) -> Self {
        let center = [camera.center[0] - origin[0], camera.center[1] - origin[1]];
        let high = center.map(|coordinate| coordinate as f32);
        Self {
            size: size.map(|side| side as f32),
            scale: size.map(|side| (2.0 / (camera.units_per_pixel * f64::from(side))) as f32),
            center: high,
            center_low: [0, 1].map(|axis| (center[axis] - f64::from(high[axis])) as f32),
        }
    }
}

/// Draws pictures in one texture format, from what was uploaded.
#[derive(Debug)]
pub struct Renderer {
    format: wgpu::TextureFormat,
    view: wgpu::Buffer,
    view_group: wgpu::BindGroup,
    /// The mesh's.
    origin: [f64; 2],
    field: FieldRenderer,
    overlay: OverlayRenderer,
    folder: Folder,
    blocks: Blocks,
}

impl Renderer {
    /// `format` is `Rgba8Unorm` or `Bgra8Unorm`: colours are sRGB bytes already, and go out as they are.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let view_layout =
            gpu.group_layout(wgpu::ShaderStages::VERTEX, wgpu::BufferBindingType::Uniform, false);
        // Only these two stages read values; the shaders say why.
        let readers = wgpu::ShaderStages::VERTEX | wgpu::ShaderStages::COMPUTE;
        let block_layout =
            gpu.group_layout(readers, wgpu::BufferBindingType::Storage { read_only: true }, false);
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let view = gpu.buffer("view", size_of::<View>() as u64, usage);
        let view_group = gpu.group(&view_layout, &view, None);
        Self {
            format,
            view,
            view_group,
            origin: [0.0; 2],
            field: FieldRenderer::new(gpu, format, &view_layout, &block_layout),
            overlay: OverlayRenderer::new(gpu, format, &view_layout),
            folder: Folder::new(gpu, &block_layout),
            blocks: Blocks::new(gpu, block_layout),
        }
    }

    /// The environment that all fields are drawn on, from now on.
    pub fn set_mesh(&mut self, gpu: &Gpu, mesh: &Mesh) {
        self.origin = mesh.origin;
        self.field.set_mesh(gpu, mesh);
    }

    /// Puts some rows of `values` on the device, in place of what `id` named before.
    ///
    /// A chunk goes up in blocks of at most [`BLOCK_BYTES`](super::BLOCK_BYTES), so that no upload holds up a frame.
    pub fn upload(
        &mut self,
        gpu: &Gpu,
        id: BlockId,
        values: &Values,
        rows: Range<usize>,
    ) -> Result<(), GpuError> {
        self.blocks.upload(gpu, id, values, rows)
    }

    /// Frees all blocks, and what their arrays' codes stood for.
    pub fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Whether the block can be drawn.
    pub fn contains(&self, id: BlockId) -> bool {
        self.blocks.get(id).is_some()
    }

    /// Frees a block; none of that name is fine.
    pub fn discard(&mut self, id: BlockId) {
        self.blocks.discard(id);
    }

    /// Device memory in use: blocks, mesh, uniforms, instances.
    pub fn bytes(&self) -> u64 {
        self.blocks.bytes()
            + self.field.bytes()
            + self.folder.bytes()
            + self.overlay.bytes()
            + self.view.size()
    }

    /// Draws `picture` to a texture of `size` pixels in this renderer's format.
    ///
    /// All of it or none: with a block that is not resident nothing is drawn, and the error says which.
    pub fn draw(
        &mut self,
        gpu: &Gpu,
        view: &wgpu::TextureView,
        size: [u32; 2],
        picture: &Picture<'_>,
    ) -> Result<(), GpuError> {
        let encoder = self.encode(gpu, view, size, picture)?;
        gpu.queue.submit([encoder.finish()]);
        Ok(())
    }

    /// Draws `picture` offscreen. The pixels come later: RGBA8, alpha not multiplied in, rows tightly packed, top row first.
    ///
    /// Everything is submitted before this returns, and the future owns what it needs: the renderer is free meanwhile.
    pub fn read(
        &mut self,
        gpu: &Gpu,
        size: [u32; 2],
        picture: &Picture<'_>,
    ) -> impl Future<Output = Result<Vec<u8>, GpuError>> + use<> {
        let submitted = if size.contains(&0) { Ok(None) } else { self.submit(gpu, size, picture).map(Some) };
        async move {
            match submitted? {
                Some(readback) => readback.pixels().await,
                None => Ok(Vec::new()),
            }
        }
    }

    fn submit(&mut self, gpu: &Gpu, size: [u32; 2], picture: &Picture<'_>) -> Result<Readback, GpuError> {
        let readback = Readback::new(gpu, self.format, size)?;
        let mut encoder = self.encode(gpu, &readback.view(), size, picture)?;
        readback.copy(&mut encoder);
        gpu.queue.submit([encoder.finish()]);
        Ok(readback)
    }

    fn encode(
        &mut self,
        gpu: &Gpu,
        view: &wgpu::TextureView,
        size: [u32; 2],
        picture: &Picture<'_>,
    ) -> Result<wgpu::CommandEncoder, GpuError> {
        self.field.prepare(gpu, &picture.fields, &self.blocks)?;
        self.overlay.prepare(gpu, &picture.overlays, &picture.camera, size);
        let uniforms = View::new(&picture.camera, size, self.origin);
        gpu.queue.write_buffer(&self.view, 0, bytemuck::bytes_of(&uniforms));

        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("picture") });
        self.folder.encode(gpu, &mut encoder, &picture.fields, &self.blocks);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("picture"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(premultiplied(picture.background)),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(0, &self.view_group, &[]);
        self.field.draw(&mut pass, &picture.fields, &self.blocks, &self.folder);
        self.overlay.draw(&mut pass);
        drop(pass);
        Ok(encoder)
    }
}

fn premultiplied(color: [u8; 4]) -> wgpu::Color {
    let [r, g, b, a] = color.map(|level| f64::from(level) / 255.0);
    wgpu::Color { r: r * a, g: g * a, b: b * a, a }
}
