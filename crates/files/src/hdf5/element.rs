//! The types of elements that are read.

use half::f16;
use hdf5_pure::{Datatype, DatatypeByteOrder, FixedPointLayout, FloatingPointLayout};

use replayscope_json::Json;

use crate::node;

const HALF: FloatingPointLayout = FloatingPointLayout {
    bit_offset: 0,
    bit_precision: 16,
    exponent_location: 10,
    exponent_size: 5,
    mantissa_location: 0,
    mantissa_size: 10,
    exponent_bias: 15,
};

/// A type of numbers that Zarr has, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Zarr's name of it.
    pub name: &'static str,
    /// Bytes.
    pub size: usize,
    /// Byte order.
    pub big_endian: bool,
    float: bool,
    signed: bool,
}

impl Element {
    /// The type of inline values.
    pub const FLOAT64: Self = Self { name: "float64", size: 8, big_endian: false, float: true, signed: true };

    /// Of a stored type, or what is wrong with that.
    pub fn new(datatype: &Datatype) -> Result<Self, String> {
        let (size, order, float, signed) = match datatype {
            Datatype::FloatingPoint { size, byte_order, layout } => {
                let ieee = match size {
                    2 => HALF,
                    4 => FloatingPointLayout::IEEE754_BINARY32,
                    _ => FloatingPointLayout::IEEE754_BINARY64,
                };
                if *layout != ieee {
                    return Err(format!("its floats of {size} bytes are not IEEE 754's"));
                }
                (*size, *byte_order, true, true)
            }
            Datatype::FixedPoint { size, byte_order, layout } => {
                let FixedPointLayout { signed, bit_offset, bit_precision } = *layout;
                if bit_offset != 0 || u32::from(bit_precision) != size.saturating_mul(8) {
                    return Err(format!("its integers have {bit_precision} bits in {size} bytes"));
                }
                (*size, *byte_order, false, signed)
            }
            Datatype::Enumeration { base_type, members, .. } => {
                let element = Self::new(base_type)?;
                let truth = members.iter().all(|member| ["FALSE", "TRUE"].contains(&member.name.as_str()));
                return Ok(if truth && element.size == 1 {
                    Self { name: "uint8", signed: false, ..element }
                } else {
                    element
                });
            }
            other => return Err(format!("its elements are {}, not numbers or strings", kind(other))),
        };
        let name = match (float, signed, size) {
            (true, _, 2) => "float16",
            (true, _, 4) => "float32",
            (true, _, 8) => "float64",
            (false, true, 1) => "int8",
            (false, true, 2) => "int16",
            (false, true, 4) => "int32",
            (false, true, 8) => "int64",
            (false, false, 1) => "uint8",
            (false, false, 2) => "uint16",
            (false, false, 4) => "uint32",
            (false, false, 8) => "uint64",
            _ => return Err(format!("its numbers have {size} bytes")),
        };
        let big_endian = match order {
            DatatypeByteOrder::LittleEndian => false,
            DatatypeByteOrder::BigEndian => true,
            DatatypeByteOrder::Vax => return Err("its byte order is VAX's".to_owned()),
        };
        Ok(Self { name, size: size as usize, big_endian, float, signed })
    }

    /// The elements in these bytes, as float64.
    pub fn numbers(self, raw: &[u8]) -> Vec<f64> {
        raw.chunks_exact(self.size).map(|bytes| self.number(bytes)).collect()
    }

    /// An element as Zarr's JSON has it.
    pub fn json(self, bytes: &[u8]) -> Json {
        node::number(self.number(bytes))
    }

    fn number(self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match (self.float, self.size) {
            (true, 2) => f16::from_bits(bits as u16).to_f64(),
            (true, 4) => f32::from_bits(bits as u32).into(),
            (true, _) => f64::from_bits(bits),
            _ if self.signed => self.extended(bits) as f64,
            _ => bits as f64,
        }
    }

    fn bits(self, bytes: &[u8]) -> u64 {
        let add = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }

    fn extended(self, bits: u64) -> i64 {
        let unused = 64 - 8 * self.size as u32;
        (bits << unused) as i64 >> unused
    }
}

fn kind(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::Compound { .. } => "compounds",
        Datatype::Array { .. } => "arrays",
        Datatype::Reference { .. } => "references",
        Datatype::VariableLength { .. } => "lists",
        Datatype::Opaque { .. } => "opaque",
        Datatype::BitField { .. } => "bit fields",
        Datatype::Time { .. } => "times",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float16_is_exact() {
        let element = Element { name: "float16", size: 2, big_endian: false, float: true, signed: true };
        for (bits, number) in [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3c00, 1.0),
            (0xc100, -2.5),
            (0x7bff, 65504.0),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(element.number(&u16::to_le_bytes(bits)).to_bits(), f64::to_bits(number), "{bits:04x}");
        }
        assert!(element.number(&[0x01, 0x7e]).is_nan());
        let big_endian = Element { big_endian: true, ..element };
        assert_eq!(big_endian.numbers(&[0x3c, 0x00, 0xc1, 0x00]), [1.0, -2.5]);
    }
}
