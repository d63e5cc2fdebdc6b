//! Regions: named points and polygons of an environment.

use replayscope_json::Json;

use crate::colormap::rgb;
use crate::environment::bounds::is_place;
use crate::environment::error::EnvironmentError;
use crate::environment::mesh::Mesh;
use crate::environment::polygons::triangulate;

/// A named point or polygon.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The region's name.
    pub name: String,
    /// The point or the polygon.
    pub shape: RegionShape,
    /// Colour, sRGB.
    pub color: [u8; 3],
}

/// The shape of a region, in environment units.
#[derive(Debug, Clone, PartialEq)]
pub enum RegionShape {
    /// A point.
    Point([f64; 2]),
    /// The outer ring, then the rings of holes; no ring repeats its first corner at its end.
    Polygon(Vec<Vec<[f64; 2]>>),
}

/// Colours of regions without one, in turn: those of Okabe and Ito (2008), which are distinct in all kinds of colour vision, without
/// the two that are dark on the background.
const COLORS: [[u8; 3]; 6] = [
    [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9],
    [0x00, 0x9e, 0x73],
    [0xf0, 0xe4, 0x42],
    [0xd5, 0x5e, 0x00],
    [0xcc, 0x79, 0xa7],
];

/// Most regions, more of which are left out; and most corners of one, more of which are an error.
const MOST: usize = 256;
const MOST_CORNERS: usize = 1 << 16;

impl Region {
    /// Whether a position is inside the region, by the even-odd rule, so that holes are outside; false for a point.
    ///
    /// Only for the name at the pointer: bins are found by the exact `polygons::holds`, which the page loads on demand.
    pub fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let RegionShape::Polygon(rings) = &self.shape else { return false };
        let crossed = |ring: &Vec<[f64; 2]>| {
            let next = ring.iter().cycle().skip(1);
            let right_of = |(a, b): &(&[f64; 2], &[f64; 2])| {
                (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            };
            ring.iter().zip(next).filter(right_of).count()
        };
        rings.iter().map(crossed).sum::<usize>() % 2 == 1
    }

    /// Reads the `regions` of an `Environment-v1` dict: names, points and `GeoJSON` polygons, and a `metadata.color` of `#rrggbb`.
    /// Returns the number of regions that were left out, too.
    pub(super) fn read_all(dict: &Json) -> Result<(Vec<Self>, usize), EnvironmentError> {
        let Some(regions) = dict.get("regions").filter(|regions| !regions.is_null()) else {
            return Ok((Vec::new(), 0));
        };
        let malformed = |problem: String| EnvironmentError::Malformed { key: "regions", problem };
        let list = regions.as_array().ok_or_else(|| malformed("it is not a list".to_owned()))?;
        let region = |(i, region): (usize, &Json)| {
            let name = region
                .get("name")
                .and_then(Json::as_str)
                .map_or_else(|| format!("region {i}"), str::to_owned);
            let wrong = || malformed(format!("\"{name}\" is neither a point [x, y] nor a polygon"));
            let shape = region.get("geom").and_then(shape).ok_or_else(wrong)?;
            if let RegionShape::Polygon(rings) = &shape
                && rings.iter().map(Vec::len).sum::<usize>() > MOST_CORNERS
            {
                return Err(malformed(format!("\"{name}\" has more than {MOST_CORNERS} corners")));
            }
            let color = region.get("metadata").and_then(|m| rgb(m.get("color")?.as_str()?));
            Ok(Self { shape, color: color.unwrap_or(COLORS[i % COLORS.len()]), name })
        };
        let read = list.iter().take(MOST).enumerate().map(region).collect::<Result<_, _>>()?;
        Ok((read, list.len().saturating_sub(MOST)))
    }
}

/// The triangles of each region's interior; empty for a point.
pub fn fill(regions: &[Region]) -> Vec<Mesh> {
    let mesh = |region: &Region| match &region.shape {
        RegionShape::Point(_) => Mesh::default(),
        RegionShape::Polygon(rings) => {
            let origin = rings[0][0];
            let local = |corner: &[f64; 2]| [0, 1].map(|axis| (corner[axis] - origin[axis]) as f32);
            let positions = rings.iter().flatten().map(local).collect();
            Mesh { origin, positions, indices: triangulate(rings), ..Mesh::default() }
        }
    };
    regions.iter().map(mesh).collect()
}

fn shape(geometry: &Json) -> Option<RegionShape> {
    if let Some(point) = point(geometry) {
        return Some(RegionShape::Point(point));
    }
    let rings = geometry
        .get("coordinates")
        .filter(|_| geometry.get("type").and_then(Json::as_str) == Some("Polygon"));
    let ring = |ring: &Json| {
        let mut corners: Vec<[f64; 2]> = ring.as_array()?.iter().map(point).collect::<Option<_>>()?;
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        (corners.len() > 2).then_some(corners)
    };
    let rings: Vec<_> = rings?.as_array()?.iter().map(ring).collect::<Option<_>>()?;
    (!rings.is_empty()).then_some(RegionShape::Polygon(rings))
}

/// `[x, y]`; a third coordinate is left out.
fn point(value: &Json) -> Option<[f64; 2]> {
    let list = value.as_array()?;
    let point = [list.first()?.as_f64()?, list.get(1)?.as_f64()?];
    (list.len() <= 3 && is_place(point)).then_some(point)
}
