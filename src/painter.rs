//! Draws on the canvas: owns the device, uploads the blocks that a drawing needs, and keeps uploaded blocks within a budget.

use std::future::Future;

use replayscope_render::{BlockId, DeviceErrors, Error, Gpu, Renderer, Surface};
use replayscope_session::environment::Mesh;
use replayscope_viewer::chunk::Cache;
use replayscope_viewer::{Drawing, mesh_ref};
use web_sys::HtmlCanvasElement;

/// The default budget of values on the GPU, in bytes.
pub const GPU_BUDGET: u64 = 256 << 20;

/// A canvas and the device that draws on it.
pub struct Painter {
    gpu: Gpu,
    surface: Surface,
    renderer: Renderer,
    /// Ids of the blocks on the GPU, which the renderer owns.
    blocks: Cache<BlockId, ()>,
}

impl Painter {
    /// Requests a device for `canvas`; also returns the errors that the device will report.
    pub async fn new(canvas: HtmlCanvasElement) -> Result<(Self, DeviceErrors), Error> {
        let instance = Gpu::instance();
        let surface = Surface::new(&instance, canvas)?;
        let (gpu, failures) = Gpu::new(&instance, Some(surface.target())).await?;
        let renderer = Renderer::new(&gpu, gpu.format);
        Ok((Self { gpu, surface, renderer, blocks: Cache::new(GPU_BUDGET) }, failures))
    }

    /// Destroys the device, which then reports itself as lost.
    pub fn destroy(self) {
        self.gpu.destroy();
    }

    /// Bytes of device memory in use.
    pub fn bytes(&self) -> u64 {
        self.renderer.bytes()
    }

    /// Changes the budget of values (bytes), and frees blocks beyond it.
    pub fn set_budget(&mut self, bytes: u64) {
        for gone in self.blocks.set_budget(bytes) {
            self.renderer.discard(gone);
        }
    }

    /// Uploads the polygons of the bins and the interiors of regions.
    pub fn set_mesh(&mut self, mesh: &Mesh, insides: &[Mesh]) {
        self.renderer.set_mesh(&self.gpu, &mesh_ref(mesh));
        let insides: Vec<_> = insides.iter().map(mesh_ref).collect();
        self.renderer.set_regions(&self.gpu, &insides);
    }

    /// Frees all values.
    pub fn clear(&mut self) {
        self.renderer.clear();
        self.blocks.clear();
    }

    /// Draws on the canvas, which has `size` pixels; without area it draws nothing, which is no error. `false`: the browser has no
    /// texture for the picture at this moment.
    pub fn present(&mut self, size: [u32; 2], drawing: &Drawing) -> Result<bool, Error> {
        if size.contains(&0) {
            return Ok(true);
        }
        self.upload(drawing)?;
        if self.surface.size() != Some(size) {
            self.surface.resize(&self.gpu, size);
        }
        self.surface.present(&self.gpu, &mut self.renderer, &drawing.picture)
    }

    /// Ends once the device has accepted all that was submitted; see [`Gpu::accepted`].
    pub fn accepted(&self) -> impl Future<Output = ()> + 'static {
        self.gpu.accepted()
    }

    /// Draws offscreen with `size` pixels; the future gives RGBA bytes, row by row from the top.
    pub fn read(
        &mut self,
        size: [u32; 2],
        drawing: &Drawing,
    ) -> Result<impl Future<Output = Result<Vec<u8>, Error>> + 'static, Error> {
        self.upload(drawing)?;
        Ok(self.renderer.read(&self.gpu, size, &drawing.picture))
    }

    fn upload(&mut self, drawing: &Drawing) -> Result<(), Error> {
        self.blocks.pin(drawing.blocks.iter().map(|block| block.id));
        for block in &drawing.blocks {
            if self.blocks.get(block.id).is_some() {
                continue;
            }
            let (values, rows) = (&block.chunk.values, block.rows.clone());
            self.renderer.upload(&self.gpu, block.id, values, rows.clone())?;
            for gone in self.blocks.insert(block.id, (), (rows.len() * values.row_bytes()) as u64) {
                self.renderer.discard(gone);
            }
        }
        Ok(())
    }
}
