//! A real rat's session as decoders leave it: netCDF, `.npy` and neurospatial's environment.

use std::fs;

use replayscope_session::TimeAxis;

use crate::common::{npy_bits, test_data};
use crate::shelf::{Shelf, bits, frame};

/// Where h5py says that `acausal_posterior` lies in results.nc, and how many columns it has.
const START: usize = 6655;
const COLUMNS: usize = 794;
const BINS: usize = 397;
const FRAMES: [u64; 6] = [0, 1, 3999, 4000, 4020, 7999];

#[test]
fn results_nc_shows_each_state_and_their_sum() {
    let Some(folder) = test_data("sessions/sargolini") else { return };
    let shelf = Shelf::new(&folder);
    let session = shelf.open("results.nc").unwrap();
    assert!(shelf.bytes() < 2 << 20, "{:?}", shelf.log.borrow());
    let names: Vec<&str> = session.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[0], "all states");
    assert_eq!(session.time, TimeAxis::Regular { start: 0.002, rate: 250.0, frames: 8000 });
    assert_eq!((session.environment.bins(), session.fields[0].array.width()), (BINS, BINS));

    let file = bits(&fs::read(folder.join("results.nc")).unwrap()[START..START + 8000 * COLUMNS * 4]);
    for at in FRAMES {
        let row = &file[at as usize * COLUMNS..(at as usize + 1) * COLUMNS];
        let (first, second) = row.split_at(BINS);
        assert_eq!(frame(&session.fields[1].array, at), first, "frame {at}");
        assert_eq!(frame(&session.fields[2].array, at), second, "frame {at}");
        let sum = first.iter().zip(second).map(|(a, b)| {
            let [a, b] = [a, b].map(|bits| f32::from_bits(*bits));
            match (a.is_nan(), b.is_nan()) {
                (true, true) => f32::NAN,
                (true, false) => b,
                (false, true) => a,
                (false, false) => a + b,
            }
        });
        let shown = frame(&session.fields[0].array, at);
        for (bin, (shown, sum)) in shown.iter().zip(sum).enumerate() {
            let shown = f32::from_bits(*shown);
            assert!(
                shown.to_bits() == sum.to_bits() || (shown.is_nan() && sum.is_nan()),
                "frame {at}, bin {bin}: {shown}, not {sum}"
            );
        }
    }
    let before = shelf.log.borrow().len();
    frame(&session.fields[0].array, 5000);
    let seek = shelf.log.borrow()[before..].to_vec();
    assert!(matches!(&seek[..], [(_, bytes)] if *bytes <= 1 << 20), "{seek:?}");
}

#[test]
fn posterior_npy_opens_with_what_lies_beside_it() {
    let Some(folder) = test_data("sessions/sargolini") else { return };
    let session = Shelf::new(&folder).open("posterior.npy").unwrap();
    let expected = npy_bits(&folder.join("posterior.npy"));
    for at in FRAMES {
        assert_eq!(frame(&session.fields[0].array, at), expected[at as usize]);
    }
    assert_eq!(session.time, TimeAxis::Regular { start: 0.002, rate: 250.0, frames: 8000 });
    // The same bins, cell by cell, as the session that xarray wrote of the same environment.
    let zarr = Shelf::new(&folder).open("posterior.zarr").unwrap();
    assert_eq!(session.environment.bins(), zarr.environment.bins());
    for bin in 0..BINS {
        assert_eq!(session.environment.polygon(bin).len(), 4);
        let [a, b] = [&session, &zarr].map(|session| session.environment.center(bin));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4), "{bin}: {a:?} {b:?}");
        assert_eq!(session.environment.bin_at(b[0], b[1]), Some(bin));
    }
}
