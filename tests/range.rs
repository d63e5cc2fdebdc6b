//! The same array, method and seed give the same limits in the browser and natively: both are held to one list of figures.
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use std::rc::Rc;

use futures_util::FutureExt;
use replayscope_json::Json;
use replayscope_session::Error;
use replayscope_session::Field;
use replayscope_session::estimate_range;
use replayscope_session::range::EstimateRequest;
use replayscope_zarr::array::{Array, ArrayMetadata};
use replayscope_zarr::source::MemorySource;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const FRAMES: u64 = 6_000;
const BINS: u64 = 20;
const CHUNK_FRAMES: u64 = 10;

/// Neither constant nor smooth, exactly the same on any machine: no function of the host is called.
fn value(frame: u64, bin: u64) -> f32 {
    let hash = (frame * BINS + bin + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let noise = (hash >> 40) as f32 / (1 << 24) as f32;
    if frame % 97 == 5 {
        f32::NAN
    } else if bin == frame / 3 % BINS {
        8.0 + noise
    } else {
        noise * noise
    }
}

fn array() -> Array {
    let metadata = format!(
        r#"{{"zarr_format": 3, "node_type": "array", "shape": [{FRAMES}, {BINS}], "data_type": "float32", "fill_value": 0,
        "dimension_names": ["time", "bin"], "attributes": {{}},
        "chunk_grid": {{"name": "regular", "configuration": {{"chunk_shape": [{CHUNK_FRAMES}, {BINS}]}}}},
        "chunk_key_encoding": {{"name": "default", "configuration": {{"separator": "/"}}}},
        "codecs": [{{"name": "bytes", "configuration": {{"endian": "little"}}}}]}}"#
    );
    let chunk = |chunk: u64| {
        let frames = chunk * CHUNK_FRAMES..(chunk + 1) * CHUNK_FRAMES;
        let values = frames.flat_map(|frame| (0..BINS).flat_map(move |bin| value(frame, bin).to_le_bytes()));
        (format!("posterior/c/{chunk}/0"), values.collect::<Vec<u8>>())
    };
    let objects: Vec<(String, Vec<u8>)> = (0..FRAMES / CHUNK_FRAMES).map(chunk).collect();
    let source = MemorySource::new(objects);
    let metadata =
        ArrayMetadata::from_json(&Json::parse(metadata.as_bytes()).unwrap(), "memory:posterior").unwrap();
    Array::new(Rc::new(source), "posterior", metadata).unwrap()
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_seed_gives_the_same_range_everywhere() {
    let array = Rc::new(array());
    let field = Field {
        name: "posterior".to_owned(),
        array: array.clone(),
        units: None,
        colormap: None,
        limits: None,
        levels: Vec::new(),
    };
    let mut found = Vec::new();
    for request in [
        "{}",
        r#"{"seed": 7}"#,
        r#"{"method": "exact"}"#,
        r#"{"method": "strided", "stride": 11}"#,
        r#"{"method": "subset", "samples": 500, "seed": 3}"#,
        r#"{"method": "subset", "samples": 500, "percentile": [12.5, 66.6], "seed": 4}"#,
        r#"{"method": "peaks", "samples": 300, "lower": 20, "upper": 90, "seed": 18446744073709549568}"#,
        r#"{"method": "exact", "vmax": 0.1}"#,
    ] {
        let request = EstimateRequest::from_json(&Json::parse(request.as_bytes()).unwrap()).unwrap();
        let fetch = |chunk| {
            let array = array.clone();
            async move { Ok::<_, Error>(Rc::new(array.decode(&array.fetch(chunk).await?)?)) }
        };
        // A source in memory answers at once.
        let range = estimate_range(&field, request, fetch).now_or_never().unwrap().unwrap();
        found.push(format!(
            "{} {:016x} {:016x} {} {} {}",
            range.method,
            range.low.to_bits(),
            range.high.to_bits(),
            range.frames,
            range.chunks,
            range.bytes
        ));
    }
    // As the native run found them; the estimators themselves are held to exhaustive ones in src/range/tests.rs.
    let expected = include_str!("fixtures/range/figures.txt");
    assert_eq!(found.join("\n"), expected.trim_end());
}
