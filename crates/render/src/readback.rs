//! Reads the pixels of an offscreen picture back from the device.

use futures_channel::oneshot;

use crate::device::Gpu;
use crate::error::Error;

/// A texture to draw to, and the buffer that its pixels are copied to.
#[derive(Debug)]
pub(crate) struct Readback {
    texture: wgpu::Texture,
    buffer: wgpu::Buffer,
    /// Width and height, pixels.
    size: [u32; 2],
    /// Bytes from one row to the next in `buffer`.
    stride: u32,
}

impl Readback {
    /// Creates both for a picture of `size` pixels, neither side zero.
    ///
    /// # Errors
    /// [`Error::PictureTooLarge`].
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, size: [u32; 2]) -> Result<Self, Error> {
        let [width, height] = size;
        let limit = gpu.max_side;
        if width > limit || height > limit {
            return Err(Error::PictureTooLarge { width, height, limit });
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

    /// The view to draw to.
    pub fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor::default())
    }

    /// Encodes the copy from texture to buffer, after the draw calls.
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

    /// Waits for the pixels: RGBA bytes, row by row from the top, without padding; alpha is not multiplied in.
    ///
    /// # Errors
    /// [`Error::DeviceLost`].
    pub async fn pixels(self) -> Result<Vec<u8>, Error> {
        let (done, mapped) = oneshot::channel();
        self.buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let _ = done.send(result);
        });
        let lost = |reason: String| Error::DeviceLost { reason };
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

/// Divides a colour (RGBA) by its alpha, which was multiplied in.
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
