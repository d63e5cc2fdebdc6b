//! Data types: from stored elements to numbers.
//!
//! "Raw" bytes here are elements in C order, little-endian, as the codecs leave them.

use half::f16;

use crate::packing::Packing;
use crate::{Fault, Lost, reserve};

/// The element types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
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
    #[must_use]
    pub fn with_sign(self, signed: bool) -> Self {
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

    /// A number as this type holds it.
    pub fn rounded(self, number: f64) -> f64 {
        match self {
            Float16 => f16::from_f64(number).to_f64(),
            Float32 => f64::from(number as f32),
            _ => number,
        }
    }

    /// A number as an element of this type: as many little-endian bytes as [`DataType::size`] says, zeros after them.
    /// Integers cut what is behind the point.
    pub fn element(self, number: f64) -> [u8; 8] {
        let bits = match self {
            Float16 => f16::from_f64(number).to_bits().into(),
            Float32 => (number as f32).to_bits().into(),
            Float64 => number.to_bits(),
            UInt64 => number as u64,
            _ => number as i64 as u64,
        };
        let unused = 64 - 8 * self.size() as u32;
        (bits << unused >> unused).to_le_bytes()
    }

    /// Raw bytes as float64, one after the other.
    pub fn numbers(self, raw: &[u8]) -> impl Iterator<Item = f64> + '_ {
        raw.chunks_exact(self.size()).map(move |element| self.number(bits(element)))
    }

    /// Whether float32 cannot hold some numbers of this type, see [`Lost`].
    pub fn is_wide(self, packing: &Packing) -> bool {
        self == Float64 || !packing.is_none()
    }

    /// Raw bytes to float32, each rounded once, and what that lost. Float32 that is not packed comes out bit for bit, NaN
    /// payloads included.
    ///
    /// # Errors
    /// [`Fault::Memory`].
    pub fn to_f32(self, raw: &[u8], packing: &Packing) -> Result<(Vec<f32>, Lost), Fault> {
        let mut lost = Lost::default();
        if self.is_wide(packing) {
            let values = self.values(raw, |bits| lost.narrow(packing.value(self.number(bits))))?;
            return Ok((values, lost));
        }
        if self != Float32 {
            return Ok((self.values(raw, |bits| self.single(bits))?, lost));
        }
        // What most sessions hold, as fast as memory is copied.
        let (elements, _) = raw.as_chunks::<4>();
        let mut values = reserve(elements.len())?;
        values.extend(elements.iter().map(|element| f32::from_le_bytes(*element)));
        Ok((values, lost))
    }

    /// Raw bytes to float64.
    ///
    /// # Errors
    /// [`Fault::Memory`].
    pub fn to_f64(self, raw: &[u8], packing: &Packing) -> Result<Vec<f64>, Fault> {
        self.values(raw, |bits| packing.value(self.number(bits)))
    }

    /// By way of each element's bits: one loop for all types.
    fn values<T>(self, raw: &[u8], mut convert: impl FnMut(u64) -> T) -> Result<Vec<T>, Fault> {
        let elements = raw.chunks_exact(self.size());
        let mut values = reserve(elements.len())?;
        values.extend(elements.map(|element| convert(bits(element))));
        Ok(values)
    }

    /// An element as float32.
    fn single(self, bits: u64) -> f32 {
        match self {
            // Through float64 these would be rounded twice.
            Int64 => bits as i64 as f32,
            UInt64 => bits as f32,
            _ => self.number(bits) as f32,
        }
    }

    /// An element as float64.
    fn number(self, bits: u64) -> f64 {
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

/// A little-endian element's bits.
fn bits(element: &[u8]) -> u64 {
    element.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float32_keeps_every_bit() {
        let bits = [0x7fa0_1234_u32, 0xffc0_0001, 0x8000_0000, 0x0000_0001, 0x3f80_0000];
        let raw: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let (values, _) = Float32.to_f32(&raw, &Packing::none()).unwrap();
        assert_eq!(values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), bits);
    }
}
