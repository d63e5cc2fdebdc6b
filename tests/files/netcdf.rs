//! Decoders' results in netCDF and HDF5, as xarray and h5py wrote them.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use replayscope_session::{Opening, Session, TimeAxis};

use crate::common::fixture;
use crate::shelf::{Shelf, all, frame};

fn opened(name: &str) -> Session {
    Shelf::new(fixture("hdf5")).open(name).unwrap()
}

fn names(session: &Session) -> Vec<&str> {
    session.fields.iter().map(|field| field.name.as_str()).collect()
}

/// All values of a file as h5py reads them, the arrays in the order of their names.
fn numbers(name: &str) -> Vec<f64> {
    let bytes = fs::read(fixture(&format!("hdf5/{name}.f64"))).unwrap();
    bytes.as_chunks::<8>().0.iter().map(|word| f64::from_le_bytes(*word)).collect()
}

fn same(shown: &[u32], expected: impl Iterator<Item = f32>) {
    let expected: Vec<f32> = expected.collect();
    assert_eq!(shown.len(), expected.len());
    for (at, (shown, expected)) in shown.iter().zip(expected).enumerate() {
        let both_nan = f32::from_bits(*shown).is_nan() && expected.is_nan();
        assert!(*shown == expected.to_bits() || both_nan, "{at}: {shown:x}, not {expected}");
    }
}

#[test]
fn states_are_fields_whoever_wrote_them_and_however_compressed() {
    for name in
        ["netcdf4", "h5netcdf", "zlib", "fletcher32", "h5netcdf_gzip", "unlimited", "datetime", "letters"]
    {
        let session = opened(&format!("{name}.nc"));
        assert_eq!(names(&session), ["all states", "Continuous", "Fragmented"], "{name}");
        assert_eq!((session.environment.bins(), session.time.frames()), (4, 30), "{name}");
        let columns = &numbers(name)[..240];
        let state =
            |of: usize| columns.chunks(8).flat_map(move |row| row[4 * of..][..4].iter().map(|v| *v as f32));
        same(&all(&session.fields[1].array), state(0));
        same(&all(&session.fields[2].array), state(1));
        same(&all(&session.fields[0].array), state(0).zip(state(1)).map(|(a, b)| a + b));
        let bins: Vec<[f64; 2]> = (0..4).map(|bin| session.environment.center(bin)).collect();
        assert_eq!(bins, [[0.0, 0.0], [5.0, 2.5], [10.0, 5.0], [15.0, 7.5]], "{name}");
    }
    assert_eq!(opened("netcdf4.nc").time, TimeAxis::Regular { start: 100.0, rate: 500.0, frames: 30 });
    // Nanoseconds since the first moment, by CF.
    assert_eq!(opened("datetime.nc").time.rate(), Some(500.0));
}

#[test]
fn a_state_without_places_is_left_out_and_told() {
    let session = opened("no_spike.nc");
    assert_eq!(names(&session), ["acausal_posterior"], "one state is left, and needs no sum");
    let columns = &numbers("no_spike")[..240];
    same(
        &all(&session.fields[0].array),
        columns.chunks(8).flat_map(|row| row[..4].iter().map(|v| *v as f32)),
    );
    assert!(
        session.notes.iter().any(|note| note.contains("`Fragmented` has no bin with a position")),
        "{:?}",
        session.notes
    );
}

#[test]
fn axes_of_positions_are_bins_with_and_without_states() {
    let session = opened("plane.nc");
    assert_eq!(names(&session), ["posterior"]);
    assert_eq!((session.environment.bins(), session.time.rate()), (16, Some(250.0)));
    same(&all(&session.fields[0].array), numbers("plane")[..320].iter().map(|v| *v as f32));
    // x is the slower dimension: bin 1 is one step along y.
    assert_eq!([0, 1, 4].map(|bin| session.environment.center(bin)), [[0.0, 0.0], [0.0, 3.0], [2.0, 0.0]]);

    let session = opened("planes.nc");
    assert_eq!(names(&session), ["all states", "one", "two"]);
    let values = numbers("planes");
    let state = |of: usize| {
        values[..640].chunks(32).flat_map(move |row| row[16 * of..][..16].iter().map(|v| *v as f32))
    };
    same(&all(&session.fields[1].array), state(0));
    same(&all(&session.fields[2].array), state(1));
}

#[test]
fn what_cannot_be_read_is_told_as_what_it_is() {
    let refused = Shelf::new(fixture("hdf5")).refused("v110.h5");
    assert!(
        refused.contains("filter lzf") && refused.contains("h5repack") && refused.contains("v110.h5"),
        "{refused}"
    );
    let whole = fs::read(fixture("hdf5/netcdf4.nc")).unwrap();
    for (bytes, words) in [
        (&whole[..1000], ["cut off: 1000 of its", "to_netcdf"]),
        (&whole[..40], ["HDF5", "Copy it again"]),
        (b"", ["empty", "to_netcdf"]),
        (b"CDF\x01 and so on", ["HDF5 file", "to_netcdf"]),
        (b"<html>", ["web page", "login"]),
    ] {
        let refused = Shelf::new(fixture("hdf5")).with("bad.nc", bytes).refused("bad.nc");
        assert!(words.iter().all(|word| refused.contains(word)), "{refused}");
    }
}

#[test]
fn a_gigabyte_opens_from_less_than_two_megabytes_and_a_seek_is_one_range() {
    let folder = std::env::temp_dir().join(format!("replayscope-netcdf-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let blocks = fs::read(fixture("hdf5/gigabyte.blocks")).unwrap();
    let (size, rest) = blocks.split_first_chunk::<8>().unwrap();
    let (block, rest) = rest.split_first_chunk::<4>().unwrap();
    let (size, block) = (u64::from_le_bytes(*size), u32::from_le_bytes(*block) as usize);
    let file = File::create(folder.join("results.nc")).unwrap();
    for part in rest.chunks_exact(8 + block) {
        let (place, bytes) = part.split_first_chunk::<8>().unwrap();
        file.write_all_at(bytes, u64::from_le_bytes(*place)).unwrap();
    }
    file.set_len(size).unwrap();
    assert!(size > 1_000_000_000);

    let shelf = Shelf::new(&folder);
    let session = shelf.open_as("results.nc", Opening { rate: Some(500.0), ..Opening::default() }).unwrap();
    assert!(shelf.bytes() < 2 << 20, "{} bytes in {} reads", shelf.bytes(), shelf.log.borrow().len());
    assert_eq!((session.time.frames(), session.environment.bins()), (500_000, 250));
    let before = shelf.log.borrow().len();
    let values = frame(&session.fields[0].array, 444_444);
    assert_eq!(values[123], 0.25_f32.to_bits());
    assert_eq!(values.iter().filter(|bits| **bits != 0).count(), 1);
    let seek = shelf.log.borrow()[before..].to_vec();
    assert!(matches!(&seek[..], [(_, bytes)] if *bytes <= 1 << 20), "{seek:?}");
    fs::remove_dir_all(folder).unwrap();
}
