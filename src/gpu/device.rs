use std::sync::Arc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};

use super::GpuError;

/// What goes wrong on the device by itself: [`GpuError::DeviceLost`] (once, the last) and [`GpuError::Device`].
pub type Failures = UnboundedReceiver<GpuError>;

/// The device that draws.
#[derive(Debug, Clone)]
pub struct Gpu {
    /// Makes buffers and pipelines.
    pub device: wgpu::Device,
    /// Takes commands.
    pub queue: wgpu::Queue,
    /// What to make the [`Renderer`](super::Renderer) for: the surface's own format, as sRGB bytes go to it unchanged.
    pub format: wgpu::TextureFormat,
    /// Longest side of a picture, in pixels.
    pub most_pixels: u32,
    /// Largest block of values, in bytes.
    pub most_bytes: u64,
}

impl Gpu {
    /// The browser's entry to WebGPU. One is enough, for the canvas and its device.
    ///
    /// # Panics
    /// Natively: no backend is compiled in, the crate draws in browsers only.
    pub fn instance() -> wgpu::Instance {
        wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle())
    }

    /// Asks for an adapter and a device, for `surface` if there is one.
    pub async fn new(
        instance: &wgpu::Instance,
        surface: Option<&wgpu::Surface<'static>>,
    ) -> Result<(Self, Failures), GpuError> {
        let options = wgpu::RequestAdapterOptions { compatible_surface: surface, ..Default::default() };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| GpuError::NoWebGpu { reason: error.to_string() })?;

        // The defaults suffice. A larger canvas, or a chunk of very many bins, may use what this adapter has beyond them.
        let has = adapter.limits();
        let defaults = wgpu::Limits::default();
        let required_limits = wgpu::Limits {
            max_texture_dimension_2d: has.max_texture_dimension_2d.max(defaults.max_texture_dimension_2d),
            max_buffer_size: has.max_buffer_size.max(defaults.max_buffer_size),
            max_storage_buffer_binding_size: has
                .max_storage_buffer_binding_size
                .max(defaults.max_storage_buffer_binding_size),
            ..defaults
        };
        let most_pixels = required_limits.max_texture_dimension_2d;
        let most_bytes = required_limits.max_storage_buffer_binding_size.min(required_limits.max_buffer_size);
        let descriptor = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| GpuError::NoWebGpu { reason: error.to_string() })?;

        // Both are told at any time and may outlive the receiver; nobody listening is no error.
        let (sender, failures) = unbounded();
        let lost = sender.clone();
        device.set_device_lost_callback(move |_, reason| {
            let _ = lost.unbounded_send(GpuError::DeviceLost { reason });
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let _ = sender.unbounded_send(GpuError::Device { reason: error.to_string() });
        }));
        let preferred =
            surface.and_then(|surface| surface.get_capabilities(&adapter).formats.first().copied());
        let format = preferred.unwrap_or(wgpu::TextureFormat::Rgba8Unorm).remove_srgb_suffix();
        Ok((Self { device, queue, format, most_pixels, most_bytes }, failures))
    }
}
