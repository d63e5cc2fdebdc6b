//! Memory does not grow with the length of what is written.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use peak_alloc::PeakAlloc;
use replayscope_cli::writer::Pooling;

use common::{demo_options, run_demo};

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

#[test]
fn an_hour_needs_no_more_than_a_minute() {
    // One thread, one small batch of chunks: both runs are many batches long, and fill chunks of their pyramid's levels.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    let home = tempfile::tempdir().unwrap();
    let peak = |seconds: f64| {
        let mut options = demo_options(&home.path().join(format!("{seconds}.zarr")));
        (options.seconds, options.rate, options.bins) = (seconds, 5000.0, [6, 6]);
        options.pyramid = Pooling::ALL.to_vec();
        PEAK.reset_peak_usage();
        let report = run_demo(&options);
        assert!(report.layout.chunks() > 8 && report.field.pyramid.levels == 2);
        PEAK.peak_usage_as_mb()
    };
    let (short, long) = (peak(40.0), peak(160.0));
    assert!(long < 1.15 * short, "{short} MB for 40 s and {long} MB for 160 s");
}
