//! A picture becomes one render pass.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::blocks::Blocks;
use super::camera::turn;
use super::field::FieldRenderer;
use super::fold::Folder;
use super::overlay::OverlayRenderer;
use super::readback::Readback;
use super::scene::SceneRenderer;
use super::{BlockId, Camera, Gpu, GpuError, Picture};
use replayscope_session::environment::Mesh;
use replayscope_zarr::array::Values;

/// As `View` in the shaders.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct View {
    size: [f32; 2],
    across: [f32; 2],
    up: [f32; 2],
    center: [f32; 2],
    center_low: [f32; 2],
}

impl View {
    fn new(camera: &Camera, size: [u32; 2], origin: [f64; 2]) -> Self {
        let center = [camera.center[0] - origin[0], camera.center[1] - origin[1]];
        let high = center.map(|coordinate| coordinate as f32);
        let [x, y] = camera.units_per_pixel;
        let axis = |pixels: [f64; 2]| {
            let turned = turn(pixels, camera.turns);
            [0, 1].map(|axis| (turned[axis] * 2.0 / f64::from(size[axis])) as f32)
        };
        Self {
            size: size.map(|side| side as f32),
            across: axis([1.0 / x, 0.0]),
            up: axis([0.0, 1.0 / y]),
            center: high,
            center_low: [0, 1].map(|axis| (center[axis] - f64::from(high[axis])) as f32),
        }
    }
}

/// Samples in a pixel whose edges are to be smooth: what every device can do.
const SMOOTH: u32 = 4;

/// Draws pictures in one texture format, from what was uploaded.
#[derive(Debug)]
pub struct Renderer {
    format: wgpu::TextureFormat,
    view: wgpu::Buffer,
    view_layout: wgpu::BindGroupLayout,
    view_group: wgpu::BindGroup,
    /// What is drawn to before it goes out, where a pixel has several samples; of the size it was last drawn at.
    sampled: Option<wgpu::Texture>,
    /// In a pixel.
    samples: u32,
    /// The mesh's.
    origin: [f64; 2],
    field: FieldRenderer,
    scene: SceneRenderer,
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
            sampled: None,
            samples: 1,
            origin: [0.0; 2],
            field: FieldRenderer::new(gpu, format, 1, &view_layout, &block_layout),
            scene: SceneRenderer::new(gpu, format, 1, &view_layout),
            overlay: OverlayRenderer::new(gpu, format, 1, &view_layout),
            view_layout,
            folder: Folder::new(gpu, &block_layout),
            blocks: Blocks::new(gpu, block_layout),
        }
    }

    /// The environment that all fields are drawn on, from now on.
    ///
    /// Edges that are aslant are smoothed by four samples a pixel; upright ones need none, and cost a quarter.
    pub fn set_mesh(&mut self, gpu: &Gpu, mesh: &Mesh) {
        let samples = if mesh.slanted { SMOOTH } else { 1 };
        if samples != self.samples {
            let (format, view, block) = (self.format, &self.view_layout, self.blocks.layout());
            self.field = FieldRenderer::new(gpu, format, samples, view, block);
            self.scene = SceneRenderer::new(gpu, format, samples, view);
            self.overlay = OverlayRenderer::new(gpu, format, samples, view);
            self.samples = samples;
            self.forget_samples();
        }
        self.origin = mesh.origin;
        self.field.set_mesh(gpu, mesh);
        self.scene.set_insides(gpu, &[], self.origin);
    }

    /// The insides of regions on the environment that was set last, for [`Fill`](super::Fill).
    pub fn set_insides(&mut self, gpu: &Gpu, insides: &[Mesh]) {
        self.scene.set_insides(gpu, insides, self.origin);
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
            + self.scene.bytes()
            + self.sampled.as_ref().map_or(0, |texture| {
                u64::from(texture.width()) * u64::from(texture.height()) * u64::from(self.samples) * 4
            })
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
        picture: &Picture,
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
        picture: &Picture,
    ) -> impl Future<Output = Result<Vec<u8>, GpuError>> + use<> {
        let submitted = if size.contains(&0) { Ok(None) } else { self.submit(gpu, size, picture).map(Some) };
        async move {
            match submitted? {
                Some(readback) => readback.pixels().await,
                None => Ok(Vec::new()),
            }
        }
    }

    fn submit(&mut self, gpu: &Gpu, size: [u32; 2], picture: &Picture) -> Result<Readback, GpuError> {
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
        picture: &Picture,
    ) -> Result<wgpu::CommandEncoder, GpuError> {
        self.field.prepare(gpu, &picture.fields, &self.blocks)?;
        self.scene.prepare(gpu, picture.borders, &picture.fills);
        self.overlay.prepare(gpu, &picture.overlays, &picture.camera, size);
        let uniforms = View::new(&picture.camera, size, self.origin);
        gpu.queue.write_buffer(&self.view, 0, bytemuck::bytes_of(&uniforms));

        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("picture") });
        self.folder.encode(gpu, &mut encoder, &picture.fields, &self.blocks);
        let sampled = self.sampled(gpu, size);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("picture"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: sampled.as_ref().unwrap_or(view),
                depth_slice: None,
                resolve_target: sampled.as_ref().map(|_| view),
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(premultiplied(picture.background)),
                    store: if sampled.is_some() { wgpu::StoreOp::Discard } else { wgpu::StoreOp::Store },
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(0, &self.view_group, &[]);
        self.field.draw(&mut pass, &picture.fields, &self.blocks, &self.folder);
        self.scene.draw(&mut pass, self.field.mesh().filter(|_| picture.borders.is_some()), &picture.fills);
        self.overlay.draw(&mut pass);
        drop(pass);
        Ok(encoder)
    }

    /// What to draw to where a pixel has several samples.
    fn sampled(&mut self, gpu: &Gpu, [width, height]: [u32; 2]) -> Option<wgpu::TextureView> {
        if self.samples == 1 {
            return None;
        }
        if self.sampled.as_ref().is_none_or(|texture| [texture.width(), texture.height()] != [width, height])
        {
            self.forget_samples();
            self.sampled = Some(gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("samples"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: self.samples,
                dimension: wgpu::TextureDimension::D2,
                format: self.format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            }));
        }
        Some(self.sampled.as_ref()?.create_view(&wgpu::TextureViewDescriptor::default()))
    }

    fn forget_samples(&mut self) {
        if let Some(texture) = self.sampled.take() {
            texture.destroy();
        }
    }
}

fn premultiplied(color: [u8; 4]) -> wgpu::Color {
    let [r, g, b, a] = color.map(|level| f64::from(level) / 255.0);
    wgpu::Color { r: r * a, g: g * a, b: b * a, a }
}
