//! Reads polygons as neurospatial writes them: `POLYGON` in well-known text.

use replayscope_json::Json;
use replayscope_json::number;

/// The rings of `{"__shapely_wkt__": "POLYGON ((x y, …), (…))"}`, the outer one first, each ending with its first corner; `None` for
/// any other value.
pub(super) fn polygon(value: &Json) -> Option<Vec<Vec<[f64; 2]>>> {
    let text = value.get("__shapely_wkt__")?.as_str()?.trim();
    let rings = text.strip_prefix("POLYGON")?.trim().strip_prefix("((")?.strip_suffix("))")?;
    let corner = |text: &str| {
        let (x, y) = text.trim().split_once(' ')?;
        Some([number::parse(x)?, number::parse(y.trim())?])
    };
    rings
        .split(')')
        .map(|ring| ring.trim_start_matches([',', ' ', '(']).split(',').map(corner).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<Vec<[f64; 2]>>> {
        polygon(&Json::object([("__shapely_wkt__", text.into())]))
    }

    #[test]
    fn rings_with_and_without_holes() {
        let square = vec![[0.0, 0.0], [4.0, 0.5], [4.0, 4.0], [0.0, 0.0]];
        assert_eq!(read("POLYGON ((0 0, 4 0.5, 4 4, 0 0))"), Some(vec![square.clone()]));
        let hole = vec![[1.0, 1.0], [2.0, 1e-3], [2.0, 2.0], [1.0, 1.0]];
        assert_eq!(
            read("POLYGON ((0 0, 4 0.5, 4 4, 0 0), (1 1, 2 1e-3, 2 2, 1 1))"),
            Some(vec![square, hole])
        );
    }

    #[test]
    fn anything_else_is_none() {
        for text in
            ["POLYGON EMPTY", "POLYGON ((0 0, 1))", "MULTIPOLYGON (((0 0, 1 1, 2 0, 0 0)))", "", "POLYGON (("]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
