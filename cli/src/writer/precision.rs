//! Float formats a field is stored in.

use half::f16;

/// How values are stored.
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

    /// What Zarr calls it.
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
            Self::F16 => bytes.extend(f16::from_f64(value).to_le_bytes()),
            Self::F32 => bytes.extend((value as f32).to_le_bytes()),
            Self::F64 => bytes.extend(value.to_le_bytes()),
        }
    }
}
