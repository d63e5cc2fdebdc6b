use std::sync::Arc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};

use crate::error::Error;

/// Errors that a device reports outside of any call: [`Error::Device`], and [`Error::DeviceLost`] at most once, as the last.
pub type DeviceErrors = UnboundedReceiver<Error>;

/// A graphics device with its queue and its limits.
#[derive(Debug, Clone)]
pub struct Gpu {
    /// Creates buffers, textures and pipelines.
    pub device: wgpu::Device,
    /// Accepts uploads and command buffers.
    pub queue: wgpu::Queue,
    /// The texture format to make a [`Renderer`](crate::Renderer) for: the canvas's preferred one, without a conversion to sRGB,
    /// as all colours are sRGB bytes already.
    pub format: wgpu::TextureFormat,
    /// The most pixels that a picture may have on a side.
    pub max_side: u32,
    /// The most bytes that a block of values may have.
    pub max_block_bytes: u64,
}

impl Gpu {
    /// The entry point to WebGPU. A canvas and its device must come from the same instance.
    ///
    /// # Panics
    /// Natively, unless the program enables a backend of wgpu: this crate enables only the browser's.
    pub fn instance() -> wgpu::Instance {
        wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle())
    }

    /// Requests an adapter and a device; one that can draw on `surface`, where that is given.
    ///
    /// # Errors
    /// [`Error::NoWebGpu`].
    pub async fn new(
        instance: &wgpu::Instance,
        surface: Option<&wgpu::Surface<'static>>,
    ) -> Result<(Self, DeviceErrors), Error> {
        let options = wgpu::RequestAdapterOptions { compatible_surface: surface, ..Default::default() };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| Error::NoWebGpu { reason: error.to_string() })?;

        // WebGPU's default limits suffice, except for a very large canvas or a frame of very many bins.
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
        let max_side = required_limits.max_texture_dimension_2d;
        let max_block_bytes =
            required_limits.max_storage_buffer_binding_size.min(required_limits.max_buffer_size);
        let descriptor = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| Error::NoWebGpu { reason: error.to_string() })?;

        // The callbacks may outlive the receiver: sending to nobody is no error.
        let (sender, errors) = unbounded();
        let lost = sender.clone();
        device.set_device_lost_callback(move |_, reason| {
            let _ = lost.unbounded_send(Error::DeviceLost { reason });
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let _ = sender.unbounded_send(Error::Device { reason: error.to_string() });
        }));
        let preferred =
            surface.and_then(|surface| surface.get_capabilities(&adapter).formats.first().copied());
        let format = preferred.unwrap_or(wgpu::TextureFormat::Rgba8Unorm).remove_srgb_suffix();
        Ok((Self { device, queue, format, max_side, max_block_bytes }, errors))
    }

    /// Ends once the device has accepted all that was submitted before this call. It need not have drawn that yet.
    ///
    /// A lost device accepts nothing: [`Error::DeviceLost`] is sent before this ends.
    pub fn accepted(&self) -> impl Future<Output = ()> + 'static {
        // The device answers in order, so an error scope is answered after all earlier commands, without waiting for pixels.
        let answer = self.device.push_error_scope(wgpu::ErrorFilter::Validation).pop();
        async move {
            let _ = answer.await;
        }
    }

    /// Destroys the device and all that is on it; [`Error::DeviceLost`] is sent then.
    pub fn destroy(self) {
        self.device.destroy();
    }
}
