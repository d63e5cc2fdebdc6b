//! Float formats of stored fields.

use std::cmp::Ordering;

use half::f16;

/// The float format of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Precision {
    /// 16-bit floats: 11 bits of mantissa, 6e-8 the smallest step, 65,504 the largest value. Lossy.
    F16,
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

impl Precision {
    /// The precision of a float of `size` bytes.
    pub fn of_size(size: usize) -> Option<Self> {
        match size {
            2 => Some(Self::F16),
            4 => Some(Self::F32),
            8 => Some(Self::F64),
            _ => None,
        }
    }

    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The name of the data type in Zarr.
    pub fn zarr_name(self) -> &'static str {
        match self {
            Self::F16 => "float16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    /// Reads one little-endian value.
    pub fn read(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        word[..self.size()].copy_from_slice(&bytes[..self.size()]);
        match self {
            Self::F16 => f16::from_le_bytes([word[0], word[1]]).to_f64(),
            Self::F32 => f64::from(f32::from_le_bytes([word[0], word[1], word[2], word[3]])),
            Self::F64 => f64::from_le_bytes(word),
        }
    }

    /// Appends one little-endian value, rounded to nearest.
    pub fn push(self, value: f64, bytes: &mut Vec<u8>) {
        match self {
            Self::F16 => bytes.extend(f16::from_f32(to_odd(value)).to_le_bytes()),
            Self::F32 => bytes.extend((value as f32).to_le_bytes()),
            Self::F64 => bytes.extend(value.to_le_bytes()),
        }
    }
}

/// Rounds to float32 "to odd", so that a second rounding to float16 is exact: an inexact value becomes the neighbour with an odd last
/// bit, which is never halfway between two float16 values.
fn to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let is_odd = nearest.to_bits() % 2 == 1;
    match value.abs().partial_cmp(&f64::from(nearest.abs())) {
        Some(Ordering::Greater) if !is_odd => f32::from_bits(nearest.to_bits() + 1),
        Some(Ordering::Less) if !is_odd => f32::from_bits(nearest.to_bits() - 1),
        _ => nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_once() {
        let half = |value: f64| {
            let mut bytes = Vec::new();
            Precision::F16.push(value, &mut bytes);
            Precision::F16.read(&bytes)
        };
        // Just above and below the middle of 1 and its neighbour: float32 would make it the middle, which goes to 1.
        let step = 2.0_f64.powi(-10);
        for sign in [1.0, -1.0] {
            assert_eq!(half(sign * (1.0 + step / 2.0 + 1e-12)), sign * (1.0 + step));
            assert_eq!(half(sign * (1.0 + step / 2.0 - 1e-12)), sign);
            assert_eq!(half(sign * (1.0 + step / 2.0)), sign);
            assert_eq!(half(sign * (1.0 + 1.5 * step - 1e-12)), sign * (1.0 + step));
            assert_eq!(half(sign * 1e300), sign * f64::INFINITY);
            assert_eq!(half(sign * 65519.999), sign * 65504.0);
            assert_eq!(half(sign * 1e-300).to_bits(), (sign * 0.0).to_bits());
            assert_eq!(half(sign * f64::INFINITY), sign * f64::INFINITY);
        }
        assert!(half(f64::NAN).is_nan());
    }
}
