//! A real rat's session, decoded and written by other people's software.

use std::collections::BTreeSet;
use std::path::Path;

use futures_executor::block_on;
use replayscope_zarr::array::{Array, open_array, open_group};

use crate::common::{DiskSource, fixture, npy_bits, test_data};

/// Compares frames of sessions in a folder with the `.npy` they were written from.
fn compare(folder: &Path, sessions: &[&str], frames: impl Fn(u64) -> BTreeSet<u64>) {
    let expected = npy_bits(&folder.join("posterior.npy"));
    for session in sessions {
        let source = DiskSource::new(folder.join(session));
        let group = block_on(open_group(&source, "")).unwrap();
        let array =
            Array::new(source.clone(), "posterior", group.array("posterior").unwrap().clone()).unwrap();
        assert_eq!((array.frames(), array.width()), (expected.len() as u64, expected[0].len()));
        for frame in frames(array.frames()) {
            let chunk = array.chunk_of(frame);
            let decoded = array.decode(&block_on(array.fetch(chunk)).unwrap()).unwrap();
            assert!(decoded.stored);
            let row = decoded.values.row((frame - decoded.frames.start) as usize);
            let bits: Vec<u32> = row.iter().map(|value| value.to_bits()).collect();
            assert_eq!(bits, expected[frame as usize], "{session}, frame {frame}");
        }
        let time = block_on(open_array(&source, "time")).unwrap();
        let encoded = block_on(time.fetch(0)).unwrap();
        let values = time.decode_f64(&encoded).unwrap();
        assert!(values.column(0).iter().zip(values.column(0).iter().skip(1)).all(|(a, b)| a < b));
    }
}

/// Steele, Lea and Flood's `SplitMix64`, for frames that are the same in every run.
fn random_frames(frames: u64, count: usize) -> BTreeSet<u64> {
    let mut state = 0_u64;
    let mut chosen = BTreeSet::new();
    while chosen.len() < count {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chosen.insert((z ^ (z >> 31)) % frames);
    }
    chosen
}

#[test]
fn two_hundred_frames_of_the_session() {
    if let Some(folder) = test_data("sessions/sargolini") {
        compare(&folder, &["posterior.zarr", "sharded.zarr", "posterior.v2.zarr"], |frames| {
            let mut chosen = random_frames(frames, 200);
            // Where the session has no data: every bin is NaN.
            chosen.extend([3999, 4000, 4019, 4020]);
            chosen
        });
    }
}

#[test]
fn every_frame_of_the_cut() {
    compare(&fixture("sargolini"), &["posterior.zarr", "sharded.zarr"], |frames| (0..frames).collect());
    let cut = npy_bits(&fixture("sargolini/posterior.npy"));
    let nan: Vec<usize> = (0..cut.len()).filter(|&frame| f32::from_bits(cut[frame][0]).is_nan()).collect();
    assert_eq!(
        nan,
        (100..120).collect::<Vec<_>>(),
        "the cut holds frames 3900 to 4155; 4000 to 4019 are NaN"
    );
}
