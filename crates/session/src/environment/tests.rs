//! Environments that neurospatial wrote, and ones that are not valid.

use std::path::PathBuf;
use std::time::Instant;

use proptest::prelude::*;
use replayscope_json::Json;
use serde_json::{Value, json};

use super::bounds::is_place;
use super::*;

fn from_dict(dict: &Value, centers: Option<&[[f64; 2]]>) -> Result<Environment, EnvironmentError> {
    Environment::from_dict(&dict.clone().into(), centers)
}

/// Names with a `.json` in both the committed fixtures and the shared real data.
const NAMES: [&str; 6] = ["masked", "polygon", "hexagonal", "triangularmesh", "graph", "polar"];

fn fixture(name: &str) -> Value {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    read(&root.join("tests/fixtures/environments").join(name))
}

fn read(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The shared real data; required with `REPLAYSCOPE_REQUIRE_DATA=1`.
fn shared() -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let place = std::env::var("REPLAYSCOPE_TEST_DATA").unwrap_or_else(|_| "../shared".to_owned());
    let place = root.join(place).join("environments");
    if place.is_dir() {
        return Some(place);
    }
    let optional = std::env::var_os("REPLAYSCOPE_REQUIRE_DATA").is_none_or(|value| value != "1");
    assert!(optional, "no environments at {}, and REPLAYSCOPE_REQUIRE_DATA=1", place.display());
    println!("not run: no environments at {}", place.display());
    None
}

fn f64s(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn centers_of(arrays: &Value) -> Vec<[f64; 2]> {
    serde_json::from_value(arrays["bin_centers"].clone()).unwrap()
}

/// A small generator, so that places are the same on each run.
struct Places(u64);

impl Places {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn within(&mut self, [low, high]: [f64; 2]) -> f64 {
        low + (high - low) * self.unit()
    }
}

fn area(polygon: &[[f64; 2]]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// By parity, whatever the polygon's shape.
fn inside(polygon: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let next = polygon.iter().cycle().skip(1);
    let crossed = polygon
        .iter()
        .zip(next)
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
    crossed.count() % 2 == 1
}

/// What holds for any environment.
fn check(environment: &Environment) {
    let bounds = environment.bounds();
    for bin in 0..environment.bins() {
        let polygon = environment.polygon(bin);
        if polygon.is_empty() {
            continue;
        }
        let center = environment.center(bin);
        assert!(area(&polygon) > 0.0, "bin {bin} is not counter-clockwise: {polygon:?}");
        assert!(inside(&polygon, center), "bin {bin} does not hold its centre {center:?}: {polygon:?}");
        assert_eq!(environment.bin_at(center[0], center[1]), Some(bin));
        for [x, y] in polygon {
            assert!(bounds.x[0] <= x && x <= bounds.x[1] && bounds.y[0] <= y && y <= bounds.y[1]);
        }
    }
    let mut places = Places(1);
    for _ in 0..1_000 {
        let place = [places.within(bounds.x), places.within(bounds.y)];
        let holders: Vec<usize> =
            (0..environment.bins()).filter(|bin| inside(&environment.polygon(*bin), place)).collect();
        assert!(holders.len() <= 1, "bins {holders:?} overlap at {place:?}");
        assert_eq!(environment.bin_at(place[0], place[1]), holders.first().copied(), "at {place:?}");
    }
    check_mesh(environment);
}

fn check_mesh(environment: &Environment) {
    let mesh = environment.mesh(false);
    assert_eq!(mesh.positions.len(), mesh.bins.len());
    assert_eq!(mesh.indices.len() % 3, 0);
    let mut areas = vec![0.0; environment.bins()];
    for triangle in mesh.indices.chunks(3) {
        let bin = mesh.bins[triangle[0] as usize];
        assert!(triangle.iter().all(|vertex| mesh.bins[*vertex as usize] == bin));
        let corners: Vec<[f64; 2]> =
            triangle.iter().map(|vertex| mesh.positions[*vertex as usize].map(f64::from)).collect();
        areas[bin as usize] += area(&corners);
    }
    for (bin, of_triangles) in areas.iter().enumerate() {
        let of_polygon = area(&environment.polygon(bin));
        assert!((of_triangles - of_polygon).abs() <= 1e-4 * of_polygon, "bin {bin}");
    }
}

/// No bins overlap: their union is as large as they are together.
fn check_union(environment: &Environment) {
    let bins: Vec<geo::Polygon> = (0..environment.bins())
        .map(|bin| geo::Polygon::new(environment.polygon(bin).into(), Vec::new()))
        .collect();
    let all: f64 = bins.iter().map(geo::Area::unsigned_area).sum();
    let union = geo::Area::unsigned_area(&geo::unary_union(&bins));
    assert!((union / all - 1.0).abs() < 1e-6, "{:?}: {union} of {all}", environment.layout);
}

/// Bins are neighbours in neurospatial's graph just where they share an edge, or (of a grid) a corner.
fn check_adjacency(environment: &Environment, dict: &Value) {
    let links = dict["graph"]["links"].as_array().unwrap().iter();
    let mut linked: Vec<[u64; 2]> = links
        .map(|link| [link["source"].as_u64().unwrap(), link["target"].as_u64().unwrap()])
        .map(|[a, b]| [a.min(b), a.max(b)])
        .collect();
    linked.sort_unstable();
    let needed = if environment.layout == Layout::Grid { 1 } else { 2 };
    let polygons: Vec<_> = (0..environment.bins()).map(|bin| environment.polygon(bin)).collect();
    let mut touching = Vec::new();
    for (a, first) in polygons.iter().enumerate() {
        for (b, second) in polygons.iter().enumerate().skip(a + 1) {
            // Bitwise: these are the corners that the GPU gets.
            if first.iter().filter(|corner| second.contains(corner)).count() >= needed {
                touching.push([a as u64, b as u64]);
            }
        }
    }
    assert_eq!(touching, linked, "{:?}", environment.layout);
}

/// Corners that two bins share are bitwise equal in the mesh: as many different x as there are edges.
fn distinct(values: impl Iterator<Item = f32>) -> usize {
    let mut bits: Vec<u32> = values.map(f32::to_bits).collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len()
}

fn grid(environment: &Environment) -> &Grid {
    environment.cells.as_grid().unwrap_or_else(|| panic!("{:?}: {:?}", environment.layout, environment.notes))
}

fn is_points(environment: &Environment) -> bool {
    environment.layout == Layout::Points
}

/// What each of `NAMES` is drawn as.
fn layout_of(name: &str) -> Layout {
    match name {
        "hexagonal" => Layout::Hexagons,
        "triangularmesh" => Layout::Triangles,
        "graph" => Layout::Track,
        "polar" => Layout::Wedges,
        _ => Layout::Grid,
    }
}

#[test]
fn files_of_neurospatial_give_its_own_cells() {
    for name in NAMES {
        let (dict, arrays) = (fixture(&format!("{name}.json")), fixture(&format!("{name}.arrays.json")));
        let environment = from_dict(&dict, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(environment.bins(), arrays["bin_centers"].as_array().unwrap().len(), "{name}");
        assert_eq!(environment.units.as_deref(), Some("cm"));
        check(&environment);
        if matches!(name, "masked" | "polygon") {
            assert_eq!(environment.notes, Vec::<String>::new(), "{name}");
            let edges = grid(&environment).edges();
            for (axis, edges) in edges.into_iter().enumerate() {
                let stored = f64s(&arrays["grid_edges"][axis]);
                assert_eq!(edges.len(), stored.len(), "{name}");
                // serde_json rounds the last bit of a number either way.
                let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 2.0 * f64::EPSILON * b.abs();
                assert!(edges.iter().zip(&stored).all(near), "{name}: {edges:?} {stored:?}");
            }
        }
        assert_eq!(environment.layout, layout_of(name), "{:?}", environment.notes);
        if name != "polar" {
            let centers: Vec<_> = (0..environment.bins()).map(|bin| environment.center(bin)).collect();
            assert_eq!(centers, centers_of(&arrays), "{name}");
        }
    }
}

#[test]
fn the_session_s_centres_alone_give_the_same_cells() {
    for name in NAMES {
        let centers = centers_of(&fixture(&format!("{name}.arrays.json")));
        let guessed = Environment::from_centers(&centers).unwrap();
        check(&guessed);
        if !matches!(name, "masked" | "polygon") {
            // Polar bins are evenly spaced in (r, θ); only the dict says that they are polar.
            assert_eq!(is_points(&guessed), name != "polar", "{name}");
            continue;
        }
        let known = from_dict(&fixture(&format!("{name}.json")), Some(&centers)).unwrap();
        for bin in 0..known.bins() {
            let (a, b) = (guessed.polygon(bin), known.polygon(bin));
            for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
                assert!((a - b).abs() < 1e-9, "{name}: bin {bin}");
            }
        }
    }
}

#[test]
fn shared_environments_are_read() {
    let Some(place) = shared() else { return };
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    assert!(names.len() >= 7, "{names:?}");
    for path in names {
        let environment = from_dict(&read(&path), None).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        check(&environment);
        check_union(&environment);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert_eq!(environment.layout, layout_of(&name), "{:?}", environment.notes);
        if matches!(environment.layout, Layout::Grid | Layout::Hexagons | Layout::Triangles) {
            check_adjacency(&environment, &read(&path));
        }
    }
    let session = read(&place.join("../sessions/sargolini/environment.json"));
    assert_eq!(grid(&from_dict(&session, None).unwrap()).edges()[0].len(), 22);
}

#[test]
fn a_dict_with_uneven_edges_and_a_mask() {
    let dict = json!({
        "schema_version": "Environment-v1", "layout_type": "MaskedGrid", "n_bins": 4, "name": "", "units": "cm",
        "layout_parameters": {
            "grid_edges": [[0, 1, 4], [0, 2, 3, 10]],
            "active_mask": [[true, false, true], [1, 0, 1]],
        },
    });
    let environment = from_dict(&dict, None).unwrap();
    check(&environment);
    assert_eq!(environment.name, None);
    assert_eq!(environment.polygon(1), [[0.0, 3.0], [1.0, 3.0], [1.0, 10.0], [0.0, 10.0]]);
    assert_eq!(environment.center(2), [2.5, 1.0]);
    // Edges are half-open: a place on one belongs to the cell above or right of it.
    assert_eq!(environment.bin_at(1.0, 1.0), Some(2));
    assert_eq!(environment.bin_at(0.0, 0.0), Some(0));
    assert_eq!(environment.bin_at(0.5, 2.5), None);
    assert_eq!(environment.bin_at(4.0, 1.0), None);
    assert_eq!(environment.bin_at(f64::NAN, 1.0), None);
    assert_eq!(environment.bounds(), Bounds { x: [0.0, 4.0], y: [0.0, 10.0] });

    let mesh = environment.mesh(false);
    assert_eq!(distinct(mesh.positions.iter().map(|p| p[0])), 3);
    assert_eq!(distinct(mesh.positions.iter().map(|p| p[1])), 4);

    // The mask may be at the top and flat; then it wins over nothing else.
    let mut flat = dict.clone();
    flat["layout_parameters"].as_object_mut().unwrap().remove("active_mask");
    flat["active_mask"] = json!([true, false, true, true, false, true]);
    assert_eq!(from_dict(&flat, None).unwrap().polygon(3), environment.polygon(3));

    // Without a mask the session's centres say which cells are bins, and in which order.
    flat.as_object_mut().unwrap().remove("active_mask");
    let centers = [[2.0, 5.0], [0.5, 5.0], [2.0, 1.0], [0.5, 1.0]];
    let by_centers = from_dict(&flat, Some(&centers)).unwrap();
    assert_eq!(by_centers.polygon(1), environment.polygon(1));
    assert_eq!(by_centers.polygon(0), environment.polygon(3));
}

#[test]
fn a_line_is_a_row() {
    let dict = json!({"schema_version": "Environment-v1", "layout_type": "RegularGrid", "n_dims": 1, "n_bins": 3,
        "grid_edges": [[0, 2, 4, 6]], "active_mask": [true, true, true]});
    let environment = from_dict(&dict, None).unwrap();
    check(&environment);
    assert_eq!(environment.polygon(0), [[0.0, -1.0], [2.0, -1.0], [2.0, 1.0], [0.0, 1.0]]);
}

#[test]
fn polar_bins_are_where_they_are() {
    let environment = from_dict(&fixture("polar.json"), None).unwrap();
    let [x, y] = environment.center(0);
    assert!((x.hypot(y) - 2.5).abs() < 1e-12);
    // The dict says nothing of angle 0, so it is ahead: upwards.
    assert!((y.atan2(x) - (std::f64::consts::FRAC_PI_2 - 2.879_793_265_790_644)).abs() < 1e-12);

    let mut right = fixture("polar.json");
    right["angle_zero"] = json!("right");
    let [x, y] = from_dict(&right, None).unwrap().center(0);
    assert!((y.atan2(x) + 2.879_793_265_790_644).abs() < 1e-12);
}

#[test]
fn a_mesh_that_cannot_be_told_is_voronoi_cells() {
    let mut mesh = fixture("triangularmesh.json");
    check_adjacency(&from_dict(&mesh, None).unwrap(), &mesh);
    // Another neighbour than the triangles have: they are not the ones that were stored.
    mesh["graph"]["links"][0]["target"] = json!(9);
    let within = from_dict(&mesh, None).unwrap();
    assert_eq!(within.layout, Layout::Voronoi);
    assert!(within.notes[0].contains("within the boundary"), "{:?}", within.notes);
    check(&within);
    check_union(&within);
    let boundary =
        crate::environment::wkt::polygon(&Json::from(mesh["layout_parameters"]["boundary_polygon"].clone()));
    let area_of_boundary = area(&boundary.unwrap()[0]).abs();
    let area_of_cells: f64 = (0..within.bins()).map(|bin| area(&within.polygon(bin))).sum();
    assert!((area_of_cells / area_of_boundary - 1.0).abs() < 1e-6, "{area_of_cells} {area_of_boundary}");

    mesh["layout_parameters"].as_object_mut().unwrap().remove("boundary_polygon");
    let boxed = from_dict(&mesh, None).unwrap();
    assert_eq!(boxed.layout, Layout::Voronoi);
    check(&boxed);
    check_union(&boxed);
}

#[test]
fn a_track_has_two_views() {
    let environment = from_dict(&fixture("graph.json"), None).unwrap();
    let strip = environment.linearised.as_ref().unwrap();
    let nodes = fixture("graph.json")["graph"]["nodes"].clone();
    for bin in 0..environment.bins() {
        let position = nodes[bin]["pos_1D"].as_f64().unwrap();
        assert_eq!(strip.bin_at(position, 0.0), Some(bin));
        let [x, y] = environment.center(bin);
        assert!((strip.place([x, y])[0] - position).abs() < 1e-9, "bin {bin}");
    }
    assert_eq!(environment.view(true).bounds().x, [0.0, 100.0]);
    assert_eq!(environment.view(false).bounds(), environment.bounds());
    // Stored edges say more than the parameters they came from.
    let mut uneven = fixture("graph.json");
    let arrays = fixture("graph.arrays.json");
    uneven["active_mask"] = arrays["active_mask"].clone();
    uneven["grid_edges"] = arrays["grid_edges"].clone();
    assert_eq!(from_dict(&uneven, None).unwrap().polygon(7), environment.polygon(7));
    uneven["grid_edges"][0][8] = json!(16.5);
    assert_ne!(from_dict(&uneven, None).unwrap().polygon(7), environment.polygon(7));
    // A track without its graph is dots that say so.
    uneven["layout_parameters"].as_object_mut().unwrap().remove("graph_definition");
    let dots = from_dict(&uneven, None).unwrap();
    assert!(is_points(&dots) && dots.notes[0].contains("track"), "{:?}", dots.notes);
}

#[test]
fn a_track_that_crosses_itself_is_still_one() {
    let nodes = json!([{"id": 0, "pos": [0, 0]}, {"id": 1, "pos": [9, 9]}, {"id": 2, "pos": [9, 0]}, {"id": 3, "pos": [0, 9]}]);
    let length = 162.0_f64.sqrt();
    let center = |i: usize, flip: bool| {
        let at = 9.0 * (i as f64 + 0.5) / 5.0;
        if flip { [9.0 - at, at] } else { [at, at] }
    };
    let centers: Vec<_> = (0..10).map(|bin| center(bin % 5, bin >= 5)).collect();
    let dict = json!({"layout_type": "Graph", "bin_centers": centers, "layout_parameters": {
        "graph_definition": {"nodes": nodes}, "edge_order": [[0, 1], [2, 3]], "edge_spacing": 1.0, "bin_size": length / 5.0}});
    let environment = from_dict(&dict, None).unwrap();
    assert_eq!(environment.layout, Layout::Track, "{:?}", environment.notes);
    assert!(environment.notes[0].contains("1 of the track's bins"), "{:?}", environment.notes);
    assert_eq!(environment.bin_at(4.5, 4.5), Some(7), "the later is on top");
}

#[test]
fn regions_are_points_and_polygons_with_holes() {
    let mut dict = fixture("masked.json");
    let ring = json!([[20.0, 10.0], [40.0, 10.0], [40.0, 30.0], [20.0, 30.0], [20.0, 10.0]]);
    let hole = json!([[25.0, 15.0], [35.0, 15.0], [35.0, 25.0], [25.0, 15.0]]);
    dict["regions"] = json!([
        {"name": "goal", "kind": "point", "geom": [30.0, 20.0], "metadata": {}},
        {"name": "zone", "kind": "polygon", "geom": {"type": "Polygon", "coordinates": [ring, hole]},
         "metadata": {"color": "#102030"}},
    ]);
    let regions = from_dict(&dict, None).unwrap().regions;
    assert_eq!((regions[0].name.as_str(), &regions[0].shape), ("goal", &RegionShape::Point([30.0, 20.0])));
    assert_eq!((regions[1].name.as_str(), regions[1].color), ("zone", [0x10, 0x20, 0x30]));
    assert_eq!(
        [[22.0, 12.0], [34.0, 16.0], [26.0, 24.0], [41.0, 12.0]].map(|p| regions[1].holds(p)),
        [true, false, true, false]
    );
    assert!(!regions[0].holds([30.0, 20.0]));
    let meshes = fill(&regions);
    assert_eq!(meshes[0].indices, Vec::<u32>::new());
    let corners = |triangle: &[u32]| {
        triangle.iter().map(|i| meshes[1].positions[*i as usize].map(f64::from)).collect::<Vec<_>>()
    };
    let filled: f64 = meshes[1].indices.chunks(3).map(|triangle| area(&corners(triangle))).sum();
    assert!((filled - (400.0 - 50.0)).abs() < 1e-3, "{filled}");

    dict["regions"][1]["geom"]["coordinates"] = json!([[[0, 0], [1, 1]]]);
    let text = from_dict(&dict, None).unwrap_err().to_string();
    assert!(text.contains("regions") && text.contains("zone"), "{text}");
}

#[test]
fn explicit_polygons_go_before_all_else() {
    let dict = Json::from(fixture("masked.json"));
    let triangle = |x: f64| [[x, 0.0], [x + 1.0, 0.0], [x, 1.0]];
    let explicit = |bins: usize| Explicit {
        vertices: (0..bins).flat_map(|bin| triangle(bin as f64)).collect(),
        offsets: (0..=bins as u64).map(|bin| 3 * bin).collect(),
    };
    let environment = Environment::shaped(Some(&dict), None, Some(explicit(153))).unwrap();
    assert_eq!((environment.layout, environment.units.as_deref()), (Layout::Polygons, Some("cm")));
    assert_eq!(environment.polygon(7), triangle(7.0));
    let swapped = [[1.2, 0.2], [0.2, 0.2]];
    let noted = Environment::shaped(None, Some(&swapped), Some(explicit(2))).unwrap();
    assert!(noted.notes[0].contains("2 of 2 bin centres"), "{:?}", noted.notes);
    let alone = Environment::shaped(None, None, Some(explicit(2))).unwrap();
    assert_eq!(alone.notes, Vec::<String>::new());
    assert_eq!(alone.center(1), [4.0 / 3.0, 1.0 / 3.0]);
    check(&alone);

    let refused = |explicit| Environment::shaped(Some(&dict), None, Some(explicit)).unwrap_err().to_string();
    assert!(refused(explicit(3)).contains("153"));
    assert!(refused(Explicit { offsets: vec![0, 3, 2, 459], ..explicit(153) }).contains("offset 2 is 2"));
    assert!(
        refused(Explicit { offsets: vec![0, 3, 5, 459], ..explicit(153) }).contains("bin 1 has 2 corners")
    );
    assert!(refused(Explicit { offsets: vec![0, 3], ..explicit(153) }).contains("459"));
    assert!(refused(Explicit { offsets: Vec::new(), ..explicit(153) }).contains("459"));
    let mut nowhere = explicit(153);
    nowhere.vertices[4][0] = f64::NAN;
    assert!(refused(nowhere).contains("vertex 4"));
}

#[test]
fn bad_dicts_are_refused_with_numbers() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut dict = fixture("masked.json");
        change(&mut dict);
        from_dict(&dict, None).unwrap_err().to_string()
    };
    let text = refused(&|d| d["schema_version"] = json!("Environment-v2"));
    assert!(text.contains("Environment-v2") && text.contains("Environment-v1"), "{text}");
    assert!(refused(&|d| d["schema_version"] = json!("Track-v1")).contains("Track-v1"));
    assert!(refused(&|d| d["layout_type"] = Value::Null).contains("layout_type"));
    assert!(refused(&|d| d["n_dims"] = json!(3)).contains("3 dimensions"));
    let text = refused(&|d| d["n_bins"] = json!(400));
    assert!(text.contains("400") && text.contains("153"), "{text}");
    let text = refused(&|d| d["active_mask"] = json!([[true, true]]));
    assert!(text.contains("153") && text.contains('2'), "{text}");
    assert!(refused(&|d| d["active_mask"] = json!({"a": 1})).contains("active_mask"));
    assert!(refused(&|d| d["grid_edges"] = json!([[0, 1], [1, 0]])).contains("grid_edges"));
    assert!(refused(&|d| d["grid_edges"] = json!([[0, 1], [0, 1], [0, 1]])).contains("3 axes"));
    assert!(refused(&|d| d["graph"]["nodes"][3]["id"] = json!(0)).contains("ids"));
    assert!(refused(&|d| d["graph"]["nodes"][3]["source_grid_flat_index"] = json!(4)).contains("share"));
    assert!(refused(&|d| d["graph"]["nodes"][3]["source_grid_flat_index"] = json!(u64::MAX)).contains("fit"));
    for (value, word) in [(json!(null), "object"), (json!([1]), "object"), (json!({}), "layout_type")] {
        let text = from_dict(&value, None).unwrap_err().to_string();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn a_claimed_grid_allocates_nothing() {
    let huge = u64::MAX;
    let dict = json!({"layout_type": "RegularGrid", "grid_shape": [huge, huge], "n_bins": huge,
        "dimension_ranges": [[0, 1], [0, 1]]});
    assert!(from_dict(&dict, None).is_err());
    let dict = json!({"layout_type": "RegularGrid", "grid_shape": [1u64 << 20, 1u64 << 20],
        "dimension_ranges": [[0, 1], [0, 1]]});
    assert!(from_dict(&dict, None).is_err());
}

#[test]
fn edges_that_do_not_fit_the_centres_are_not_guessed() {
    // The edges are uneven, but stored in another file: even ones would put bins in wrong places.
    let mut dict = fixture("polygon.json");
    dict["graph"]["nodes"][0]["pos"] = json!([14.4, 15.5]);
    let environment = from_dict(&dict, None).unwrap();
    assert!(is_points(&environment));
    assert!(environment.notes[0].contains("edges"), "{:?}", environment.notes);
    // Stored edges that contradict the centres are an error.
    dict["grid_edges"] = json!([(0..13).collect::<Vec<_>>(), (0..13).collect::<Vec<_>>()]);
    assert!(from_dict(&dict, None).is_err());
}

#[test]
fn bins_in_another_order_are_refused() {
    let dict = fixture("masked.json");
    let mut centers = centers_of(&fixture("masked.arrays.json"));
    assert!(from_dict(&dict, Some(&centers)).is_ok());
    let rounded: Vec<_> = centers.iter().map(|c| c.map(|v| f64::from(v as f32))).collect();
    assert_eq!(from_dict(&dict, Some(&rounded)).unwrap().notes, Vec::<String>::new());
    centers.swap(3, 7);
    let error = from_dict(&dict, Some(&centers)).unwrap_err();
    assert!(matches!(error, EnvironmentError::Order { bin: 3, other: 7, .. }), "{error}");
    // Other units: the environment's own geometry is shown, and a note says so.
    let pixels: Vec<_> = centers.iter().map(|c| c.map(|v| 1000.0 + v)).collect();
    let environment = from_dict(&dict, Some(&pixels)).unwrap();
    assert!(environment.notes[0].contains("153"), "{:?}", environment.notes);
    let error = from_dict(&dict, Some(&centers[1..])).unwrap_err().to_string();
    assert!(error.contains("153") && error.contains("152"), "{error}");
}

#[test]
fn one_bin_one_row_one_column() {
    let one = Environment::from_centers(&[[7.0, -2.0]]).unwrap();
    assert_eq!(one.polygon(0), [[6.5, -2.5], [7.5, -2.5], [7.5, -1.5], [6.5, -1.5]]);
    check(&one);
    for axis in [0, 1] {
        let mut centers = vec![[3.0, 3.0]; 5];
        (0..5).for_each(|i| centers[i][axis] = 10.0 * i as f64);
        let line = Environment::from_centers(&centers).unwrap();
        check(&line);
        let (low, high) = (line.bounds().x, line.bounds().y);
        assert_eq!(
            [low[1] - low[0], high[1] - high[0]].map(f64::round),
            if axis == 0 { [50.0, 10.0] } else { [10.0, 50.0] }
        );
        grid(&line);
    }
}

#[test]
fn centres_that_are_nowhere() {
    assert_eq!(Environment::from_centers(&[]).unwrap_err(), EnvironmentError::NoBins);
    let nowhere = [[f64::NAN, 0.0], [0.0, f64::INFINITY]];
    assert_eq!(Environment::from_centers(&nowhere).unwrap_err(), EnvironmentError::NoPlaces { bins: 2 });
    let some = Environment::from_centers(&[[0.0, 0.0], [f64::NAN, 1.0], [1.0, 0.0], [2.0, 0.0]]).unwrap();
    check(&some);
    grid(&some);
    assert_eq!(some.polygon(1).len(), 0);
    assert_eq!(some.bin_at(1.0, 0.0), Some(2));
    assert!(some.notes[0].contains("1 of 4"), "{:?}", some.notes);
    assert!(some.polygon(99).is_empty() && some.center(99)[0].is_nan());
}

#[test]
fn what_is_no_grid_becomes_points() {
    let uneven = [[0.0, 0.0], [1.0, 0.0], [3.1, 0.0], [0.0, 1.0]];
    let diagonal: Vec<_> = (0..20).map(|i| [f64::from(i), f64::from(i)]).collect();
    let wobbly: Vec<_> =
        (0..20).map(|i| [f64::from(i) + 0.01 * f64::from(i % 2), f64::from(i % 3)]).collect();
    for centers in [uneven.as_slice(), &diagonal, &wobbly] {
        let environment = Environment::from_centers(centers).unwrap();
        assert!(is_points(&environment), "{centers:?}");
        assert!(environment.notes[0].contains("not a regular grid"));
        check(&environment);
    }
}

#[test]
fn bins_in_one_place_show_the_last() {
    let centers = [[0.0, 0.0], [5.0, 1.0], [-0.0, 0.0], [2.0, 9.0]];
    let environment = Environment::from_centers(&centers).unwrap();
    assert_eq!(environment.bin_at(0.0, 0.0), Some(2));
    assert_eq!(environment.polygon(0), environment.polygon(2));
    assert!(environment.notes.iter().any(|note| note.starts_with("1 bins lie")), "{:?}", environment.notes);
    let all_in_one = Environment::from_centers(&vec![[1.0, 1.0]; 20_000]).unwrap();
    assert_eq!(all_in_one.bin_at(1.0, 1.0), Some(19_999));
}

#[test]
fn bins_nearer_than_a_square_can_tell_open_all_the_same() {
    // Their distance squared is 0: discs without a size, which hold their centres.
    let centers = [[0.0, 7.7e-284], [0.0, 0.0], [0.0, 0.0]];
    let environment = Environment::from_centers(&centers).unwrap();
    for [x, y] in centers {
        assert!(environment.bin_at(x, y).is_some(), "{x}, {y}");
    }
}

#[test]
fn far_apart_bins_cost_no_memory_in_between() {
    let environment = Environment::from_centers(&[[0.0, 0.0], [1.0, 0.0], [1e15, 1e15]]).unwrap();
    assert!(is_points(&environment));
    let tiny = Environment::from_centers(&[[0.0, 0.0], [1e-12, 0.0], [1.0, 0.0]]).unwrap();
    assert!(is_points(&tiny));
}

/// The grid `nx` × `ny` of an environment far from the origin, as float64 and as float32.
#[test]
fn float32_centres_and_far_origins_are_still_a_grid() {
    for origin in [0.0, 12.34, -150.0, 4_000.0] {
        for spacing in [0.05, 1.0, 2.5, 4.9] {
            let exact: Vec<[f64; 2]> = (0..900)
                .map(|i| [origin + spacing * f64::from(i / 30), spacing * 1.1 * f64::from(i % 30) - origin])
                .collect();
            let rounded: Vec<_> = exact.iter().map(|c| c.map(|v| f64::from(v as f32))).collect();
            check_mesh(&Environment::from_centers(&exact).unwrap());
            assert_eq!(grid(&Environment::from_centers(&exact).unwrap()).edges()[0].len(), 31);
            // Beyond 1e-3 of a spacing even float32's own rounding is no grid any more.
            if origin.abs() / spacing < 4_000.0 {
                let environment = Environment::from_centers(&rounded).unwrap();
                assert_eq!(grid(&environment).edges().map(<[_]>::len), [31, 31], "{origin} {spacing}");
            }
        }
    }
}

/// Ratios within one run, and the best of several: what else the machine does is not of interest.
#[test]
fn four_times_the_bins_cost_little_more_than_four_times() {
    let mut places = Places(3);
    let even = |side: u32| -> Vec<[f64; 2]> {
        (0..side * side).map(|i| [f64::from(i / side), f64::from(i % side)]).collect()
    };
    let mut scattered = |side: u32| -> Vec<[f64; 2]> {
        let span = f64::from(side);
        (0..side * side).map(|_| [places.unit() * span, places.unit() * span]).collect()
    };
    let mut points = Places(4);
    for both in [[even(50), even(100)], [scattered(50), scattered(100)]] {
        let (mut opening, mut hover, mut hits) = ([f64::INFINITY; 2], [f64::INFINITY; 2], 0);
        for _ in 0..6 {
            for (at, centers) in both.iter().enumerate() {
                let start = Instant::now();
                let environment = Environment::from_centers(centers).unwrap();
                assert!(environment.mesh(false).positions.len() >= 4 * centers.len());
                opening[at] = opening[at].min(start.elapsed().as_secs_f64());
                let span = (centers.len() as f64).sqrt();
                let start = Instant::now();
                let hit = (0..1_000)
                    .filter(|_| environment.bin_at(points.unit() * span, points.unit() * span).is_some());
                hits += hit.count();
                hover[at] = hover[at].min(start.elapsed().as_secs_f64());
            }
        }
        assert!(hits > 50);
        // 16 times where each bin looks at all others, and 4 where a place does.
        assert!(opening[1] < 12.0 * opening[0], "opening took {opening:?} s");
        assert!(hover[1] < 3.0 * hover[0], "1,000 hovers took {hover:?} s");
    }
}

proptest! {
    #[test]
    fn any_masked_grid_is_recognised(
        nx in 2u32..12, ny in 2u32..12, sx in 0.01f64..50.0, sy in 0.01f64..50.0,
        x0 in -1e3f64..1e3, y0 in -1e3f64..1e3, holes in any::<u64>(), wobble in 0.0f64..0.4e-6,
    ) {
        let mut places = Places(holes);
        let mut cells = Vec::new();
        for ix in 0..nx {
            for iy in 0..ny {
                // The lower left corner stays, so that both spacings show.
                if ix + iy < 2 || places.unit() < 0.8 {
                    cells.push([ix, iy]);
                }
            }
        }
        let at = |[ix, iy]: [u32; 2]| [x0 + sx * f64::from(ix), y0 + sy * f64::from(iy)];
        let centers: Vec<[f64; 2]> = cells
            .iter()
            .map(|cell| {
                let [x, y] = at(*cell);
                [x + sx * wobble * (places.unit() - 0.5), y + sy * wobble * (places.unit() - 0.5)]
            })
            .collect();
        let environment = Environment::from_centers(&centers).unwrap();
        let grid = grid(&environment);
        for (bin, cell) in cells.iter().enumerate() {
            prop_assert_eq!(grid.cell(bin), Some(*cell));
            let corner = environment.polygon(bin)[0];
            let [x, y] = at(*cell);
            prop_assert!((corner[0] - (x - sx / 2.0)).abs() < 1e-5 * sx);
            prop_assert!((corner[1] - (y - sy / 2.0)).abs() < 1e-5 * sy);
        }
    }

    #[test]
    fn any_centres_open_or_say_why(
        centers in prop::collection::vec(prop::array::uniform2(prop_oneof![
            any::<f64>(), -10.0f64..10.0, (-5i8..5).prop_map(f64::from), Just(f64::NAN),
        ]), 0..40),
    ) {
        if let Ok(environment) = Environment::from_centers(&centers) {
            prop_assert_eq!(environment.bins(), centers.len());
            let mesh = environment.mesh(false);
            prop_assert!(mesh.positions.iter().flatten().all(|v| v.is_finite()));
            for bin in 0..centers.len() {
                let [x, y] = environment.center(bin);
                if is_place([x, y]) {
                    prop_assert!(environment.bin_at(x, y).is_some());
                }
            }
        }
    }

    #[test]
    fn any_json_opens_or_says_why(
        key in prop::sample::select(vec![
            "schema_version", "n_dims", "n_bins", "layout_type", "layout_parameters", "dimension_ranges",
            "grid_shape", "graph", "active_mask", "grid_edges", "bin_centers", "units", "coordinate_kind",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(-1), json!(0), json!(1e300), json!("x"), json!([]), json!([[]]), json!([[], []]),
            json!([[1], [1]]), json!([[0, 1], [0, 1]]), json!({}), json!([null]), json!([0, 0]), json!([14, 0]),
            json!([[null, null]]), json!({"nodes": []}), json!({"nodes": [null]}), json!({"nodes": [{"id": 0}]}),
            json!([[[[[[[1]]]]]]]),
        ]),
    ) {
        let mut dict = fixture("masked.json");
        dict[key] = value;
        if let Ok(environment) = from_dict(&dict, None) {
            check_mesh(&environment);
        }
    }

    #[test]
    fn any_layout_opens_or_says_why(
        name in prop::sample::select(NAMES.to_vec()),
        key in prop::sample::select(vec![
            "hexagon_width", "boundary_polygon", "point_spacing", "graph_definition", "edge_order", "edge_spacing",
            "bin_size", "angle_zero", "regions", "grid_edges", "active_mask", "bin_centers",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(-1), json!(0), json!(1e300), json!(1e-300), json!(1e-9), json!("x"), json!([]), json!([[]]),
            json!([[0, 1]]), json!([[0, 0]]), json!([[0, 1], [1, 9]]), json!([1, -2]), json!({}), json!([null]),
            json!({"nodes": [{"id": 0, "pos": [0, 0]}, {"id": 1, "pos": [0, 0]}, {"id": 2, "pos": [1e300, 0]}, {"id": 3, "pos": [1, 1]}]}),
            json!({"__shapely_wkt__": "POLYGON ((0 0, 0 0, 0 0))"}),
            json!({"__shapely_wkt__": "POLYGON ((-1e15 0, 1e15 0, 0 1e15, -1e15 0))"}),
            json!([{"name": 3, "geom": [[0, 0]]}]), json!([{"geom": [0, 1]}]),
        ]),
    ) {
        let mut dict = fixture(&format!("{name}.json"));
        dict["layout_parameters"][key] = value.clone();
        let _ = from_dict(&dict, None);
        dict[key] = value;
        if let Ok(environment) = from_dict(&dict, None) {
            let mesh = environment.mesh(true);
            prop_assert!(mesh.indices.iter().all(|corner| (*corner as usize) < mesh.positions.len()));
            environment.bin_at(1.0, 1.0);
        }
    }
}
