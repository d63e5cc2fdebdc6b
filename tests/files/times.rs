//! Time stamps that Zarr's fill value masks.

use std::rc::Rc;

use futures_executor::block_on;
use replayscope_session::{Opening, Session, open};
use replayscope_zarr::array::{Format2, format2_node};
use replayscope_zarr::source::{ByteSource, MemorySource};
use serde_json::{Value, json};

/// A session of format 2, as zarr-python writes one from xarray: four frames, whose stamps begin at 0.
fn opened(fill: &Value, stamps: [f64; 4]) -> Result<Session, String> {
    let array = |shape: &[u64], dtype: &str, fill: &Value| {
        json!({
            "zarr_format": 2, "shape": shape, "chunks": shape, "dtype": dtype, "fill_value": fill,
            "compressor": null, "filters": null, "order": "C",
        })
    };
    let metadata = json!({"zarr_consolidated_format": 1, "metadata": {
        ".zgroup": {"zarr_format": 2},
        "posterior/.zarray": array(&[4, 2], "<f4", &Value::Null),
        "posterior/.zattrs": {"_ARRAY_DIMENSIONS": ["time", "bin"]},
        "bin_center_x/.zarray": array(&[2], "<f8", &Value::Null),
        "bin_center_x/.zattrs": {"_ARRAY_DIMENSIONS": ["bin"]},
        "time/.zarray": array(&[4], "<f8", fill),
        "time/.zattrs": {"_ARRAY_DIMENSIONS": ["time"]},
    }});
    let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let source: Rc<dyn ByteSource> = Rc::new(MemorySource::new([
        (".zmetadata".to_owned(), metadata.to_string().into_bytes()),
        ("posterior/0.0".to_owned(), vec![0; 32]),
        ("bin_center_x/0".to_owned(), bytes(&[0.0, 1.0])),
        ("time/0".to_owned(), bytes(&stamps)),
    ]));
    let source = Format2::over(source, format2_node);
    block_on(open(source, Opening::default())).map_err(|error| error.to_string())
}

#[test]
fn a_stamp_that_is_masked_names_the_fill_value() {
    let stamps = [0.0, 0.5, 1.0, 1.5];
    assert_eq!(opened(&Value::Null, stamps).unwrap().time.frames(), 4);
    for (fill, index) in [(json!(0.0), 0), (json!(1.0), 2)] {
        let refused = opened(&fill, stamps).unwrap_err();
        for words in [format!("time[{index}] is missing"), format!("fill value, {}", fill.as_f64().unwrap())]
        {
            assert!(refused.contains(&words), "{words}: {refused}");
        }
        assert!(
            refused.contains("`\"fill_value\": null` in time/.zarray") && !refused.contains("dropna"),
            "{refused}"
        );
    }
    // A stored NaN is reported as before.
    for fill in [json!("NaN"), Value::Null] {
        let refused = opened(&fill, [0.0, f64::NAN, 1.0, 1.5]).unwrap_err();
        assert!(refused.contains("time[1] is NaN") && refused.contains("dropna"), "{refused}");
    }
}
