//! Draws a picture in one render pass.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use replayscope_codecs::Values;

use crate::block_id::BlockId;
use crate::blocks::Blocks;
use crate::camera::{Camera, turn};
use crate::device::Gpu;
use crate::error::Error;
use crate::field::FieldRenderer;
use crate::flat::FlatRenderer;
use crate::fold_pipeline::FoldPipeline;
use crate::mesh::MeshRef;
use crate::overlay::OverlayRenderer;
use crate::picture::Picture;
use crate::readback::Readback;

/// Uniforms of the camera: `View` in `view.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct ViewUniforms {
    size: [f32; 2],
    across: [f32; 2],
    up: [f32; 2],
    center: [f32; 2],
    center_low: [f32; 2],
}

impl ViewUniforms {
    /// Of a viewport of `size` pixels, and a mesh whose coordinates are relative to `origin` (environment units).
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

/// Samples a pixel with antialiasing; every WebGPU device has this number.
const SAMPLES: u32 = 4;

/// Draws pictures in one texture format, from the mesh, regions and blocks that were uploaded to one device.
#[derive(Debug)]
pub struct Renderer {
    format: wgpu::TextureFormat,
    view: wgpu::Buffer,
    view_layout: wgpu::BindGroupLayout,
    view_group: wgpu::BindGroup,
    /// The render target where a pixel has several samples, of the size of the last picture.
    multisampled: Option<wgpu::Texture>,
    /// Samples a pixel.
    samples: u32,
    /// Origin of the mesh, environment units.
    origin: [f64; 2],
    field: FieldRenderer,
    flat: FlatRenderer,
    overlay: OverlayRenderer,
    folds: FoldPipeline,
    blocks: Blocks,
}

impl Renderer {
    /// A renderer without a mesh. `format` is `Rgba8Unorm` or `Bgra8Unorm`, as all colours are sRGB bytes already.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let view_layout =
            gpu.bind_group_layout(wgpu::ShaderStages::VERTEX, wgpu::BufferBindingType::Uniform, false);
        // Not the fragment shader: field.wgsl finds the colour once for each vertex.
        let readers = wgpu::ShaderStages::VERTEX | wgpu::ShaderStages::COMPUTE;
        let block_layout =
            gpu.bind_group_layout(readers, wgpu::BufferBindingType::Storage { read_only: true }, false);
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let view = gpu.buffer("view", size_of::<ViewUniforms>() as u64, usage);
        let view_group = gpu.bind_group(&view_layout, &view, None);
        Self {
            format,
            view,
            view_group,
            multisampled: None,
            samples: 1,
            origin: [0.0; 2],
            field: FieldRenderer::new(gpu, format, 1, &view_layout, &block_layout),
            flat: FlatRenderer::new(gpu, format, 1, &view_layout),
            overlay: OverlayRenderer::new(gpu, format, 1, &view_layout),
            view_layout,
            folds: FoldPipeline::new(gpu, &block_layout),
            blocks: Blocks::new(gpu, block_layout),
        }
    }

    /// Uploads the polygons of the bins that all fields are drawn on from now on, and removes the regions.
    ///
    /// A picture costs about a quarter where the mesh needs no antialiasing.
    pub fn set_mesh(&mut self, gpu: &Gpu, mesh: &MeshRef<'_>) {
        let samples = if mesh.antialias { SAMPLES } else { 1 };
        if samples != self.samples {
            let (format, view, block) = (self.format, &self.view_layout, self.blocks.layout());
            self.field = FieldRenderer::new(gpu, format, samples, view, block);
            self.flat = FlatRenderer::new(gpu, format, samples, view);
            self.overlay = OverlayRenderer::new(gpu, format, samples, view);
            self.samples = samples;
            self.free_multisampled();
        }
        self.origin = mesh.origin;
        self.field.set_mesh(gpu, mesh);
        self.flat.set_regions(gpu, &[], self.origin);
    }

    /// Uploads the insides of regions, to be drawn by [`RegionFill`](crate::RegionFill) over the mesh that was set last.
    pub fn set_regions(&mut self, gpu: &Gpu, regions: &[MeshRef<'_>]) {
        self.flat.set_regions(gpu, regions, self.origin);
    }

    /// Uploads some rows of `values` as the block `id`, in place of the one that had this id.
    ///
    /// A caller divides a chunk into blocks of at most [`MAX_BLOCK_BYTES`](crate::MAX_BLOCK_BYTES), so that no upload takes longer
    /// than a displayed frame.
    ///
    /// # Errors
    /// [`Error::BlockTooLarge`].
    pub fn upload(
        &mut self,
        gpu: &Gpu,
        id: BlockId,
        values: &Values,
        rows: Range<usize>,
    ) -> Result<(), Error> {
        self.blocks.upload(gpu, id, values, rows)
    }

    /// Frees all blocks, and the code tables of their arrays.
    pub fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Whether a block is resident on the device.
    pub fn contains(&self, id: BlockId) -> bool {
        self.blocks.get(id).is_some()
    }

    /// Frees a block; does nothing where it is not resident.
    pub fn discard(&mut self, id: BlockId) {
        self.blocks.discard(id);
    }

    /// Bytes of device memory that are in use, for all buffers and the multisampled texture.
    pub fn bytes(&self) -> u64 {
        self.blocks.bytes()
            + self.field.bytes()
            + self.flat.bytes()
            + self.multisampled.as_ref().map_or(0, |texture| {
                u64::from(texture.width()) * u64::from(texture.height()) * u64::from(self.samples) * 4
            })
            + self.folds.bytes()
            + self.overlay.bytes()
            + self.view.size()
    }

    /// Draws `picture` to a texture of `size` pixels (width, height) in this renderer's format.
    ///
    /// # Errors
    /// [`Error::NotResident`], [`Error::NoSuchRow`] and [`Error::Bins`]. Nothing is drawn then, not even the rest of the picture.
    pub fn draw(
        &mut self,
        gpu: &Gpu,
        view: &wgpu::TextureView,
        size: [u32; 2],
        picture: &Picture,
    ) -> Result<(), Error> {
        let encoder = self.encode(gpu, view, size, picture)?;
        gpu.queue.submit([encoder.finish()]);
        Ok(())
    }

    /// Draws `picture` offscreen with `size` pixels (width, height). The future gives RGBA bytes, row by row from the top, without
    /// padding; alpha is not multiplied in. A side of zero gives no bytes.
    ///
    /// All commands are submitted before this returns, and the future does not borrow the renderer.
    ///
    /// # Errors
    /// Those of [`Renderer::draw`], [`Error::PictureTooLarge`] and [`Error::DeviceLost`].
    pub fn read(
        &mut self,
        gpu: &Gpu,
        size: [u32; 2],
        picture: &Picture,
    ) -> impl Future<Output = Result<Vec<u8>, Error>> + use<> {
        let submitted = if size.contains(&0) { Ok(None) } else { self.submit(gpu, size, picture).map(Some) };
        async move {
            match submitted? {
                Some(readback) => readback.pixels().await,
                None => Ok(Vec::new()),
            }
        }
    }

    fn submit(&mut self, gpu: &Gpu, size: [u32; 2], picture: &Picture) -> Result<Readback, Error> {
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
    ) -> Result<wgpu::CommandEncoder, Error> {
        self.field.prepare(gpu, &picture.fields, &self.blocks)?;
        self.flat.prepare(gpu, picture.borders, &picture.fills);
        self.overlay.prepare(gpu, &picture.overlays, &picture.camera, size);
        let uniforms = ViewUniforms::new(&picture.camera, size, self.origin);
        gpu.queue.write_buffer(&self.view, 0, bytemuck::bytes_of(&uniforms));

        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("picture") });
        self.folds.encode(gpu, &mut encoder, &picture.fields, &self.blocks);
        let multisampled = self.multisampled(gpu, size);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("picture"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: multisampled.as_ref().unwrap_or(view),
                depth_slice: None,
                resolve_target: multisampled.as_ref().map(|_| view),
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(premultiplied(picture.background)),
                    store: if multisampled.is_some() { wgpu::StoreOp::Discard } else { wgpu::StoreOp::Store },
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(0, &self.view_group, &[]);
        self.field.draw(&mut pass, &picture.fields, &self.blocks, &self.folds);
        self.flat.draw(&mut pass, self.field.mesh().filter(|_| picture.borders.is_some()), &picture.fills);
        self.overlay.draw(&mut pass);
        drop(pass);
        Ok(encoder)
    }

    /// The texture to draw to where a pixel has several samples; `None` where it has one.
    fn multisampled(&mut self, gpu: &Gpu, [width, height]: [u32; 2]) -> Option<wgpu::TextureView> {
        if self.samples == 1 {
            return None;
        }
        if self
            .multisampled
            .as_ref()
            .is_none_or(|texture| [texture.width(), texture.height()] != [width, height])
        {
            self.free_multisampled();
            self.multisampled = Some(gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("multisampled"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: self.samples,
                dimension: wgpu::TextureDimension::D2,
                format: self.format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            }));
        }
        Some(self.multisampled.as_ref()?.create_view(&wgpu::TextureViewDescriptor::default()))
    }

    fn free_multisampled(&mut self) {
        if let Some(texture) = self.multisampled.take() {
            texture.destroy();
        }
    }
}

/// A colour (sRGB bytes and alpha) with alpha multiplied in, 0 to 1.
fn premultiplied(color: [u8; 4]) -> wgpu::Color {
    let [r, g, b, a] = color.map(|level| f64::from(level) / 255.0);
    wgpu::Color { r: r * a, g: g * a, b: b * a, a }
}
