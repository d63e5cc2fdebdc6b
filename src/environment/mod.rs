//! The environment: one polygon a bin, in its own units.
//!
//! [`Environment::from_centers`] guesses the layout from bin centres alone, [`Environment::from_dict`] reads
//! neurospatial's `Environment-v1`. Both end in a [`Grid`] of rectangles or in [`Points`].

mod centers;
mod dict;
mod grid;
mod nearest;
mod points;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // proptest and files
mod tests;

use serde::Serialize;

use crate::number::text;

pub use grid::Grid;
pub use points::Points;

/// Coordinates beyond this are no places in a lab; it also keeps every square and every f32 finite.
const FARTHEST: f64 = 1e15;

/// Where all bins of a session are.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Units of its coordinates, where they are known.
    pub units: Option<String>,
    /// The shape of its bins.
    pub layout: Layout,
    /// Sentences for the info panel: what was guessed, what is not drawn as it is.
    pub notes: Vec<String>,
    centers: Vec<[f64; 2]>,
}

/// The shape of the bins.
#[derive(Debug, Clone)]
pub enum Layout {
    /// Rectangles between edges; cells without a bin are holes.
    Grid(Grid),
    /// A small disc at each centre.
    Points(Points),
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
        "The environment has {dims} dimensions and the viewer draws 2. \
         Decode into a 2-D environment, or pick one plane of it before saving."
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

impl Environment {
    /// How many bins there are, drawn or not.
    pub fn bins(&self) -> usize {
        self.centers.len()
    }

    /// Centre of a bin in the environment's units; NaN where it has none.
    pub fn center(&self, bin: usize) -> [f64; 2] {
        self.centers.get(bin).copied().unwrap_or([f64::NAN; 2])
    }

    /// Corners of a bin, counter-clockwise; empty where it has no place.
    pub fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        match &self.layout {
            Layout::Grid(grid) => grid.polygon(bin),
            Layout::Points(points) => points.polygon(bin),
        }
    }

    /// The bin at a place, or `None` where there is none. A place on a shared edge belongs to one bin.
    pub fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        match &self.layout {
            Layout::Grid(grid) => grid.bin_at(x, y),
            Layout::Points(points) => points.bin_at(x, y),
        }
    }

    /// The box around all polygons.
    pub fn bounds(&self) -> Bounds {
        match &self.layout {
            Layout::Grid(grid) => grid.bounds(),
            Layout::Points(points) => points.bounds(),
        }
    }

    /// All polygons as triangles. Corners that neighbours share are bitwise equal, so there are no seams.
    pub fn mesh(&self) -> Mesh {
        let Bounds { x, y } = self.bounds();
        let origin = [f64::midpoint(x[0], x[1]), f64::midpoint(y[0], y[1])];
        let mut mesh = Mesh { origin, ..Mesh::default() };
        for bin in 0..self.bins() {
            mesh.add(bin as u32, &self.polygon(bin));
        }
        mesh
    }
}

impl Mesh {
    /// A convex polygon as a fan from its first corner.
    fn add(&mut self, bin: u32, polygon: &[[f64; 2]]) {
        let first = self.positions.len() as u32;
        for corner in polygon {
            // A shared corner has one f64 value, so this rounds to one f32 value.
            let [x, y] = [corner[0] - self.origin[0], corner[1] - self.origin[1]];
            self.positions.push([x as f32, y as f32]);
            self.bins.push(bin);
        }
        for i in 2..polygon.len() as u32 {
            self.indices.extend([first, first + i - 1, first + i]);
        }
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
