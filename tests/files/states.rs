//! Results of a decoder whose states are texts in Zarr, as xarray writes them.

use std::fs;

use crate::common::fixture;
use crate::shelf::{Shelf, all, bits};

#[test]
fn states_are_split_by_their_names_however_texts_are_stored() {
    let values = bits(&fs::read(fixture("states/posterior.f32")).unwrap());
    for name in ["fixed_v2", "fixed_v3", "variable_v2", "variable_v3"] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.zarr")).unwrap();
        let fields: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["all states", "Continuous", "Fragmented é"], "{name}");
        for (state, field) in session.fields[1..].iter().enumerate() {
            let rows = values.as_chunks::<13>().0.iter().flat_map(|row| &row[state * 6..(state + 1) * 6]);
            assert_eq!(all(&field.array), rows.copied().collect::<Vec<u32>>(), "{name}: {}", field.name);
        }
        assert!(session.notes.iter().any(|note| note.contains("`No-Spike`")), "{:?}", session.notes);
        assert_eq!([1, 5].map(|bin| session.environment.center(bin)), [[1.0, 12.0], [5.0, 12.0]], "{name}");
    }
}

/// What columns of the stored values a field shows.
fn assert_columns(name: &str, field: &replayscope::session::Field, columns: &[usize]) {
    let values = bits(&fs::read(fixture("states/posterior.f32")).unwrap());
    let rows = values.as_chunks::<13>().0.iter().flat_map(|row| columns.iter().map(|column| row[*column]));
    assert_eq!(all(&field.array), rows.collect::<Vec<u32>>(), "{name}: {}", field.name);
}

#[test]
fn places_go_before_an_index_and_gathered_columns_are_spread() {
    let ascending: Vec<usize> = (0..10).collect();
    let alternate = |first: usize| (first..10).step_by(2).collect::<Vec<usize>>();
    for (name, states) in [
        ("indexed", [("a", ascending[..5].to_vec()), ("b", ascending[5..].to_vec())]),
        // Its last column is the first place of the product.
        ("gathered", [("b", ascending[..5].to_vec()), ("a", ascending[5..].to_vec())]),
        ("gathered_last", [("a", alternate(0)), ("b", alternate(1))]),
    ] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.nc")).unwrap();
        let fields: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["all states", states[0].0, states[1].0], "{name}");
        for (field, (_, columns)) in session.fields[1..].iter().zip(&states) {
            assert_columns(name, field, columns);
        }
        let centers: Vec<f64> = (0..5).map(|bin| session.environment.center(bin)[0]).collect();
        let expected = if name == "gathered" { [9.0, 7.0, 5.0, 3.0, 1.0] } else { [1.0, 3.0, 5.0, 7.0, 9.0] };
        assert_eq!(centers, expected, "{name}");
    }
    for name in ["gathered_plane", "axes"] {
        let session = Shelf::new(fixture("states")).open(&format!("{name}.nc")).unwrap();
        assert_eq!(session.fields.len(), 1, "{name}");
        assert_columns(name, &session.fields[0], &ascending);
        let centers: Vec<[f64; 2]> = (0..10).map(|bin| session.environment.center(bin)).collect();
        let expected: Vec<[f64; 2]> =
            (0..10).map(|bin| [(bin / 2 * 2 + 1) as f64, [10.0, 12.0][bin % 2]]).collect();
        assert_eq!(centers, expected, "{name}");
    }
}

#[test]
fn an_index_alone_is_said_to_be_one() {
    let session = Shelf::new(fixture("states")).open("counted.nc").unwrap();
    assert!(
        session.notes.iter().any(|note| note.contains("`bin`") && note.contains("0 to 9")),
        "{:?}",
        session.notes
    );
}

#[test]
fn gathered_levels_that_are_no_places_are_named() {
    let refused = Shelf::new(fixture("states")).refused("gathered_other.nc");
    assert!(
        refused.contains("`state_bins` is compressed by gathering") && refused.contains("session position"),
        "{refused}"
    );
}
