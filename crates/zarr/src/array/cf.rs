//! CF packing, as xarray decodes it: `scale_factor`, `add_offset`, `_FillValue`, `missing_value`, `_Unsigned`.
//! <https://cfconventions.org/cf-conventions/cf-conventions.html#packed-data>

use base64::alphabet;
use base64::engine::{Engine, GeneralPurpose, GeneralPurposeConfig};
use replayscope_codecs::{DataType, Packing};

use super::fill::non_finite;
use crate::json::Json;

/// Reads the packing of an array whose elements are read as `dtype` (see [`sign`]).
pub(super) fn packing(attributes: &Json, dtype: DataType) -> Result<Packing, String> {
    let found = |key: &str| attributes.get(key).map(Json::brief).unwrap_or_default();
    let one = |key: &str, default: f64| match numbers(attributes.get(key)) {
        Some(list) if list.is_empty() => Ok(default),
        Some(list) if list.len() == 1 => Ok(list[0]),
        _ => Err(format!("attribute `{key}` is {}", found(key))),
    };
    let mut masked = Vec::new();
    for key in ["_FillValue", "missing_value"] {
        let list =
            numbers(attributes.get(key)).ok_or_else(|| format!("attribute `{key}` is {}", found(key)))?;
        let stored = list.into_iter().map(|number| as_stored(number, dtype));
        masked.extend(stored.filter(|number| !number.is_nan()));
    }
    Ok(Packing { scale: one("scale_factor", 1.0)?, offset: one("add_offset", 0.0)?, masked })
}

/// The type the elements are to be read as: netCDF's `_Unsigned` turns the sign bit into a value bit.
pub(super) fn sign(attributes: &Json, dtype: DataType) -> DataType {
    match attributes.get("_Unsigned") {
        Some(Json::Bool(unsigned)) => dtype.with_sign(!unsigned),
        Some(Json::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => dtype.with_sign(false),
            "false" => dtype.with_sign(true),
            _ => dtype,
        },
        _ => dtype,
    }
}

/// An attribute as numbers: none where it is absent, `None` where it is something else. xarray writes a float's
/// `_FillValue` as base64 of its eight little-endian bytes, whatever the array's own type.
fn numbers(attribute: Option<&Json>) -> Option<Vec<f64>> {
    match attribute {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Array(list)) => list.iter().map(number).collect(),
        Some(value) => number(value).map(|number| vec![number]),
    }
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => Some(*number),
        Json::String(text) => non_finite(text).or_else(|| float_from_base64(text)),
        _ => None,
    }
}

/// As Python's decoder, by which xarray reads it, takes no notice of bits after the last byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The float64 in base64 of its eight bytes, little-endian.
fn float_from_base64(text: &str) -> Option<f64> {
    let bytes = BASE64.decode(text).ok()?;
    Some(f64::from_le_bytes(bytes.try_into().ok()?))
}

/// A mask given as −1 for elements that `_Unsigned` reads as 255 means 255.
fn as_stored(number: f64, dtype: DataType) -> f64 {
    let unsigned = !dtype.is_float() && dtype == dtype.with_sign(false);
    let turns = 2_f64.powi(8 * dtype.size() as i32);
    if unsigned && number < 0.0 { number + turns } else { dtype.rounded(number) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::{Float32, Int8, Int16, UInt8};
    use serde_json::{Value, json};

    fn packing(attributes: &Value, dtype: DataType) -> Result<Packing, String> {
        super::packing(&attributes.clone().into(), dtype)
    }

    #[test]
    fn what_xarray_writes() {
        // -999.0 and NaN as base64 of eight bytes.
        let float = packing(&json!({"_FillValue": "AAAAAAA4j8A="}), Float32).unwrap();
        assert!(float.value(-999.0).is_nan());
        assert_eq!(float.value(1.5).to_bits(), 1.5_f64.to_bits());
        assert!(packing(&json!({"_FillValue": "AAAAAAAA+H8="}), Float32).unwrap().is_none());
        for (text, bits) in [("GC1EVPshCUA=", std::f64::consts::PI.to_bits()), ("/////////3+=", !(1 << 63))] {
            assert_eq!(float_from_base64(text).map(f64::to_bits), Some(bits));
        }
        for other in ["GC1EVPshCUA", "GC1EVPshCU==", "GC1EVPs!CUA=", "GC1EVPshCUAA=", "", "="] {
            assert_eq!(float_from_base64(other), None, "{other}");
        }
        // Of any type; all of base64's letters; and not seven bytes or nine.
        let byte = packing(&json!({"_FillValue": "AAAAAADgb0A="}), UInt8).unwrap();
        assert!(byte.value(255.0).is_nan() && byte.value(254.0).to_bits() == 254_f64.to_bits());
        for (bytes, text) in [
            ([0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92], "ABCDEFGHIJI="),
            ([0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff, 0x69, 0xb7], "++++////abc="),
        ] {
            assert_eq!(float_from_base64(text).map(f64::to_le_bytes), Some(bytes));
        }
        for other in ["AAAAAAAA8A==", "AAAAAAAA8D8A", "AAAAAAAA-D8=", "AAAAAAAA8D8=\n", "AAAA AAA8D8="] {
            assert_eq!(float_from_base64(other), None, "{other}");
        }
        let int =
            packing(&json!({"add_offset": 3.0, "scale_factor": 0.5, "_FillValue": -32768}), Int16).unwrap();
        assert!(int.value(-32768.0).is_nan());
        assert_eq!(int.value(4.0).to_bits(), 5_f64.to_bits());
    }

    #[test]
    fn what_others_write() {
        assert!(packing(&json!({}), Int16).unwrap().is_none());
        assert!(packing(&json!({"_FillValue": "NaN", "scale_factor": 1}), Float32).unwrap().is_none());
        let list = packing(&json!({"missing_value": [-1, -2], "scale_factor": [2.0]}), Int16).unwrap();
        assert!(list.value(-1.0).is_nan() && list.value(-2.0).is_nan());
        assert_eq!(list.value(3.0).to_bits(), 6_f64.to_bits());
        // 0.1 as float32 holds it is not 0.1.
        assert!(packing(&json!({"_FillValue": 0.1}), Float32).unwrap().value(f64::from(0.1_f32)).is_nan());
    }

    #[test]
    fn unsigned_bytes_in_a_signed_array() {
        let attributes = json!({"_Unsigned": "true", "_FillValue": -1});
        let dtype = sign(&attributes.clone().into(), Int8);
        assert_eq!(dtype, UInt8);
        assert!(packing(&attributes, dtype).unwrap().value(255.0).is_nan());
    }

    #[test]
    fn nonsense_is_named() {
        let error = packing(&json!({"scale_factor": "big"}), Int16).unwrap_err();
        assert!(error.contains("scale_factor") && error.contains("big"), "{error}");
        assert!(packing(&json!({"_FillValue": {}}), Int16).is_err());
        assert!(packing(&json!({"add_offset": [1, 2]}), Int16).is_err());
    }
}
