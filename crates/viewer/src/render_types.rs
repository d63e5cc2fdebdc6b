//! Converts the session's types to those that the renderer takes.

use replayscope_render::{Fold, MeshRef, TransferFunction};
use replayscope_session::colormap::{Palette, Scale};
use replayscope_session::environment::Mesh;
use replayscope_session::projection::Projection;

/// A cache of the thresholds of recent scales. Most pictures have the scales of the previous one, and the thresholds of a scale take
/// about a thousand divisions.
#[derive(Debug, Default)]
pub struct ThresholdCache {
    /// Newest first.
    scales: Vec<(Scale, [u32; 256])>,
}

/// How many scales a [`ThresholdCache`] keeps.
const MAX_SCALES: usize = 8;

impl ThresholdCache {
    /// A palette as the renderer's lookup table.
    pub fn transfer_function(&mut self, palette: &Palette) -> TransferFunction {
        TransferFunction {
            thresholds: self.thresholds(palette.scale),
            colors: palette.colors,
            limit_keys: palette.scale.limit_keys(),
            under: palette.under(),
            over: palette.over(),
            no_data: palette.ends.no_data,
        }
    }

    fn thresholds(&mut self, scale: Scale) -> [u32; 256] {
        if let Some((_, thresholds)) = self.scales.iter().find(|(other, _)| *other == scale) {
            return *thresholds;
        }
        self.scales.truncate(MAX_SCALES - 1);
        self.scales.insert(0, (scale, scale.thresholds()));
        self.scales[0].1
    }
}

/// The renderer's name of a projection.
pub fn fold(projection: Projection) -> Fold {
    match projection {
        Projection::Max => Fold::Max,
        Projection::Mean => Fold::Mean,
        Projection::Last => Fold::Last,
        Projection::Min => Fold::Min,
    }
}

/// Triangles of an environment, borrowed for an upload.
pub fn mesh_ref(mesh: &Mesh) -> MeshRef<'_> {
    MeshRef {
        origin: mesh.origin,
        positions: &mesh.positions,
        bins: &mesh.bins,
        indices: &mesh.indices,
        edges: &mesh.edges,
        antialias: mesh.slanted,
    }
}
