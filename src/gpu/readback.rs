//! Pixels back from the device.

use futures_channel::oneshot;

use super::{Gpu, GpuError};

/// An offscreen picture on its way back: the texture to draw to, and the buffer it is copied to.
#[derive(Debug)]
pub(super) struct Readback {
    texture: wgpu::Texture,
    buffer: wgpu::Buffer,
    size: [u32; 2],
    /// Bytes from one row to the next in `buffer`.
    stride: u32,
}

impl Readback {
    /// `size` in pixels, not zero.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, size: [u32; 2]) -> Result<Self, GpuError> {
        let [width, height] = size;
        let limit = gpu.most_pixels;
        if width > limit || height > limit {
            return Err(GpuError::PictureTooLarge { width, height, limit });
        }
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("offscreen"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
        let buffer = gpu.buffer("readback", u64::from(stride) * u64::from(height), usage);
        Ok(Self { texture, buffer, size, stride })
    }

    pub fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor::default())
    }

    /// Adds the copy that follows the drawing.
    pub fn copy(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(self.stride),
                    rows_per_image: None,
                },
            },
            self.texture.size(),
        );
    }

    /// Waits for the pixels: RGBA8, alpha not multiplied in, rows tightly packed, top row first.
    pub async fn pixels(self) -> Result<Vec<u8>, GpuError> {
        let (done, mapped) = oneshot::channel();
        self.buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let _ = done.send(result);
        });
        let lost = |reason: String| GpuError::DeviceLost { reason };
        mapped
            .await
            .map_err(|_| lost("the picture was never handed back".into()))?
            .map_err(|error| lost(error.to_string()))?;
        let rows = self.buffer.get_mapped_range(..).map_err(|error| lost(error.to_string()))?;
        let row_bytes = self.size[0] as usize * 4;
        let mut pixels = Vec::with_capacity(row_bytes * self.size[1] as usize);
        for row in rows.chunks_exact(self.stride as usize) {
            pixels.extend_from_slice(&row[..row_bytes]);
        }
        let swapped = self.texture.format() == wgpu::TextureFormat::Bgra8Unorm;
        for pixel in pixels.as_chunks_mut::<4>().0 {
            if swapped {
                pixel.swap(0, 2);
            }
            unmultiply(pixel);
        }
        Ok(pixels)
    }
}

impl Drop for Readback {
    fn drop(&mut self) {
        self.texture.destroy();
        self.buffer.destroy();
    }
}

/// Takes alpha out of a colour that it was multiplied into; RGBA.
fn unmultiply(pixel: &mut [u8; 4]) {
    let alpha = u32::from(pixel[3]);
    if alpha == 0 || alpha == 255 {
        return;
    }
    for level in &mut pixel[..3] {
        *level = ((u32::from(*level) * 255 + alpha / 2) / alpha).min(255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_taken_out() {
        for (from, to) in [
            ([10, 20, 30, 255], [10, 20, 30, 255]),
            ([0, 0, 0, 0], [0, 0, 0, 0]),
            ([64, 32, 0, 128], [128, 64, 0, 128]),
            ([200, 0, 0, 100], [255, 0, 0, 100]),
        ] {
            let mut pixel = from;
            unmultiply(&mut pixel);
            assert_eq!(pixel, to);
        }
    }
}
