//! CF packing, as xarray decodes it: `scale_factor`, `add_offset`, `_FillValue`, `missing_value`, `_Unsigned`.
//! <https://cfconventions.org/cf-conventions/cf-conventions.html#packed-data>

use base64::alphabet;
use base64::engine::{Engine, GeneralPurpose, GeneralPurposeConfig};
use replayscope_codecs::{DataType, Packing};

use super::fill::{integer, non_finite};
use crate::json::Json;

/// Reads the packing of an array whose elements are stored as one type and read as `dtype` (see [`sign`]).
pub(super) fn packing(attributes: &Json, stored: DataType, dtype: DataType) -> Result<Packing, String> {
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
        // `_FillValue` is of the array's own type; `missing_value`, and a float64 in base64, are compared as they are.
        let is_own = key == "_FillValue"
            && !(dtype.is_float() && matches!(attributes.get(key), Some(Json::String(_))));
        let own = |number| if is_own { as_read(number, stored, dtype) } else { number };
        masked.extend(list.into_iter().map(own).filter(|number| !number.is_nan()));
    }
    Ok(Packing { scale: one("scale_factor", 1.0)?, offset: one("add_offset", 0.0)?, masked })
}

/// The type the elements are to be read as: netCDF's `_Unsigned` turns the sign bit into a value bit.
pub(super) fn sign(attributes: &Json, dtype: DataType) -> DataType {
    match attributes.get("_Unsigned").and_then(Json::as_str) {
        Some("true") => dtype.with_sign(false),
        Some("false") => dtype.with_sign(true),
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

/// A mask of the stored type as the elements are read: −1 as 255 and 255 as −1, where `_Unsigned` turns the sign.
fn as_read(number: f64, stored: DataType, dtype: DataType) -> f64 {
    if dtype.is_float() {
        return dtype.rounded(number);
    }
    let whole = number.trunc();
    integer(stored, whole).and_then(|raw| dtype.numbers(&raw).next()).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::{Float16, Float32, Int8, Int16, Int64, UInt8, UInt16, UInt32, UInt64};
    use serde_json::{Value, json};

    fn packing(attributes: &Value, dtype: DataType) -> Result<Packing, String> {
        let attributes = attributes.clone().into();
        super::packing(&attributes, dtype, sign(&attributes, dtype))
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
    fn masks_are_turned_as_the_elements_are() {
        // What is stored, what `_Unsigned` says, `_FillValue`, and how that element is read.
        for (stored, unsigned, fill, read) in [
            (Int8, "true", -1.0, 255.0),
            (Int64, "true", -1.0, 2_f64.powi(64)),
            (UInt8, "false", 255.0, -1.0),
            (UInt16, "false", 65_535.0, -1.0),
            (UInt32, "false", 4_294_967_295.0, -1.0),
            (UInt64, "false", 2_f64.powi(64), -1.0),
            (UInt8, "false", 100.0, 100.0),
            (Int8, "false", -1.0, -1.0),
        ] {
            let attributes = json!({"_Unsigned": unsigned, "_FillValue": fill});
            assert_eq!(packing(&attributes, stored).unwrap().masked, [read], "{stored:?} {attributes}");
        }
        // xarray takes this word and no other for one, and turns no `missing_value`.
        assert_eq!(sign(&json!({"_Unsigned": "true"}).into(), Int8), UInt8);
        for other in [json!("True"), json!("TRUE"), json!(true), json!(1)] {
            assert_eq!(sign(&json!({"_Unsigned": other}).into(), Int8), Int8, "{other}");
        }
        let attributes = json!({"_Unsigned": "true", "missing_value": -1});
        assert_eq!(packing(&attributes, Int8).unwrap().masked, [-1.0]);
        let attributes = json!({"_Unsigned": "true", "_FillValue": -1});
        assert!(!packing(&attributes, UInt8).unwrap().value(255.0).is_nan(), "no element is −1");
    }

    #[test]
    fn masks_are_compared_as_xarray_compares_them() {
        assert_eq!(packing(&json!({"_FillValue": 7.5}), Int16).unwrap().masked, [7.0]);
        assert_eq!(packing(&json!({"missing_value": 7.5}), Int16).unwrap().masked, [7.5]);
        // 1e20 as float32 holds it is not 1e20, and −9999 as float16 holds it is −10000.
        let missing = packing(&json!({"missing_value": [1e20, 0.5]}), Float32).unwrap();
        assert!(!missing.value(f64::from(1e20_f32)).is_nan() && missing.value(0.5).is_nan());
        let base64 = packing(&json!({"_FillValue": "AAAAAICHw8A="}), Float16).unwrap();
        assert_eq!(base64.masked, [-9999.0]);
    }

    #[test]
    fn nonsense_is_named() {
        let error = packing(&json!({"scale_factor": "big"}), Int16).unwrap_err();
        assert!(error.contains("scale_factor") && error.contains("big"), "{error}");
        assert!(packing(&json!({"_FillValue": {}}), Int16).is_err());
        assert!(packing(&json!({"add_offset": [1, 2]}), Int16).is_err());
    }
}
