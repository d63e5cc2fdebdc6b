//! The environment: one polygon a bin, in its own units.
//!
//! Grids are found by [`Environment::grid`], from neurospatial's `Environment-v1` or from bin centres alone. What is no grid
//! [`Environment::shaped`] makes: [`Polygons`] of every other layout, and dots of what has none. The page fetches the code
//! for it when it is first needed.

mod centers;
mod clip;
mod dict;
mod grid;
mod hexagons;
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

use std::fmt::{self, Debug, Formatter};
use std::rc::Rc;

use serde::Serialize;

use replayscope_json::number::text;

pub use grid::Grid;
pub use points::Points;
pub use polygons::Polygons;
pub use regions::{Place, Region, fill};
pub use shapes::Explicit;

/// The most bins: one polygon each, on the graphics card too.
pub const MOST_BINS: u64 = 1 << 20;

/// Coordinates beyond this are no places in a lab; it also keeps every square and every f32 finite.
const FARTHEST: f64 = 1e15;

/// Where all bins of a session are.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Units of its coordinates, where they are known.
    pub units: Option<String>,
    /// What its bins are.
    pub layout: Layout,
    /// Its bins in space.
    pub cells: Rc<dyn Cells>,
    /// The bins of a track side by side, where it is one: x is the position along it, in the environment's units.
    pub linearised: Option<Rc<dyn Cells>>,
    /// Named places, in the order they came.
    pub regions: Vec<Region>,
    /// Sentences for the info panel: what was guessed, what is not drawn as it is.
    pub notes: Vec<String>,
    centers: Vec<[f64; 2]>,
}

/// What the bins are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rectangles between edges; cells without a bin are holes.
    Grid,
    /// Regular hexagons on a lattice.
    Hexagons,
    /// Triangles of a mesh.
    Triangles,
    /// All that is nearer to a bin's centre than to any other's.
    Voronoi,
    /// Pieces of a track's edges.
    Track,
    /// Sectors of rings around the origin.
    Wedges,
    /// Polygons that the session gives.
    Polygons,
    /// A small disc at each centre.
    Points,
}

impl Layout {
    /// Its name, as the panel says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Hexagons => "hexagons",
            Self::Triangles => "triangles",
            Self::Voronoi => "Voronoi cells",
            Self::Track => "track",
            Self::Wedges => "annular wedges",
            Self::Polygons => "polygons",
            Self::Points => "points",
        }
    }
}

/// One polygon a bin. Corners that neighbours share are bitwise equal, so that nothing shows between them.
pub trait Cells {
    /// Corners of a bin, counter-clockwise; empty where it has no place.
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]>;

    /// The bin at a place, or `None` where there is none. A place on a shared edge belongs to one bin.
    fn bin_at(&self, x: f64, y: f64) -> Option<usize>;

    /// The box around all polygons.
    fn bounds(&self) -> Bounds;

    /// Triangles of a bin as indices into its polygon; `None` where that is convex.
    fn triangles(&self, _polygon: &[[f64; 2]]) -> Option<Vec<u32>> {
        None
    }

    /// Whether every edge is horizontal or vertical, so that pixels need no smoothing.
    fn is_upright(&self) -> bool {
        false
    }

    /// Where these cells have a place of space; itself, but for a track's that are side by side.
    fn place(&self, position: [f64; 2]) -> [f64; 2] {
        position
    }

    /// Of a grid, what its cells are between.
    fn as_grid(&self) -> Option<&Grid> {
        None
    }
}

/// Without the corners: thousands of them say nothing in a message.
impl Debug for dyn Cells {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells").finish_non_exhaustive()
    }
}

/// The box around all polygons, in the environment's units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Lowest and highest x.
    pub x: [f64; 2],
    /// Lowest and highest y.
    pub y: [f64; 2],
}

/// One polygon a bin, triangulated for the GPU.
///
/// Coordinates are relative to `origin` so that f32 keeps its precision far from zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mesh {
    /// What to add to a position to get environment coordinates, in the environment's units.
    pub origin: [f64; 2],
    /// Vertex positions, y up.
    pub positions: Vec<[f32; 2]>,
    /// The bin of each vertex; same length as `positions`.
    pub bins: Vec<u32>,
    /// Triangles, three indices each, counter-clockwise.
    pub indices: Vec<u32>,
    /// The polygons' edges, two indices each.
    pub edges: Vec<u32>,
    /// Whether edges are aslant, and so are to be smoothed.
    pub slanted: bool,
}

/// Why an environment cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EnvironmentError {
    /// There is nothing to draw.
    #[error("The environment has no bins. A session needs at least one bin centre.")]
    NoBins,
    /// No centre is a place.
    #[error(
        "None of the {bins} bin centres is a finite number, so no bin has a place. \
         Look at bin_center_x and bin_center_y: `print(ds.bin_center_x.values)`"
    )]
    NoPlaces {
        /// How many bins there are.
        bins: usize,
    },
    /// 3-D, or something stranger.
    #[error(
        "The environment has {dims} dimensions and the viewer draws 2: it has one polygon a bin, and no volumes. \
         Decode into a 2-D environment, or sum the posterior over the other axes and give the result's bins: \
         `ds.posterior.unstack(\"bin\").sum(\"z\")`"
    )]
    Dimensions {
        /// How many there are.
        dims: u64,
    },
    /// Written by a later program.
    #[error(
        "The environment is \"{found}\" and this viewer reads \"Environment-v1\". \
         Use a newer viewer, or save the environment with the neurospatial version that wrote v1."
    )]
    Newer {
        /// Its `schema_version`.
        found: String,
    },
    /// Some other JSON.
    #[error(
        "This is not a neurospatial environment: {problem}. \
         Write one with `json.dump(neurospatial.io.to_dict(env), open(\"environment.json\", \"w\"))`"
    )]
    NotAnEnvironment {
        /// What is wrong with it.
        problem: String,
    },
    /// An `Environment-v1` with a part that makes no sense.
    #[error(
        "The environment's {key} cannot be used: {problem}. Save the environment again with neurospatial."
    )]
    Malformed {
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Two parts of one environment count differently.
    #[error(
        "The environment contradicts itself: {first} says {first_bins} bins and {second} says {second_bins}. \
         Save the environment again with neurospatial."
    )]
    Counts {
        /// One part.
        first: &'static str,
        /// Its bins.
        first_bins: usize,
        /// The other part.
        second: &'static str,
        /// Its bins.
        second_bins: usize,
    },
    /// The session's centres and the environment's cells are in different orders.
    #[error(
        "Bin {bin} is at ({}, {}) by the session's bin centres, which is bin {other} of the environment, so the \
         picture would be scrambled. Use the environment that the session was decoded with, or leave one of the two out.",
        text(*x), text(*y)
    )]
    Order {
        /// The first bin that differs.
        bin: usize,
        /// Its x in the session.
        x: f64,
        /// Its y in the session.
        y: f64,
        /// The bin whose cell holds that place.
        other: usize,
    },
}

/// What an environment has beside its bins.
#[derive(Debug, Clone, Default)]
struct Rest {
    name: Option<String>,
    units: Option<String>,
    regions: Vec<Region>,
    more_regions: usize,
}

impl Environment {
    /// Of cells and the centres `(bins, 2)` of as many bins; says how many of these are nowhere.
    fn new(layout: Layout, cells: Rc<dyn Cells>, centers: Vec<[f64; 2]>, rest: Rest) -> Self {
        let missing = centers.iter().filter(|center| !is_place(**center)).count();
        let mut notes = Vec::new();
        if missing > 0 {
            notes.push(format!(
                "{missing} of {} bins have no finite centre and are not drawn.",
                centers.len()
            ));
        }
        let Rest { name, units, regions, more_regions } = rest;
        if more_regions > 0 {
            notes.push(format!("{more_regions} more regions are left out."));
        }
        Self { name, units, layout, cells, linearised: None, regions, notes, centers }
    }

    /// How many bins there are, drawn or not.
    pub fn bins(&self) -> usize {
        self.centers.len()
    }

    /// Centre of a bin in the environment's units; NaN where it has none.
    pub fn center(&self, bin: usize) -> [f64; 2] {
        self.centers.get(bin).copied().unwrap_or([f64::NAN; 2])
    }

    /// Its cells: side by side if that is asked for and there are such, else in space.
    pub fn view(&self, linearised: bool) -> &Rc<dyn Cells> {
        self.linearised.as_ref().filter(|_| linearised).unwrap_or(&self.cells)
    }

    /// Corners of a bin in space, counter-clockwise; empty where it has no place.
    pub fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        self.cells.polygon(bin)
    }

    /// The bin at a place in space, or `None` where there is none.
    pub fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        self.cells.bin_at(x, y)
    }

    /// The box around all polygons in space.
    pub fn bounds(&self) -> Bounds {
        self.cells.bounds()
    }

    /// How wide a bin of a view is, were it a square of the mean area; in the environment's units.
    pub fn bin_size(&self, linearised: bool) -> f64 {
        let cells = self.view(linearised);
        let (mut double, mut count) = (0.0, 0);
        for polygon in (0..self.bins()).map(|bin| cells.polygon(bin)).filter(|polygon| !polygon.is_empty()) {
            double += clip::double_area(&polygon);
            count += 1;
        }
        (double / 2.0 / f64::from(count.max(1))).sqrt()
    }

    /// A view's polygons as triangles.
    pub fn mesh(&self, linearised: bool) -> Mesh {
        Mesh::of(&**self.view(linearised), self.bins())
    }
}

impl Mesh {
    /// All cells, around the middle of their bounds.
    pub fn of(cells: &dyn Cells, bins: usize) -> Self {
        let Bounds { x, y } = cells.bounds();
        let origin = [f64::midpoint(x[0], x[1]), f64::midpoint(y[0], y[1])];
        let mut mesh = Self { origin, slanted: !cells.is_upright(), ..Self::default() };
        for bin in 0..bins {
            let polygon = cells.polygon(bin);
            mesh.add(bin as u32, &polygon, cells.triangles(&polygon));
        }
        mesh
    }

    /// A polygon by its triangles; a convex one as a fan from its first corner.
    fn add(&mut self, bin: u32, polygon: &[[f64; 2]], triangles: Option<Vec<u32>>) {
        let first = self.positions.len() as u32;
        let corners = polygon.len() as u32;
        for corner in polygon {
            // A shared corner has one f64 value, so this rounds to one f32 value.
            let [x, y] = [corner[0] - self.origin[0], corner[1] - self.origin[1]];
            self.positions.push([x as f32, y as f32]);
            self.bins.push(bin);
        }
        let fan = || (2..corners).flat_map(|i| [0, i - 1, i]).collect();
        self.indices.extend(triangles.unwrap_or_else(fan).into_iter().map(|corner| first + corner));
        self.edges.extend((0..corners).flat_map(|i| [first + i, first + (i + 1) % corners]));
    }
}

impl Bounds {
    /// The box around some points; `None` without any.
    fn around(points: impl Iterator<Item = [f64; 2]>) -> Option<Self> {
        points.fold(None, |bounds, [x, y]| {
            let Some(Self { x: [x0, x1], y: [y0, y1] }) = bounds else {
                return Some(Self { x: [x, x], y: [y, y] });
            };
            Some(Self { x: [x0.min(x), x1.max(x)], y: [y0.min(y), y1.max(y)] })
        })
    }
}

/// Whether a centre is a place that can be drawn.
fn is_place(center: [f64; 2]) -> bool {
    center.iter().all(|v| v.abs() <= FARTHEST)
}
