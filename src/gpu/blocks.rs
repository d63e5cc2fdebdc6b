use ndarray::ArrayRef2;

use super::{Gpu, GpuError};
use crate::chunk::ChunkId;

/// The most bytes a block should have: an upload is part of one displayed frame's time (16 MB were measured at 24 ms).
pub const BLOCK_BYTES: usize = 4 << 20;

/// Part of a chunk: some of its frames, with all their bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId {
    /// The chunk.
    pub chunk: ChunkId,
    /// Which part of it, counted in time.
    pub block: u32,
}

/// Frames on the device.
#[derive(Debug)]
pub(super) struct Block {
    pub rows: u32,
    pub bins: u32,
    pub bind_group: wgpu::BindGroup,
    buffer: wgpu::Buffer,
}

impl Drop for Block {
    fn drop(&mut self) {
        // Now, rather than when the browser's collector comes by.
        self.buffer.destroy();
    }
}

/// The blocks on the device, one storage buffer each.
#[derive(Debug)]
pub(super) struct Blocks {
    layout: wgpu::BindGroupLayout,
    /// Sorted by name.
    resident: Vec<(BlockId, Block)>,
    bytes: u64,
}

impl Blocks {
    pub fn new(layout: wgpu::BindGroupLayout) -> Self {
        Self { layout, resident: Vec::new(), bytes: 0 }
    }

    pub fn upload(&mut self, gpu: &Gpu, id: BlockId, values: &ArrayRef2<f32>) -> Result<(), GpuError> {
        let [rows, bins] = [values.nrows(), values.ncols()];
        let bytes = values.len() as u64 * 4;
        // Rows and bins are u32 in the shader; their product is bounded here and so are they.
        let limit = gpu.most_bytes;
        if bytes > limit {
            return Err(GpuError::BlockTooLarge { bytes, limit });
        }
        // An empty block has no row that could be drawn, but a binding must not be empty.
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = gpu.buffer("block", bytes.max(4), usage);
        let values = values.as_standard_layout();
        gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values.as_slice().unwrap_or_default()));
        let bind_group = gpu.group(&self.layout, &buffer, None);
        self.discard(id);
        self.bytes += buffer.size();
        let (Ok(at) | Err(at)) = self.place(id);
        self.resident.insert(at, (id, Block { rows: rows as u32, bins: bins as u32, bind_group, buffer }));
        Ok(())
    }

    /// The layout of each block's group.
    pub fn layout(&self) -> &wgpu::BindGroupLayout {
        &self.layout
    }

    pub fn get(&self, id: BlockId) -> Option<&Block> {
        self.place(id).ok().map(|at| &self.resident[at].1)
    }

    pub fn discard(&mut self, id: BlockId) {
        if let Ok(at) = self.place(id) {
            self.bytes -= self.resident.remove(at).1.buffer.size();
        }
    }

    /// Where a block is, or where it belongs.
    fn place(&self, id: BlockId) -> Result<usize, usize> {
        self.resident.binary_search_by_key(&id, |(id, _)| *id)
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
