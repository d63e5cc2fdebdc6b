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
