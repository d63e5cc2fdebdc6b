//! Puts drawings on the canvas: the device, what is uploaded to it, and how much of that is kept.

use std::future::Future;

use replayscope_render::{BlockId, DeviceErrors, Error, Gpu, Renderer, Surface};
use web_sys::HtmlCanvasElement;

use crate::chunk::Cache;
use replayscope_session::environment::Mesh;
use crate::viewer::{Drawing, mesh_ref};

/// Bytes of values kept on the GPU, unless told otherwise.
pub const GPU_BUDGET: u64 = 256 << 20;

/// A canvas and the device that draws on it.
pub struct Painter {
    gpu: Gpu,
    surface: Surface,
    renderer: Renderer,
    /// Which blocks are on the GPU; the renderer holds the blocks themselves.
    blocks: Cache<BlockId, ()>,
}

impl Painter {
    /// A device for `canvas`, and what goes wrong on it later.
    pub async fn new(canvas: HtmlCanvasElement) -> Result<(Self, DeviceErrors), Error> {
        let instance = Gpu::instance();
        let surface = Surface::new(&instance, canvas)?;
        let (gpu, failures) = Gpu::new(&instance, Some(surface.target())).await?;
        let renderer = Renderer::new(&gpu, gpu.format);
        Ok((Self { gpu, surface, renderer, blocks: Cache::new(GPU_BUDGET) }, failures))
    }

    /// Gives the device back; it is told as lost then.
    pub fn destroy(self) {
        self.gpu.destroy();
    }

    /// Bytes on the GPU.
    pub fn bytes(&self) -> u64 {
        self.renderer.bytes()
    }

    /// Another budget; what is too much goes now.
    pub fn set_budget(&mut self, bytes: u64) {
        for gone in self.blocks.set_budget(bytes) {
            self.renderer.discard(gone);
        }
    }

    /// What bins look like, and the insides of regions.
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

    /// Draws on the canvas. A canvas without area has nothing to draw on, which is no error; `false` where the browser
    /// has no place for a picture just now.
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

    /// Draws offscreen; RGBA rows, the top one first.
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
