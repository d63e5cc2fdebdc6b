use std::collections::HashMap;
use std::ops::Range;

use replayscope_codecs::Values;

use crate::block_id::BlockId;
use crate::device::Gpu;
use crate::error::Error;

/// The most bytes that a block should have, so that its upload takes only part of one displayed frame's time: 16 MB took 24 ms.
pub const MAX_BLOCK_BYTES: usize = 4 << 20;

/// A block of rows on the device, in a storage buffer of its own.
#[derive(Debug)]
pub(crate) struct Block {
    pub rows: u32,
    /// Elements of a row.
    pub bins: u32,
    /// Bits of an element: 32 of a float32 value, 8 or 16 of a code.
    pub bits: u32,
    pub bind_group: wgpu::BindGroup,
    buffer: wgpu::Buffer,
}

impl Drop for Block {
    fn drop(&mut self) {
        // The browser would free the memory only when it collects garbage.
        self.buffer.destroy();
    }
}

/// The float32 value of each code of one array, on the device. Empty for arrays whose elements are float32 values.
#[derive(Debug)]
struct CodeTable {
    buffer: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

impl CodeTable {
    fn new(gpu: &Gpu, layout: &wgpu::BindGroupLayout, values: &[f32]) -> Self {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = gpu.buffer("code table", size_of_val(values).max(4) as u64, usage);
        gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        let bind_group = gpu.bind_group(layout, &buffer, None);
        Self { buffer, bind_group }
    }
}

impl Drop for CodeTable {
    fn drop(&mut self) {
        self.buffer.destroy();
    }
}

/// All blocks on the device, and the code tables of their arrays.
#[derive(Debug)]
pub(crate) struct Blocks {
    layout: wgpu::BindGroupLayout,
    resident: HashMap<BlockId, Block>,
    /// Bytes of all resident blocks.
    bytes: u64,
    /// Of each array of codes, with its number: a few at most. A table stays until [`Blocks::clear`].
    code_tables: Vec<(u32, CodeTable)>,
    no_codes: CodeTable,
}

impl Blocks {
    pub fn new(gpu: &Gpu, layout: wgpu::BindGroupLayout) -> Self {
        let no_codes = CodeTable::new(gpu, &layout, &[]);
        Self { layout, resident: HashMap::new(), bytes: 0, code_tables: Vec::new(), no_codes }
    }

    /// Uploads some rows of `values`, in place of the block that had this id.
    pub fn upload(
        &mut self,
        gpu: &Gpu,
        id: BlockId,
        values: &Values,
        rows: Range<usize>,
    ) -> Result<(), Error> {
        let elements = values.elements(rows.clone());
        let bytes = elements.len() as u64;
        // Rows and bins are u32 in the shader. This bounds their product, and so each of them.
        let limit = gpu.max_block_bytes;
        if bytes > limit {
            return Err(Error::BlockTooLarge { bytes, limit });
        }
        // A block without a row is never drawn, but a binding must not be empty.
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = gpu.buffer("block", bytes.next_multiple_of(4).max(4), usage);
        // WebGPU writes whole words: the last one is padded with zeros.
        let (words, rest) = elements.split_at(elements.len() / 4 * 4);
        gpu.queue.write_buffer(&buffer, 0, words);
        if !rest.is_empty() {
            let mut last = [0; 4];
            last[..rest.len()].copy_from_slice(rest);
            gpu.queue.write_buffer(&buffer, words.len() as u64, &last);
        }
        let bind_group = gpu.bind_group(&self.layout, &buffer, None);
        self.discard(id);
        self.bytes += buffer.size();
        if let Some(table) = values.table()
            && self.code_table_of(id.array).is_none()
        {
            self.code_tables.push((id.array, CodeTable::new(gpu, &self.layout, table)));
        }
        let bits = if values.bins() == 0 { 32 } else { (values.row_bytes() / values.bins() * 8) as u32 };
        let block = Block { rows: rows.len() as u32, bins: values.bins() as u32, bits, bind_group, buffer };
        self.resident.insert(id, block);
        Ok(())
    }

    /// The code table of a block's array; an empty one where elements are float32 values.
    pub fn code_table(&self, id: BlockId) -> &wgpu::BindGroup {
        &self.code_table_of(id.array).unwrap_or(&self.no_codes).bind_group
    }

    fn code_table_of(&self, array: u32) -> Option<&CodeTable> {
        self.code_tables.iter().find(|(other, _)| *other == array).map(|(_, table)| table)
    }

    /// The empty code table, for float32 values that were computed on the device.
    pub fn no_codes(&self) -> &wgpu::BindGroup {
        &self.no_codes.bind_group
    }

    /// Frees all blocks and code tables.
    pub fn clear(&mut self) {
        self.resident.clear();
        self.code_tables.clear();
        self.bytes = 0;
    }

    /// The layout of the bind group of a block and of a code table.
    pub fn layout(&self) -> &wgpu::BindGroupLayout {
        &self.layout
    }

    pub fn get(&self, id: BlockId) -> Option<&Block> {
        self.resident.get(&id)
    }

    /// Frees a block; does nothing where there is none.
    pub fn discard(&mut self, id: BlockId) {
        if let Some(block) = self.resident.remove(&id) {
            self.bytes -= block.buffer.size();
        }
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        self.bytes + self.code_tables.iter().map(|(_, table)| table.buffer.size()).sum::<u64>()
    }
}
