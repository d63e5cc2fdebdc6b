//! Data types: from stored elements to numbers.
//!
//! "Raw" bytes here are elements in C order, little-endian, as [`codec`](super::codec) leaves them.

use half::f16;

use super::codec::{Fault, reserve};
use crate::json::Json;

/// The element types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum DataType {
    Float16,
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
}

use DataType::{Float16, Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};

impl DataType {
    /// From Zarr's name of it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "float16" => Float16,
            "float32" => Float32,
            "float64" => Float64,
            "int8" => Int8,
            "int16" => Int16,
            "int32" => Int32,
            "int64" => Int64,
            "uint8" => UInt8,
            "uint16" => UInt16,
            "uint32" => UInt32,
            "uint64" => UInt64,
            _ => return None,
        })
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Int8 | UInt8 => 1,
            Float16 | Int16 | UInt16 => 2,
            Float32 | Int32 | UInt32 => 4,
            Float64 | Int64 | UInt64 => 8,
        }
    }

    /// Whether the stored elements are floating point.
    pub fn is_float(self) -> bool {
        matches!(self, Float16 | Float32 | Float64)
    }

    /// The integer type of the same size with the other reading of the sign bit (CF's `_Unsigned`).
    pub(super) fn with_sign(self, signed: bool) -> Self {
        match (self, signed) {
            (Int8, false) => UInt8,
            (Int16, false) => UInt16,
            (Int32, false) => UInt32,
            (Int64, false) => UInt64,
            (UInt8, true) => Int8,
            (UInt16, true) => Int16,
            (UInt32, true) => Int32,
            (UInt64, true) => Int64,
            (same, _) => same,
        }
    }

    /// One element as raw bytes, from Zarr's JSON spelling of a fill value: a number, `"NaN"`, `"Infinity"`,
    /// `"-Infinity"`, or the bits as `"0x7fc00000"`. `null` is zero, as in format 2.
    pub(super) fn fill(self, value: &Json) -> Result<Vec<u8>, String> {
        let wrong = || format!("`fill_value` {} is no {self:?}", value.brief());
        match value {
            Json::Null => Ok(vec![0; self.size()]),
            Json::Number(number) if self.is_float() => Ok(self.float(*number)),
            Json::Number(number) => self.integer(*number).ok_or_else(wrong),
            Json::String(text) if self.is_float() => {
                if let Some(digits) = text.strip_prefix("0x") {
                    let bits =
                        u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2 * self.size());
                    return bits.map(|bits| bits.to_le_bytes()[..self.size()].to_vec()).ok_or_else(wrong);
                }
                non_finite(text).map(|number| self.float(number)).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }

    fn float(self, number: f64) -> Vec<u8> {
        match self {
            Float16 => f16::from_f64(number).to_le_bytes().to_vec(),
            Float32 => (number as f32).to_le_bytes().to_vec(),
            _ => number.to_le_bytes().to_vec(),
        }
    }

    fn integer(self, number: f64) -> Option<Vec<u8>> {
        let whole = number as i128;
        let bits = 8 * self.size() as u32;
        let signed = matches!(self, Int8 | Int16 | Int32 | Int64);
        let range = if signed { -(1 << (bits - 1))..(1 << (bits - 1)) } else { 0..(1_i128 << bits) };
        let fits = range.contains(&whole) && number.fract() == 0.0;
        fits.then(|| whole.to_le_bytes()[..self.size()].to_vec())
    }

    /// A number as this type holds it.
    pub(super) fn rounded(self, number: f64) -> f64 {
        match self {
            Float16 => f16::from_f64(number).to_f64(),
            Float32 => f64::from(number as f32),
            _ => number,
        }
    }

    /// Raw bytes to values, by way of each element's bits.
    pub(super) fn values<T>(self, raw: &[u8], convert: &dyn Fn(u64) -> T) -> Result<Vec<T>, Fault> {
        let elements = raw.chunks_exact(self.size());
        let mut values = reserve(elements.len())?;
        let bits = |element: &[u8]| element.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        values.extend(elements.map(|element| convert(bits(element))));
        Ok(values)
    }

    /// An element as float32.
    pub(super) fn single(self, bits: u64) -> f32 {
        match self {
            // Through float64 these would be rounded twice.
            Int64 => bits as i64 as f32,
            UInt64 => bits as f32,
            _ => self.number(bits) as f32,
        }
    }

    /// An element as float64.
    pub(super) fn number(self, bits: u64) -> f64 {
        match self {
            Float16 => f16::from_bits(bits as u16).to_f64(),
            Float32 => f32::from_bits(bits as u32).into(),
            Float64 => f64::from_bits(bits),
            Int8 => (bits as i8).into(),
            Int16 => (bits as i16).into(),
            Int32 => (bits as i32).into(),
            Int64 => bits as i64 as f64,
            UInt8 | UInt16 | UInt32 | UInt64 => bits as f64,
        }
    }
}

/// Raw float32, bit for bit, NaN payloads included: what most sessions hold, as fast as memory is copied.
pub(super) fn copied(raw: &[u8]) -> Result<Vec<f32>, Fault> {
    let (elements, _) = raw.as_chunks::<4>();
    let mut values = reserve(elements.len())?;
    values.extend(elements.iter().map(|element| f32::from_le_bytes(*element)));
    Ok(values)
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
    use serde_json::{Value, json};

    #[test]
    fn fill_values_in_every_spelling() {
        let bits = |dtype: DataType, value: Value| {
            dtype.fill(&value.clone().into()).map(|raw| raw.iter().rev().copied().collect())
        };
        let cases: [(DataType, Value, Vec<u8>); 12] = [
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
            (Int8, Value::Null, vec![0]),
        ];
        for (dtype, value, expected) in cases {
            assert_eq!(bits(dtype, value.clone()), Ok(expected), "{dtype:?} {value}");
        }
        for (dtype, value) in [
            (UInt8, json!(256)),
            (UInt8, json!(-1)),
            (Int8, json!(0.5)),
            (Int8, json!("NaN")),
            (Float32, json!("0x7fc0")),
            (Float32, json!("nan?")),
            (Float64, json!([1.0])),
        ] {
            assert!(dtype.fill(&value.clone().into()).is_err(), "{dtype:?} {value}");
        }
    }

    #[test]
    fn float32_keeps_every_bit() {
        let bits = [0x7fa0_1234_u32, 0xffc0_0001, 0x8000_0000, 0x0000_0001, 0x3f80_0000];
        let raw: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let values = copied(&raw).unwrap();
        assert_eq!(values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), bits);
    }
}
