//! Memory does not grow with the length of what is written.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use common::{demo_options, run_demo};
use peak_alloc::PeakAlloc;

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

#[test]
fn an_hour_needs_no_more_than_a_minute() {
    // One thread, one small window of chunks: both runs are many windows long.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    let home = tempfile::tempdir().unwrap();
    let peak = |seconds: f64| {
        let mut options = demo_options(&home.path().join(format!("{seconds}.zarr")));
        (options.seconds, options.bins) = (seconds, [16, 16]);
        PEAK.reset_peak_usage();
        let report = run_demo(&options);
        assert!(report.layout.chunks() > 8);
        PEAK.peak_usage_as_mb()
    };
    let (short, long) = (peak(24.0), peak(96.0));
    assert!(long < 1.15 * short, "{short} MB for 24 s and {long} MB for 96 s");
}
