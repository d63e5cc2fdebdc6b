//! The environment: its bins in space, its regions, its notes.

use std::rc::Rc;

use crate::environment::bounds::{Bounds, is_place};
use crate::environment::cells::Cells;
use crate::environment::clip::double_area;
use crate::environment::mesh::Mesh;
use crate::environment::regions::Region;

/// The most bins: one polygon each, on the graphics card too.
pub const MOST_BINS: u64 = 1 << 20;

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
    pub(super) centers: Vec<[f64; 2]>,
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

/// What an environment has beside its bins.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest {
    pub name: Option<String>,
    pub units: Option<String>,
    pub regions: Vec<Region>,
    pub more_regions: usize,
}

impl Environment {
    /// Of cells and the centres `(bins, 2)` of as many bins; says how many of these are nowhere.
    pub(super) fn new(layout: Layout, cells: Rc<dyn Cells>, centers: Vec<[f64; 2]>, rest: Rest) -> Self {
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
            double += double_area(&polygon);
            count += 1;
        }
        (double / 2.0 / f64::from(count.max(1))).sqrt()
    }

    /// A view's polygons as triangles.
    pub fn mesh(&self, linearised: bool) -> Mesh {
        Mesh::of(&**self.view(linearised), self.bins())
    }
}
