//! A canvas to draw on. The one part of `gpu` that exists in browsers only.

use web_sys::HtmlCanvasElement;

use super::{Gpu, GpuError, Picture, Renderer};

/// A canvas and its size.
#[derive(Debug)]
pub struct Surface {
    surface: wgpu::Surface<'static>,
    /// What it was configured with; `None` until [`Surface::resize`], and while a side is zero.
    size: Option<[u32; 2]>,
}

impl Surface {
    /// Takes the canvas over; it must not have a context of another kind.
    pub fn new(instance: &wgpu::Instance, canvas: HtmlCanvasElement) -> Result<Self, GpuError> {
        // Without WebGPU the canvas has no such context, and that is what is to be told.
        let surface = instance
            .create_surface(wgpu::SurfaceTarget::Canvas(canvas))
            .map_err(|error| GpuError::NoWebGpu { reason: error.to_string() })?;
        Ok(Self { surface, size: None })
    }

    /// To be handed to [`Gpu::new`].
    pub fn target(&self) -> &wgpu::Surface<'static> {
        &self.surface
    }

    /// Sets the canvas to `size` device pixels, no more a side than [`Gpu::most_pixels`]; also after `gpu` was made anew.
    ///
    /// With a side of zero nothing is shown until the next resize. Present right after: the canvas is blank.
    pub fn resize(&mut self, gpu: &Gpu, size: [u32; 2]) {
        self.size = None;
        if size.contains(&0) {
            return;
        }
        self.surface.configure(
            &gpu.device,
            &wgpu::SurfaceConfiguration {
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                format: gpu.format,
                color_space: wgpu::SurfaceColorSpace::Auto,
                width: size[0],
                height: size[1],
                present_mode: wgpu::PresentMode::Fifo,
                desired_maximum_frame_latency: 2,
                alpha_mode: wgpu::CompositeAlphaMode::Opaque,
                view_formats: Vec::new(),
            },
        );
        self.size = Some(size);
    }

    /// Device pixels of what is shown; `None` while there is nothing to draw on.
    pub fn size(&self) -> Option<[u32; 2]> {
        self.size
    }

    /// Draws `picture` and shows it. `false`: there is nothing to draw on just now, and nothing to do about it.
    pub fn present(
        &mut self,
        gpu: &Gpu,
        renderer: &mut Renderer,
        picture: &Picture,
    ) -> Result<bool, GpuError> {
        use wgpu::CurrentSurfaceTexture as Current;
        let Some(size) = self.size else { return Ok(false) };
        let mut current = self.surface.get_current_texture();
        if matches!(current, Current::Outdated | Current::Lost) {
            self.resize(gpu, size);
            current = self.surface.get_current_texture();
        }
        let texture = match current {
            Current::Success(texture) | Current::Suboptimal(texture) => texture,
            Current::Timeout | Current::Occluded => return Ok(false),
            Current::Outdated | Current::Lost | Current::Validation => {
                return Err(GpuError::Canvas { reason: "the browser gives no texture for it".into() });
            }
        };
        let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
        renderer.draw(gpu, &view, size, picture)?;
        gpu.queue.present(texture);
        Ok(true)
    }
}
