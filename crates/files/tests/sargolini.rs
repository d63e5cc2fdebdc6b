//! A real session as `non_local_detector` leaves it: xarray's netCDF 4.

mod common;

use std::fs;

use common::{read, test_data};
use replayscope_files::Kind;
use serde_json::{Value, json};

#[test]
fn a_result_is_told_from_less_than_a_mebibyte() {
    let Some(path) = test_data("sessions/sargolini/results.nc") else { return };
    let outcome = read(Kind::Hdf5, &fs::read(path).unwrap());
    println!("{} needs, {} bytes", outcome.needs, outcome.bytes);
    assert!(
        outcome.needs <= 8 && outcome.bytes < 1 << 20,
        "{} needs, {} bytes",
        outcome.needs,
        outcome.bytes
    );
    let outcome = outcome.result.unwrap();
    println!("{}", serde_json::to_string_pretty(&outcome).unwrap());
    let array = |path: &str| {
        outcome["arrays"].as_array().unwrap().iter().find(|array| array["path"] == path).unwrap().clone()
    };
    let node = |path: &str| -> Value {
        serde_json::from_str(outcome["files"][format!("{path}/zarr.json")].as_str().unwrap()).unwrap()
    };
    assert_eq!(
        array("acausal_posterior"),
        json!({"path": "acausal_posterior", "start": 6655, "bytes": 25_408_000})
    );
    let posterior = node("acausal_posterior");
    assert_eq!(posterior["shape"], json!([8000, 794]));
    assert_eq!(posterior["data_type"], "float32");
    assert_eq!(posterior["fill_value"], "NaN");
    assert_eq!(posterior["dimension_names"], json!(["time", "state_bins"]));
    assert_eq!(posterior["chunk_grid"]["configuration"]["chunk_shape"], json!([330, 794]));
    assert_eq!(
        posterior["attributes"],
        json!({"_FillValue": "NaN", "coordinates": "state x_position y_position"})
    );
    assert_eq!(node("time")["dimension_names"], json!(["time"]));
    assert_eq!(node("x_position")["dimension_names"], json!(["state_bins"]));
    assert_eq!(node("acausal_state_probabilities")["dimension_names"], json!(["time", "states"]));
    assert_eq!(node("state")["attributes"]["labels"], json!(["Continuous", "Fragmented"]));
    let codes: Vec<f64> = [0.0; 397].into_iter().chain([1.0; 397]).collect();
    assert_eq!(array("state")["values"], json!(codes.iter().map(|code| *code as i64).collect::<Vec<_>>()));
    assert_eq!(array("states")["values"], json!([0, 1]));
    let root: Value = serde_json::from_str(outcome["files"]["zarr.json"].as_str().unwrap()).unwrap();
    assert_eq!(root["attributes"], json!({"marginal_log_likelihoods": -1234.5}));
    assert_eq!(root["consolidated_metadata"]["metadata"]["acausal_posterior"], posterior);
    assert_eq!(outcome["skipped"], json!([]));
    assert!(outcome["files"].get("state_bins/zarr.json").is_none());
}
