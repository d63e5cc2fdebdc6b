//! Draws on an HTML canvas. This is the only module that exists in browsers only.

use web_sys::HtmlCanvasElement;

use crate::device::Gpu;
use crate::error::Error;
use crate::picture::Picture;
use crate::renderer::Renderer;

/// The WebGPU context of a canvas.
#[derive(Debug)]
pub struct Surface {
    surface: wgpu::Surface<'static>,
    /// Pixels that it is configured for; `None` until [`Surface::resize`], and while a side is zero.
    size: Option<[u32; 2]>,
}

impl Surface {
    /// Creates the context. The canvas must not have one of another kind.
    ///
    /// # Errors
    /// [`Error::NoWebGpu`].
    pub fn new(instance: &wgpu::Instance, canvas: HtmlCanvasElement) -> Result<Self, Error> {
        // A canvas refuses the context only where the browser has no WebGPU.
        let surface = instance
            .create_surface(wgpu::SurfaceTarget::Canvas(canvas))
            .map_err(|error| Error::NoWebGpu { reason: error.to_string() })?;
        Ok(Self { surface, size: None })
    }

    /// The surface to pass to [`Gpu::new`].
    pub fn target(&self) -> &wgpu::Surface<'static> {
        &self.surface
    }

    /// Sets the canvas to `size` pixels (width, height), at most [`Gpu::max_side`] on a side. To be called for a new `gpu`, too.
    ///
    /// The canvas is blank until the next [`Surface::present`]. With a side of zero nothing is shown until the next resize.
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

    /// Width and height in pixels; `None` while there is nothing to draw on.
    pub fn size(&self) -> Option<[u32; 2]> {
        self.size
    }

    /// Draws `picture` and shows it. `false`: the canvas has no area, or the browser has no texture for it at this moment.
    ///
    /// # Errors
    /// [`Error::Canvas`], and those of [`Renderer::draw`].
    pub fn present(&mut self, gpu: &Gpu, renderer: &mut Renderer, picture: &Picture) -> Result<bool, Error> {
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
                return Err(Error::Canvas { reason: "the browser gives no texture for it".into() });
            }
        };
        let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
        renderer.draw(gpu, &view, size, picture)?;
        gpu.queue.present(texture);
        Ok(true)
    }
}
