use std::collections::HashMap;
use std::ops::Range;

use super::{Gpu, GpuError};
use crate::chunk::ChunkId;
use replayscope_zarr::array::Values;

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
    /// Of an element: 32, or 8 or 16 of a code.
    pub bits: u32,
    pub bind_group: wgpu::BindGroup,
    buffer: wgpu::Buffer,
}

impl Drop for Block {
    fn drop(&mut self) {
        // Now, rather than when the browser's collector comes by.
        self.buffer.destroy();
    }
}

/// The values that the codes of one array stand for; of nothing, where elements are values.
#[derive(Debug)]
struct Table {
    buffer: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

impl Table {
    fn new(gpu: &Gpu, layout: &wgpu::BindGroupLayout, values: &[f32]) -> Self {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = gpu.buffer("table", size_of_val(values).max(4) as u64, usage);
        gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        let bind_group = gpu.group(layout, &buffer, None);
        Self { buffer, bind_group }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.buffer.destroy();
    }
}

/// The blocks on the device, one storage buffer each.
#[derive(Debug)]
pub(super) struct Blocks {
    layout: wgpu::BindGroupLayout,
    resident: HashMap<BlockId, Block>,
    bytes: u64,
    /// By array; each is there as long as the session.
    tables: HashMap<u32, Table>,
    no_table: Table,
}

impl Blocks {
    pub fn new(gpu: &Gpu, layout: wgpu::BindGroupLayout) -> Self {
        let no_table = Table::new(gpu, &layout, &[]);
        Self { layout, resident: HashMap::new(), bytes: 0, tables: HashMap::new(), no_table }
    }

    pub fn upload(
        &mut self,
        gpu: &Gpu,
        id: BlockId,
        values: &Values,
        rows: Range<usize>,
    ) -> Result<(), GpuError> {
        let elements = values.elements(rows.clone());
        let bytes = elements.len() as u64;
        // Rows and bins are u32 in the shader; their product is bounded here and so are they.
        let limit = gpu.most_bytes;
        if bytes > limit {
            return Err(GpuError::BlockTooLarge { bytes, limit });
        }
        // An empty block has no row that could be drawn, but a binding must not be empty.
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = gpu.buffer("block", bytes.next_multiple_of(4).max(4), usage);
        // Writes are of whole words; what is left of the last one is filled up.
        let (words, rest) = elements.split_at(elements.len() / 4 * 4);
        gpu.queue.write_buffer(&buffer, 0, words);
        if !rest.is_empty() {
            let mut last = [0; 4];
            last[..rest.len()].copy_from_slice(rest);
            gpu.queue.write_buffer(&buffer, words.len() as u64, &last);
        }
        let bind_group = gpu.group(&self.layout, &buffer, None);
        self.discard(id);
        self.bytes += buffer.size();
        if let Some(table) = values.table() {
            let new = || Table::new(gpu, &self.layout, table);
            self.tables.entry(id.chunk.array).or_insert_with(new);
        }
        let bits = if values.bins() == 0 { 32 } else { (values.row_bytes() / values.bins() * 8) as u32 };
        let block = Block { rows: rows.len() as u32, bins: values.bins() as u32, bits, bind_group, buffer };
        self.resident.insert(id, block);
        Ok(())
    }

    /// What the codes of a block stand for.
    pub fn table(&self, id: BlockId) -> &wgpu::BindGroup {
        &self.tables.get(&id.chunk.array).unwrap_or(&self.no_table).bind_group
    }

    /// A table without values, for what is made on the device.
    pub fn no_table(&self) -> &wgpu::BindGroup {
        &self.no_table.bind_group
    }

    /// Frees everything.
    pub fn clear(&mut self) {
        self.resident.clear();
        self.tables.clear();
        self.bytes = 0;
    }

    /// The layout of each block's group.
    pub fn layout(&self) -> &wgpu::BindGroupLayout {
        &self.layout
    }

    pub fn get(&self, id: BlockId) -> Option<&Block> {
        self.resident.get(&id)
    }

    pub fn discard(&mut self, id: BlockId) {
        if let Some(block) = self.resident.remove(&id) {
            self.bytes -= block.buffer.size();
        }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes + self.tables.values().map(|table| table.buffer.size()).sum::<u64>()
    }
}
