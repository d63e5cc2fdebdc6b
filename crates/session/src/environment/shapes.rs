//! Environments of every layout that is no grid: polygons where they are stored or can be reconstructed, else a dot at each centre.

use std::rc::Rc;

use replayscope_json::Json;

use crate::environment::bounds::is_place;
use crate::environment::cells::Cells;
use crate::environment::dict::{DictParts, list, malformed, numbers, place, text};
use crate::environment::environment::{Environment, Layout, MOST_BINS, Rest};
use crate::environment::error::EnvironmentError;
use crate::environment::hexagons::hexagons;
use crate::environment::points::Points;
use crate::environment::polygons::Polygons;
use crate::environment::polygons::holds;
use crate::environment::track::Track;
use crate::environment::triangles::triangles;
use crate::environment::voronoi::voronoi;
use crate::environment::wedges::{Zero, wedges};
use crate::environment::wkt;

/// Most edges of a track: each is compared with each.
const MOST_EDGES: usize = 2000;

/// Polygons that a session stores: bin b has the corners `vertices[offsets[b]..offsets[b + 1]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explicit {
    /// Corners of all polygons (n, 2), environment units.
    pub vertices: Vec<[f64; 2]>,
    /// Index of each bin's first corner, ascending from 0 to n: one more than bins.
    pub offsets: Vec<u64>,
}

impl Environment {
    /// The environment of an `Environment-v1` dict of any layout; `centers` as for [`Environment::grid`].
    pub fn from_dict(dict: &Json, centers: Option<&[[f64; 2]]>) -> Result<Self, EnvironmentError> {
        match Self::grid(dict, centers)? {
            Some(grid) => Ok(grid),
            None => Self::shaped(Some(dict), centers, None),
        }
    }

    /// The environment of bin centres `(bins, 2)` alone: a grid, else dots.
    pub fn from_centers(centers: &[[f64; 2]]) -> Result<Self, EnvironmentError> {
        match Self::grid_of_centers(centers)? {
            Some(grid) => Ok(grid),
            None => Self::shaped(None, Some(centers), None),
        }
    }

    /// Makes an environment that is no grid: of the `explicit` polygons if given, else of the dict, else dots at the centres.
    pub fn shaped(
        dict: Option<&Json>,
        centers: Option<&[[f64; 2]]>,
        explicit: Option<Explicit>,
    ) -> Result<Self, EnvironmentError> {
        let parts = dict.map(DictParts::read).transpose()?;
        let rest = parts.as_ref().map_or_else(Rest::default, DictParts::rest);
        if let Some(explicit) = explicit {
            return explicit.environment(parts.as_ref(), centers, rest);
        }
        let (Some(dict), Some(parts)) = (dict, &parts) else {
            let note = "The bin centres are not a regular grid, so each bin is drawn as a dot at its centre.";
            return dots(centers.unwrap_or_default().to_vec(), rest, note.to_owned());
        };
        let bins = parts.bins(centers)?;
        let problem = "it has neither bin_centers nor graph nodes with a pos, and the session has none";
        let own = parts.centers.as_deref().or(centers).ok_or_else(|| malformed("bin_centers", problem))?;
        if parts.polar {
            return polar(dict, parts, own, rest);
        }
        let parameters = dict.get("layout_parameters");
        let shape = match parts.layout_type {
            "Hexagonal" => {
                let width = parameters.and_then(|p| p.get("hexagon_width")?.as_f64());
                hexagons(own, width)
                    .map(|cells| Self::new(Layout::Hexagons, Rc::new(cells), own.to_vec(), rest.clone()))
            }
            "TriangularMesh" => mesh(dict, own, &rest),
            "Graph" => track(dict, parts).filter(|track| track.bins.len() == bins).map(|track| {
                let (cells, linearised) = track.views();
                let mut environment = Self::new(Layout::Track, cells, own.to_vec(), rest.clone());
                environment.linearised = linearised;
                let covered = environment.covered();
                if covered > 0 {
                    environment.notes.push(format!(
                        "{covered} of the track's bins lie under others where its edges cross; the linearised view shows every bin."
                    ));
                }
                environment
            }),
            _ => None,
        };
        let mut environment = match shape.filter(Self::holds_centers) {
            Some(environment) => environment,
            None => dots(own.to_vec(), rest, why_dots(parts.layout_type))?,
        };
        if let Some(session) = centers {
            environment.check_order(session)?;
        }
        Ok(environment)
    }

    /// Whether each finite centre is in its own bin, though another bin may cover it.
    fn holds_centers(&self) -> bool {
        (0..self.bins()).all(|bin| {
            let center = self.center(bin);
            !is_place(center) || holds(&self.polygon(bin), center)
        })
    }

    /// The number of bins whose centre is covered by another bin.
    fn covered(&self) -> usize {
        let under = |bin: &usize| {
            let [x, y] = self.center(*bin);
            self.bin_at(x, y).is_some_and(|other| other != *bin)
        };
        (0..self.bins()).filter(under).count()
    }
}

fn why_dots(layout: &str) -> String {
    match layout {
        "Hexagonal" => "The bin centres are on no regular hexagonal lattice, so each bin is a dot at its centre.".to_owned(),
        "TriangularMesh" => "Neither triangles nor Voronoi cells fit the bin centres, so each bin is a dot at its centre.".to_owned(),
        "Graph" => "The track's nodes, edges and bins do not fit its bin centres, so each bin is a dot at its centre.".to_owned(),
        _ => "The environment has no grid edges and its bins are not evenly spaced, so each is drawn as a \
              dot at its centre. Save it with `neurospatial.io.to_dict`, which keeps the edges."
            .to_owned(),
    }
}

fn dots(centers: Vec<[f64; 2]>, rest: Rest, note: String) -> Result<Environment, EnvironmentError> {
    let points = Points::new(&centers).ok_or(EnvironmentError::NoPlaces { bins: centers.len() })?;
    let covered = points.covered();
    let mut environment = Environment::new(Layout::Points, Rc::new(points), centers, rest);
    environment.notes.insert(0, note);
    if covered > 0 {
        environment.notes.push(format!("{covered} bins lie exactly under another bin and cannot be seen."));
    }
    Ok(environment)
}

/// Makes the wedges of centres (distance, angle). `angle_zero`, "up" or "right", gives the direction of angle 0; without it, right for
/// an allocentric frame, else up, as neurospatial's polar environments are egocentric with 0 ahead.
fn polar(
    dict: &Json,
    parts: &DictParts,
    own: &[[f64; 2]],
    rest: Rest,
) -> Result<Environment, EnvironmentError> {
    let said = text(dict, "angle_zero").or_else(|| text(dict.get("layout_parameters")?, "angle_zero"));
    let zero = match (said, text(dict, "frame")) {
        (Some("right"), _) | (None, Some("allocentric" | "world")) => Zero::Right,
        _ => Zero::Up,
    };
    let centers: Vec<[f64; 2]> = own.iter().map(|center| zero.place(*center)).collect();
    let Some(grid) = parts.grid(own.len(), None)? else {
        let note = "The polar environment has no grid edges, so each bin is a dot at its centre.".to_owned();
        return dots(centers, rest, note);
    };
    let cells = wedges(&grid, own.len(), zero);
    let mut environment = Environment::new(Layout::Wedges, Rc::new(cells), centers, rest);
    let direction = match zero {
        Zero::Up => "Polar environment: angle 0 is ahead, upwards, and angles grow to the left.",
        Zero::Right => "Polar environment: angle 0 is to the right, and angles grow counter-clockwise.",
    };
    environment.notes.push(direction.to_owned());
    Ok(environment)
}

/// Triangles where they can be reconstructed with certainty, else Voronoi cells.
fn mesh(dict: &Json, own: &[[f64; 2]], rest: &Rest) -> Option<Environment> {
    let parameters = dict.get("layout_parameters");
    let boundary = parameters.and_then(|parameters| wkt::polygon(parameters.get("boundary_polygon")?));
    let spacing = parameters.and_then(|parameters| parameters.get("point_spacing")?.as_f64());
    let links = dict.get("graph").and_then(|graph| {
        list(graph.get("links")?, |link| {
            Some([link.get("source")?.as_u64()? as u32, link.get("target")?.as_u64()? as u32])
        })
    });
    let triangles = match (&boundary, spacing) {
        (Some(boundary), Some(spacing)) => triangles(own, boundary, spacing, links.as_deref()),
        _ => None,
    };
    if let Some(cells) = triangles {
        return Some(Environment::new(Layout::Triangles, Rc::new(cells), own.to_vec(), rest.clone()));
    }
    let ring = boundary.as_ref().and_then(|rings| rings.first());
    let cells = voronoi(own, ring.map(Vec::as_slice))?;
    let mut environment = Environment::new(Layout::Voronoi, Rc::new(cells), own.to_vec(), rest.clone());
    let mut note =
        "The mesh's triangles cannot be reconstructed: each bin is drawn as the area that is nearer to its \
                    centre than to any other"
            .to_owned();
    note.push_str(match boundary {
        Some(rings) if rings.len() > 1 => ", within the boundary, holes not left out.",
        Some(_) => ", within the boundary.",
        None => ", within the centres' box.",
    });
    note.push_str(" `replayscope pack --polygons` stores the exact ones.");
    environment.notes.push(note);
    Some(environment)
}

/// The track, from the parameters of neurospatial's `GraphLayout`.
fn track(dict: &Json, parts: &DictParts) -> Option<Track> {
    let parameters = dict.get("layout_parameters")?;
    let definition = parameters.get("graph_definition")?;
    let nodes = definition.get("__nx_graph__").unwrap_or(definition).get("nodes")?.as_array()?;
    // Names of nodes may be numbers or texts.
    let places = nodes.iter().map(|node| Some((node.get("id")?.brief(), place(node.get("pos")?)?)));
    let places: Vec<(String, [f64; 2])> = places.collect::<Option<_>>()?;
    let node = |name: &Json| {
        let name = name.brief();
        places.iter().position(|(known, _)| *known == name)
    };
    let edges = parameters.get("edge_order")?;
    // Each edge searches its nodes among all.
    if edges.as_array()?.len() > MOST_EDGES || nodes.len() > 2 * MOST_EDGES {
        return None;
    }
    let order = list(edges, |edge| {
        let [from, to] = edge.as_array()? else { return None };
        let nodes = [node(from)?, node(to)?];
        Some((nodes, nodes.map(|node| places[node].1)))
    })?;
    let known = order.iter().all(|(_, ends)| ends.iter().copied().all(is_place));
    if !known {
        return None;
    }
    let spacing = parameters.get("edge_spacing");
    let gaps = match spacing.and_then(Json::as_f64) {
        Some(gap) => vec![gap; order.len().saturating_sub(1)],
        None => spacing.and_then(numbers).unwrap_or_default(),
    };
    let size = parameters.get("bin_size")?.as_f64().filter(|size| *size > 0.0)?;
    let mut track = Track::new(&order, &gaps, size, MOST_BINS as usize)?;
    // Stored edges and mask are those that the decoder used.
    if let (Some(lines), Some(mask)) = (DictParts::track_lines(dict), &parts.mask)
        && lines.len() == mask.len() + 1
    {
        track.bins = (0u32..).zip(mask).filter(|(_, on)| **on).map(|(line, _)| line).collect();
        track.lines = lines;
    }
    Some(track)
}

impl Explicit {
    /// Polygons of corners (x and y in turn) and offsets. An offset that is no whole number becomes one that is too large, which the check
    /// reports.
    pub fn new(vertices: &[f64], offsets: &[f64]) -> Self {
        let offset =
            |offset: &f64| if *offset >= 0.0 && offset.fract() == 0.0 { *offset as u64 } else { u64::MAX };
        Self { vertices: vertices.as_chunks::<2>().0.to_vec(), offsets: offsets.iter().map(offset).collect() }
    }

    fn environment(
        self,
        parts: Option<&DictParts>,
        centers: Option<&[[f64; 2]]>,
        rest: Rest,
    ) -> Result<Environment, EnvironmentError> {
        let wrong = |problem: String| Err(malformed("polygon_offsets", &problem));
        let Self { vertices, offsets } = self;
        let count = vertices.len() as u64;
        if offsets.first() != Some(&0) || offsets.last() != Some(&count) {
            return wrong(format!("they must run from 0 to the number of vertices, {count}"));
        }
        if let Some(at) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
            return wrong(format!("offset {} is {}, less than the one before it", at + 1, offsets[at + 1]));
        }
        if let Some(at) = vertices.iter().position(|vertex| !is_place(*vertex)) {
            return Err(malformed("polygon_vertices", &format!("vertex {at} is not a finite number")));
        }
        let ring = |ends: &[u64]| vertices[ends[0] as usize..ends[1] as usize].to_vec();
        if let Some(bin) = offsets.windows(2).position(|ends| matches!(ends[1] - ends[0], 1 | 2)) {
            return wrong(format!(
                "bin {bin} has {} corners; a polygon has 3 or more",
                offsets[bin + 1] - offsets[bin]
            ));
        }
        let bins = offsets.len() - 1;
        let known = parts.map(|parts| parts.bins(centers)).transpose()?.or(centers.map(<[_]>::len));
        if let Some(second_bins) = known.filter(|known| *known != bins) {
            let (first, second) = ("polygon_offsets", "the rest of the session");
            return Err(EnvironmentError::Counts { first, first_bins: bins, second, second_bins });
        }
        let cells = Polygons::new(offsets.windows(2).map(ring).collect());
        let stored = parts.and_then(|parts| parts.centers.clone()).or_else(|| centers.map(<[_]>::to_vec));
        let centers = stored.unwrap_or_else(|| (0..bins).map(|bin| middle(&cells.polygon(bin))).collect());
        let mut environment = Environment::new(Layout::Polygons, Rc::new(cells), centers, rest);
        // The centre of a concave polygon may be outside of it; but if all centres are in other polygons, the order differs.
        let count = environment.covered();
        if count > 0 {
            environment.notes.push(format!(
                "{count} of {bins} bin centres lie in another bin's polygon: are the polygons in the order of the bins?"
            ));
        }
        Ok(environment)
    }
}

/// The mean of a polygon's corners; NaN without any.
fn middle(polygon: &[[f64; 2]]) -> [f64; 2] {
    let count = polygon.len() as f64;
    let sum = polygon.iter().fold([0.0, 0.0], |[x, y], corner| [x + corner[0], y + corner[1]]);
    sum.map(|total| total / count)
}
