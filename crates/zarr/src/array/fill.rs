//! The value of chunks that are not stored, from its spelling in JSON.

use replayscope_codecs::DataType;

use crate::json::Json;
use DataType::{Int8, Int16, Int32, Int64};

/// One element as raw bytes, from Zarr's JSON spelling of a fill value: a number, `"NaN"`, `"Infinity"`,
/// `"-Infinity"`, or the bits as `"0x7fc00000"`. `null` is zero, as in format 2.
pub(super) fn fill(dtype: DataType, value: &Json) -> Result<Vec<u8>, String> {
    let wrong = || format!("`fill_value` {} is no value of the array's type", value.brief());
    match value {
        Json::Null => Ok(vec![0; dtype.size()]),
        Json::Number(number) if dtype.is_float() => Ok(float(dtype, *number)),
        Json::Number(number) => integer(dtype, *number).ok_or_else(wrong),
        Json::String(text) if dtype.is_float() => {
            if let Some(digits) = text.strip_prefix("0x") {
                let bits = u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2 * dtype.size());
                return bits.map(|bits| bits.to_le_bytes()[..dtype.size()].to_vec()).ok_or_else(wrong);
            }
            non_finite(text).map(|number| float(dtype, number)).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn float(dtype: DataType, number: f64) -> Vec<u8> {
    dtype.element(number)[..dtype.size()].to_vec()
}

/// One integer as raw bytes; `None` where the type does not hold it.
pub(super) fn integer(dtype: DataType, number: f64) -> Option<Vec<u8>> {
    let mut whole = number as i128;
    let bits = 8 * dtype.size() as u32;
    let signed = matches!(dtype, Int8 | Int16 | Int32 | Int64);
    let range = if signed { -(1 << (bits - 1))..(1 << (bits - 1)) } else { 0..(1_i128 << bits) };
    // As float64 the largest integers of 64 bits are one more.
    if bits == 64 && whole == range.end {
        whole -= 1;
    }
    let fits = range.contains(&whole) && number.fract() == 0.0;
    fits.then(|| whole.to_le_bytes()[..dtype.size()].to_vec())
}

/// The numbers JSON has no literal for, as Zarr spells them.
pub(super) fn non_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::{Float16, Float32, Float64, UInt8, UInt64};
    use serde_json::{Value, json};

    #[test]
    fn fill_values_in_every_spelling() {
        let bits = |dtype: DataType, value: Value| {
            fill(dtype, &value.clone().into()).map(|raw| raw.iter().rev().copied().collect())
        };
        let cases: [(DataType, Value, Vec<u8>); 14] = [
            (Float32, json!("NaN"), vec![0x7f, 0xc0, 0, 0]),
            (Float32, json!("0x7fc00001"), vec![0x7f, 0xc0, 0, 1]),
            (Float32, json!("-Infinity"), vec![0xff, 0x80, 0, 0]),
            (Float16, json!("NaN"), vec![0x7e, 0]),
            (Float16, json!(1.0), vec![0x3c, 0]),
            (Float64, json!("Infinity"), vec![0x7f, 0xf0, 0, 0, 0, 0, 0, 0]),
            (Float64, json!(-0.0), vec![0x80, 0, 0, 0, 0, 0, 0, 0]),
            (Int16, json!(-2), vec![0xff, 0xfe]),
            (UInt8, json!(255.0), vec![0xff]),
            (UInt64, json!(1_u64 << 63), vec![0x80, 0, 0, 0, 0, 0, 0, 0]),
            (Int64, json!(i64::MIN), vec![0x80, 0, 0, 0, 0, 0, 0, 0]),
            (Int64, json!(i64::MAX), vec![0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            (UInt64, json!(u64::MAX), vec![0xff; 8]),
            (Int8, Value::Null, vec![0]),
        ];
        for (dtype, value, expected) in cases {
            assert_eq!(bits(dtype, value.clone()), Ok(expected), "{dtype:?} {value}");
        }
        for (dtype, value) in [
            (UInt8, json!(256)),
            (UInt8, json!(-1)),
            (Int64, json!(1.1e19)),
            (UInt64, json!(2e19)),
            (Int8, json!(128)),
            (Int8, json!(0.5)),
            (Int8, json!("NaN")),
            (Float32, json!("0x7fc0")),
            (Float32, json!("nan?")),
            (Float64, json!([1.0])),
        ] {
            assert!(fill(dtype, &value.clone().into()).is_err(), "{dtype:?} {value}");
        }
    }
}
