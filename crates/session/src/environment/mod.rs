//! The environment: the polygon of each bin, in the environment's own units.
//!
//! [`Environment::grid`] makes grids, from neurospatial's `Environment-v1` or from bin centres alone. [`Environment::shaped`] makes
//! every other layout: [`Polygons`], or dots where there is no shape. The page loads that code on demand.

mod bounds;
mod cells;
mod centers;
mod clip;
mod dict;
#[allow(clippy::module_inception)] // The file is named for the noun it holds.
mod environment;
mod error;
mod grid;
mod hexagons;
mod mesh;
mod points;
mod polygons;
mod regions;
mod shapes;
mod track;
mod triangles;
mod voronoi;
mod wedges;
mod wkt;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest and files
mod tests;

pub use bounds::Bounds;
pub use cells::Cells;
pub use environment::{Environment, Layout, MOST_BINS};
pub use error::EnvironmentError;
pub use grid::Grid;
pub use mesh::Mesh;
pub use points::Points;
pub use polygons::Polygons;
pub use regions::{Region, RegionShape, fill};
pub use shapes::Explicit;
