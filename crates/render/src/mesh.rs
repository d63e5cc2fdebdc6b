use crate::device::Gpu;

/// Triangles to draw, borrowed from whoever made them: one polygon for each bin, or the inside of one region.
///
/// Coordinates are relative to `origin`, so that float32 keeps its precision far from zero.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MeshRef<'a> {
    /// What to add to a position to get environment coordinates; in the environment's units.
    pub origin: [f64; 2],
    /// Vertices as x and y, which points up; in the environment's units.
    pub positions: &'a [[f32; 2]],
    /// The bin of each vertex, as many as `positions`. Not read of a region.
    pub bins: &'a [u32],
    /// Triangles: three indices into `positions` each, counter-clockwise.
    pub indices: &'a [u32],
    /// Edges of the polygons, for borders: two indices into `positions` each. Not read of a region.
    pub edges: &'a [u32],
    /// Whether to take four samples a pixel. Edges need that unless all are horizontal or vertical. Not read of a region.
    pub antialias: bool,
}

/// The mesh of the bins on the device.
#[derive(Debug)]
pub(crate) struct MeshBuffers {
    pub positions: wgpu::Buffer,
    pub bins: wgpu::Buffer,
    pub indices: wgpu::Buffer,
    pub edges: wgpu::Buffer,
    pub index_count: u32,
    pub edge_index_count: u32,
    /// How many bins the vertices refer to.
    pub bin_count: u32,
}

impl MeshBuffers {
    /// Uploads a mesh; `None` where it has no triangle.
    pub fn new(gpu: &Gpu, mesh: &MeshRef<'_>) -> Option<Self> {
        (!mesh.indices.is_empty()).then(|| Self {
            positions: gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(mesh.positions)),
            bins: gpu.filled(wgpu::BufferUsages::VERTEX, bytemuck::cast_slice(mesh.bins)),
            indices: gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(mesh.indices)),
            edges: gpu.filled(wgpu::BufferUsages::INDEX, bytemuck::cast_slice(mesh.edges)),
            index_count: mesh.indices.len() as u32,
            edge_index_count: mesh.edges.len() as u32,
            bin_count: mesh.bins.iter().max().map_or(0, |bin| bin.saturating_add(1)),
        })
    }

    /// Bytes of device memory.
    pub fn bytes(&self) -> u64 {
        self.buffers().map(wgpu::Buffer::size).iter().sum()
    }

    fn buffers(&self) -> [&wgpu::Buffer; 4] {
        [&self.positions, &self.bins, &self.indices, &self.edges]
    }
}

impl Drop for MeshBuffers {
    fn drop(&mut self) {
        for buffer in self.buffers() {
            buffer.destroy();
        }
    }
}
