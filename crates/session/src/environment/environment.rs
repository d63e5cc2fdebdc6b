//! The environment: its bins in space, its regions, its notes.

use std::rc::Rc;

use crate::environment::bounds::{Bounds, is_place};
use crate::environment::cells::Cells;
use crate::environment::clip::double_area;
use crate::environment::mesh::Mesh;
use crate::environment::regions::Region;

/// Most bins of an environment, whose polygons also have to fit the GPU.
pub const MOST_BINS: u64 = 1 << 20;

/// The bins of a session in space, with its regions.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Name, where the environment has one.
    pub name: Option<String>,
    /// Units of the coordinates, where they are known.
    pub units: Option<String>,
    /// The kind of bins.
    pub layout: Layout,
    /// The polygons of the bins in space.
    pub cells: Rc<dyn Cells>,
    /// The polygons of a track's bins side by side; x is the position along the track, environment units. `None` without a track.
    pub linearised: Option<Rc<dyn Cells>>,
    /// The regions, in the order of the file.
    pub regions: Vec<Region>,
    /// Sentences for the info panel about what was inferred or cannot be drawn exactly.
    pub notes: Vec<String>,
    pub(super) centers: Vec<[f64; 2]>,
}

/// The kind of an environment's bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rectangles between edges; cells without a bin are holes.
    Grid,
    /// Regular hexagons on a lattice.
    Hexagons,
    /// Triangles of a mesh.
    Triangles,
    /// Voronoi cells: what is nearer to a bin's centre than to any other's.
    Voronoi,
    /// Sections of a track's edges.
    Track,
    /// Sectors of rings around the origin.
    Wedges,
    /// Polygons that the session stores.
    Polygons,
    /// A small disc at each centre.
    Points,
}

impl Layout {
    /// The name, as the info panel shows it.
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

/// The parts of an environment besides its bins.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest {
    pub name: Option<String>,
    pub units: Option<String>,
    pub regions: Vec<Region>,
    pub more_regions: usize,
}

impl Environment {
    /// An environment of cells and centres `(bins, 2)`; a note counts the bins without a finite centre.
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

    /// The number of bins, drawn or not.
    pub fn bins(&self) -> usize {
        self.centers.len()
    }

    /// The centre of a bin, environment units; NaN where it has none.
    pub fn center(&self, bin: usize) -> [f64; 2] {
        self.centers.get(bin).copied().unwrap_or([f64::NAN; 2])
    }

    /// The linearised cells where requested and available, else those in space.
    pub fn view(&self, linearised: bool) -> &Rc<dyn Cells> {
        self.linearised.as_ref().filter(|_| linearised).unwrap_or(&self.cells)
    }

    /// Corners of a bin in space, counter-clockwise, environment units; empty where the bin has no position.
    pub fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        self.cells.polygon(bin)
    }

    /// The bin at a position in space, environment units; `None` where there is none.
    pub fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        self.cells.bin_at(x, y)
    }

    /// The bounding box of all polygons in space.
    pub fn bounds(&self) -> Bounds {
        self.cells.bounds()
    }

    /// Side of a square with the mean area of a view's bins, environment units.
    pub fn bin_size(&self, linearised: bool) -> f64 {
        let cells = self.view(linearised);
        let (mut double, mut count) = (0.0, 0);
        for polygon in (0..self.bins()).map(|bin| cells.polygon(bin)).filter(|polygon| !polygon.is_empty()) {
            double += double_area(&polygon);
            count += 1;
        }
        (double / 2.0 / f64::from(count.max(1))).sqrt()
    }

    /// The triangles of a view's polygons.
    pub fn mesh(&self, linearised: bool) -> Mesh {
        Mesh::of(&**self.view(linearised), self.bins())
    }
}
