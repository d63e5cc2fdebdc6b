//! Reads neurospatial's `Environment-v1`, inline or from a file.
//!
//! A dict from `to_dict` contains `bin_centers`, `grid_edges` and `active_mask`. A file from `to_file` stores those in an `.npz` beside
//! it; without the `.npz`, edges are evenly spaced over `dimension_ranges`, as neurospatial makes them, and bins are at the graph's
//! nodes.

use std::rc::Rc;

use replayscope_json::Json;
use replayscope_json::number;

use crate::environment::bounds::is_place;
use crate::environment::centers::recognise;
use crate::environment::environment::{Environment, Layout, MOST_BINS, Rest};
use crate::environment::error::EnvironmentError;
use crate::environment::grid::Grid;
use crate::environment::regions::Region;

/// The layouts whose bins are not rectangles between edges.
const NOT_GRIDS: [&str; 3] = ["Hexagonal", "TriangularMesh", "Graph"];

impl Environment {
    /// Reads an `Environment-v1` dict whose bins are on a grid; `None` for other bins, which [`Environment::shaped`] makes. `centers` are
    /// the session's own bin centres `(bins, 2)`: they replace centres that the dict lacks.
    ///
    /// # Errors
    /// Where a part of the dict is not valid, parts disagree, or the session's bins have another order.
    pub fn grid(dict: &Json, centers: Option<&[[f64; 2]]>) -> Result<Option<Self>, EnvironmentError> {
        let parts = DictParts::read(dict)?;
        let bins = parts.bins(centers)?;
        if !parts.is_grid() {
            return Ok(None);
        }
        let (grid, own) = if let Some(grid) = parts.grid(bins, centers)? {
            let of_cells = || (0..bins).map(|bin| middle(&grid, bin)).collect();
            let own = parts.centers.clone().unwrap_or_else(of_cells);
            (grid, own)
        } else {
            let Some(own) = parts.centers.as_deref().or(centers) else { return Ok(None) };
            let Some(grid) = recognise(own) else { return Ok(None) };
            (grid, own.to_vec())
        };
        let mut environment = Self::new(Layout::Grid, Rc::new(grid), own, parts.rest());
        if let Some(session) = centers {
            environment.check_order(session)?;
        }
        Ok(Some(environment))
    }

    /// An error where one of the session's centres lies in a bin of another number.
    pub(super) fn check_order(&mut self, session: &[[f64; 2]]) -> Result<(), EnvironmentError> {
        let mut outside = 0;
        for (bin, [x, y]) in session.iter().copied().enumerate() {
            let [own_x, own_y] = self.center(bin);
            if !is_place([x, y]) || (is_near(x, own_x) && is_near(y, own_y)) {
                continue;
            }
            match self.bin_at(x, y) {
                Some(other) if other != bin => return Err(EnvironmentError::Order { bin, x, y, other }),
                Some(_) => {}
                None => outside += 1,
            }
        }
        // The units probably differ.
        if outside > 0 {
            self.notes.push(format!(
                "{outside} of the session's bin centres lie outside the environment's bins; \
                 the environment's geometry is shown."
            ));
        }
        Ok(())
    }
}

/// The parts of a dict that define the bins.
pub(super) struct DictParts<'a> {
    name: Option<String>,
    units: Option<String>,
    regions: Vec<Region>,
    /// Number of regions that are left out.
    more_regions: usize,
    pub layout_type: &'a str,
    pub polar: bool,
    /// 1 or 2; a 1-D environment is drawn as a row.
    dims: u64,
    n_bins: Option<usize>,
    pub centers: Option<Vec<[f64; 2]>>,
    /// Flat index of each bin's cell, C order over (x, y).
    flat: Option<Vec<u64>>,
    pub mask: Option<Vec<bool>>,
    edges: Option<[Vec<f64>; 2]>,
    ranges: Option<Vec<[f64; 2]>>,
    shape: Option<Vec<u64>>,
}

impl<'a> DictParts<'a> {
    pub fn read(dict: &'a Json) -> Result<Self, EnvironmentError> {
        let not = |problem: &str| EnvironmentError::NotAnEnvironment { problem: problem.to_owned() };
        if dict.as_object().is_none() {
            return Err(not("it is not a JSON object"));
        }
        check_schema(dict)?;
        let layout_type = text(dict, "layout_type").ok_or_else(|| not("it has no layout_type"))?;
        let dims = dict.get("n_dims").and_then(Json::as_u64).unwrap_or(2);
        if dims != 1 && dims != 2 {
            return Err(EnvironmentError::Dimensions { dims });
        }
        // MaskedGrid stores edges and mask in its parameters, even in files.
        let either = |key: &str| {
            let top = dict.get(key).filter(|v| !v.is_null());
            top.or_else(|| dict.get("layout_parameters")?.get(key).filter(|v| !v.is_null()))
        };
        let nodes = nodes(dict)?;
        let (regions, more_regions) = Region::read_all(dict)?;
        let centers = match dict.get("bin_centers") {
            Some(list) => {
                Some(places(list).ok_or_else(|| malformed("bin_centers", "it is not a list of [x, y]"))?)
            }
            None => nodes.places,
        };
        let mask = either("active_mask").map(|v| flatten_mask(v, 0)).transpose()?;
        let edges = if NOT_GRIDS.contains(&layout_type) { None } else { either("grid_edges") };
        Ok(Self {
            name: text(dict, "name").filter(|name| !name.is_empty()).map(str::to_owned),
            units: text(dict, "units").filter(|units| !units.is_empty()).map(str::to_owned),
            regions,
            more_regions,
            layout_type,
            polar: text(dict, "coordinate_kind") == Some("polar"),
            dims,
            n_bins: dict.get("n_bins").and_then(Json::as_u64).map(|n| n as usize),
            centers,
            flat: nodes.flat,
            mask,
            edges: edges.map(|v| read_edges(v, dims)).transpose()?.flatten(),
            ranges: dict
                .get("dimension_ranges")
                .and_then(|v| list(v, |range| numbers(range)?.try_into().ok())),
            shape: dict.get("grid_shape").and_then(|v| list(v, Json::as_u64)),
        })
    }

    /// The number of bins; all parts that define it must agree.
    pub fn bins(&self, session: Option<&[[f64; 2]]>) -> Result<usize, EnvironmentError> {
        let gridded = !NOT_GRIDS.contains(&self.layout_type);
        let claims = [
            ("n_bins", self.n_bins),
            (
                "active_mask",
                self.mask.as_ref().filter(|_| gridded).map(|m| m.iter().filter(|on| **on).count()),
            ),
            ("the list of bin centres", self.centers.as_ref().map(Vec::len)),
            ("the session's bin centres", session.map(<[_]>::len)),
            ("the grid", self.claimed_cells().filter(|_| session.is_none() && self.all_cells_are_bins())),
        ];
        let mut known = claims.into_iter().filter_map(|(name, bins)| Some((name, bins?)));
        let Some((first, first_bins)) = known.next() else {
            return Err(malformed("n_bins", "nothing in the environment says how many bins there are"));
        };
        if let Some((second, second_bins)) = known.find(|(_, bins)| *bins != first_bins) {
            return Err(EnvironmentError::Counts { first, first_bins, second, second_bins });
        }
        if first_bins as u64 > MOST_BINS {
            return Err(malformed("n_bins", &format!("{first_bins} is more than {MOST_BINS}")));
        }
        if first_bins == 0 {
            return Err(EnvironmentError::NoBins);
        }
        Ok(first_bins)
    }

    fn claimed_cells(&self) -> Option<usize> {
        match &self.edges {
            Some([x, y]) => (x.len() - 1).checked_mul(y.len() - 1),
            None => None,
        }
    }

    /// Whether no part can mark a cell as a hole.
    fn all_cells_are_bins(&self) -> bool {
        self.mask.is_none() && self.flat.is_none() && self.centers.is_none()
    }

    /// Whether bins are rectangles in space.
    fn is_grid(&self) -> bool {
        !self.polar && !NOT_GRIDS.contains(&self.layout_type)
    }

    /// The edges of a track's bins, linearised; ascending.
    pub fn track_lines(dict: &Json) -> Option<Vec<f64>> {
        let [lines] = dict.get("grid_edges")?.as_array()? else { return None };
        numbers(lines)
            .filter(|lines| lines.is_sorted_by(|a, b| a < b) && lines.iter().all(|v| is_place([*v; 2])))
    }

    /// The parts of an environment besides its bins.
    pub fn rest(&self) -> Rest {
        Rest {
            name: self.name.clone(),
            units: self.units.clone(),
            regions: self.regions.clone(),
            more_regions: self.more_regions,
        }
    }

    /// The grid, where the dict defines it exactly; `session` are the session's bin centres.
    pub fn grid(&self, bins: usize, session: Option<&[[f64; 2]]>) -> Result<Option<Grid>, EnvironmentError> {
        let stored = self.edges.is_some();
        let Some([x, y]) = self.edges.clone().or_else(|| self.even_edges()) else { return Ok(None) };
        let [nx, ny] = [x.len() as u64 - 1, y.len() as u64 - 1];
        let Some(cells) = self.cells([nx, ny], bins)?.or_else(|| {
            let centers = self.centers.as_deref().or(session)?;
            cells_of(centers, &x, &y)
        }) else {
            return Ok(None);
        };
        let grid = Grid::new(x, y, cells).ok_or_else(|| {
            malformed("active_mask", "two bins share a cell, or a cell is outside the grid")
        })?;

        // Edges inferred from ranges are right only if every centre is in the middle of its cell.
        let fits = |bin: usize, center: [f64; 2]| {
            !is_place(center)
                || if stored { holds(&grid, bin, center) } else { is_middle(&grid, bin, center) }
        };
        let centers = self.centers.as_deref().unwrap_or_default();
        match centers.iter().enumerate().find(|(bin, center)| !fits(*bin, **center)) {
            None => Ok(Some(grid)),
            Some(_) if !stored => Ok(None),
            Some((bin, center)) => {
                let [x, y] = center.map(number::text);
                let problem = format!("bin {bin} is at ({x}, {y}), which is outside its own cell");
                Err(malformed("grid_edges", &problem))
            }
        }
    }

    /// Evenly spaced edges over the ranges, by the same operations as `numpy.linspace`.
    fn even_edges(&self) -> Option<[Vec<f64>; 2]> {
        let (ranges, shape) = (self.ranges.as_ref()?, self.shape.as_ref()?);
        let axis = |[start, stop]: [f64; 2], n: u64| {
            // Limited to the lines of a grid of the most bins, as the shape may be wrong.
            if n == 0 || n > MOST_BINS || !is_place([start, stop]) || start >= stop {
                return None;
            }
            let step = (stop - start) / n as f64;
            let edges: Vec<f64> = (0..n).map(|i| i as f64 * step + start).chain([stop]).collect();
            edges.is_sorted_by(|a, b| a < b).then_some(edges)
        };
        match (ranges.as_slice(), shape.as_slice()) {
            ([x, y], [nx, ny]) => Some([axis(*x, *nx)?, axis(*y, *ny)?]),
            ([x], [nx]) if self.dims == 1 => {
                let x = axis(*x, *nx)?;
                let row = row_edges(&x);
                Some([x, row])
            }
            _ => None,
        }
    }

    /// The cell of each bin: by mask, by the graph's nodes, or in order; `None` where only the centres define it.
    fn cells(
        &self,
        [nx, ny]: [u64; 2],
        bins: usize,
    ) -> Result<Option<Vec<Option<[u32; 2]>>>, EnvironmentError> {
        let all = nx * ny;
        let unflatten = |flat: u64| Some([(flat / ny) as u32, (flat % ny) as u32]);
        if let Some(mask) = &self.mask {
            if mask.len() as u64 != all {
                let problem = format!("it has {} cells and the grid has {nx} × {ny} = {all}", mask.len());
                return Err(malformed("active_mask", &problem));
            }
            let active = (0u64..).zip(mask).filter(|(_, on)| **on);
            return Ok(Some(active.map(|(flat, _)| unflatten(flat)).collect()));
        }
        if let Some(flat) = &self.flat {
            if flat.len() != bins || flat.iter().any(|flat| *flat >= all) {
                let problem = format!("it does not fit {bins} bins in {nx} × {ny} cells");
                return Err(malformed("graph.nodes[].source_grid_flat_index", &problem));
            }
            return Ok(Some(flat.iter().map(|flat| unflatten(*flat)).collect()));
        }
        let in_order = self.centers.is_none() && bins as u64 == all;
        Ok(in_order.then(|| (0..all).map(unflatten).collect()))
    }
}

/// The cell of each centre; `None` if a centre is in none.
fn cells_of(centers: &[[f64; 2]], x: &[f64], y: &[f64]) -> Option<Vec<Option<[u32; 2]>>> {
    let grid = Grid::new(x.to_vec(), y.to_vec(), Vec::new())?;
    let cell = |center: &[f64; 2]| {
        let cell = grid.cell_at(center[0], center[1]);
        (cell.is_some() || !is_place(*center)).then_some(cell)
    };
    centers.iter().map(cell).collect()
}

/// An error unless the dict has version 1 or none.
fn check_schema(dict: &Json) -> Result<(), EnvironmentError> {
    let Some(schema) = dict.get("schema_version").filter(|v| !v.is_null()) else { return Ok(()) };
    let found = schema.as_str().map_or_else(|| schema.brief(), str::to_owned);
    match found.strip_prefix("Environment-v").and_then(|v| v.split('.').next()?.parse::<u64>().ok()) {
        Some(1) => Ok(()),
        Some(_) => Err(EnvironmentError::Newer { found }),
        None => {
            Err(EnvironmentError::NotAnEnvironment { problem: format!("its schema_version is \"{found}\"") })
        }
    }
}

/// Positions and cells of the graph's nodes, where all nodes have them.
#[derive(Default)]
struct Nodes {
    places: Option<Vec<[f64; 2]>>,
    /// Flat index of the cell.
    flat: Option<Vec<u64>>,
}

/// The graph's nodes, sorted by id, which is the index of the bin.
fn nodes(dict: &Json) -> Result<Nodes, EnvironmentError> {
    let Some(nodes) = dict.get("graph").and_then(|graph| graph.get("nodes")?.as_array()) else {
        return Ok(Nodes::default());
    };
    let mut by_id = vec![None; nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        let id = node.get("id").map_or(Some(i as u64), Json::as_u64);
        match id.and_then(|id| by_id.get_mut(usize::try_from(id).ok()?)) {
            Some(slot @ None) => *slot = Some(node),
            _ => return Err(malformed("graph.nodes[].id", "the ids are not the bins 0, 1, 2, …")),
        }
    }
    let by_id: Vec<&Json> = by_id.into_iter().flatten().collect();
    let places = by_id.iter().map(|node| place(node.get("pos")?)).collect();
    let flat = by_id.iter().map(|node| node.get("source_grid_flat_index")?.as_u64()).collect();
    Ok(Nodes { places, flat })
}

fn read_edges(edges: &Json, dims: u64) -> Result<Option<[Vec<f64>; 2]>, EnvironmentError> {
    let axes =
        list(edges, numbers).ok_or_else(|| malformed("grid_edges", "it is not a list of number lists"))?;
    if axes.is_empty() {
        return Ok(None);
    }
    for axis in &axes {
        if axis.len() < 2 || !axis.is_sorted_by(|a, b| a < b) || !axis.iter().all(|edge| is_place([*edge; 2]))
        {
            return Err(malformed("grid_edges", "edges must be at least two finite, ascending numbers"));
        }
    }
    let count = axes.len();
    match <[Vec<f64>; 2]>::try_from(axes) {
        Ok(axes) => Ok(Some(axes)),
        Err(mut axes) if dims == 1 && count == 1 => {
            let x = axes.remove(0);
            let row = row_edges(&x);
            Ok(Some([x, row]))
        }
        Err(_) => Err(malformed("grid_edges", &format!("it has edges for {count} axes, not {dims}"))),
    }
}

/// The edges along y of a 1-D environment: a row as high as its bins are wide.
fn row_edges(x: &[f64]) -> Vec<f64> {
    let width = (x[x.len() - 1] - x[0]) / (x.len() - 1) as f64;
    vec![-width / 2.0, width / 2.0]
}

/// Flattens a mask, a flat or nested list of booleans or 0 and 1.
fn flatten_mask(mask: &Json, depth: u32) -> Result<Vec<bool>, EnvironmentError> {
    match mask {
        Json::Bool(on) => Ok(vec![*on]),
        Json::Number(n) => Ok(vec![*n != 0.0]),
        Json::Array(rows) if depth < 4 => {
            let mut flat = Vec::with_capacity(rows.len());
            for row in rows {
                flat.extend(flatten_mask(row, depth + 1)?);
            }
            Ok(flat)
        }
        _ => Err(malformed("active_mask", "it is not a list of booleans")),
    }
}

/// Whether a centre is inside its bin's cell; the far edges count.
fn holds(grid: &Grid, bin: usize, [x, y]: [f64; 2]) -> bool {
    grid.cell(bin)
        .map(|cell| grid.rectangle(cell))
        .is_none_or(|cell| (cell.x[0]..=cell.x[1]).contains(&x) && (cell.y[0]..=cell.y[1]).contains(&y))
}

/// Whether a centre is in the middle of its bin's cell, up to the rounding of float32.
fn is_middle(grid: &Grid, bin: usize, center: [f64; 2]) -> bool {
    grid.cell(bin).map(|cell| grid.rectangle(cell)).is_none_or(|cell| {
        let near = |[low, high]: [f64; 2], value: f64| {
            let rounding = f64::from(f32::EPSILON) * low.abs().max(high.abs());
            (value - f64::midpoint(low, high)).abs() <= 1e-6 * (high - low) + rounding
        };
        near(cell.x, center[0]) && near(cell.y, center[1])
    })
}

fn middle(grid: &Grid, bin: usize) -> [f64; 2] {
    let Some(cell) = grid.cell(bin) else { return [f64::NAN; 2] };
    let cell = grid.rectangle(cell);
    [f64::midpoint(cell.x[0], cell.x[1]), f64::midpoint(cell.y[0], cell.y[1])]
}

/// Whether two numbers are equal up to a few roundings of float32.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 4.0 * f64::from(f32::EPSILON) * a.abs().max(b.abs())
}

pub(super) fn malformed(key: &'static str, problem: &str) -> EnvironmentError {
    EnvironmentError::Malformed { key, problem: problem.to_owned() }
}

pub(super) fn text<'a>(dict: &'a Json, key: &str) -> Option<&'a str> {
    dict.get(key)?.as_str()
}

pub(super) fn list<T>(value: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(read).collect()
}

pub(super) fn numbers(value: &Json) -> Option<Vec<f64>> {
    list(value, number)
}

/// JSON has no NaN; writers put null, or a bare NaN, which is read as a string.
fn number(value: &Json) -> Option<f64> {
    if value.is_null() || value.as_str() == Some("NaN") { Some(f64::NAN) } else { value.as_f64() }
}

fn places(value: &Json) -> Option<Vec<[f64; 2]>> {
    list(value, place)
}

/// `[x, y]`, or `[x]` on a line.
pub(super) fn place(value: &Json) -> Option<[f64; 2]> {
    match numbers(value)?.as_slice() {
        [x] => Some([*x, 0.0]),
        [x, y] => Some([*x, *y]),
        _ => None,
    }
}
