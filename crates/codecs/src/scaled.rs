//! numcodecs' `FixedScaleOffset`: numbers stored as `round((value − offset) · scale)`.
//! <https://numcodecs.readthedocs.io/en/stable/filter/fixedscaleoffset.html>

use crate::{DataType, Fault, reserve};

/// A codec from elements of one type to elements of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedScaleOffset {
    /// The type that is stored; numcodecs' `astype`.
    pub stored: DataType,
    /// What values were multiplied with.
    pub scale: f64,
    /// What was taken from them before.
    pub offset: f64,
}

impl FixedScaleOffset {
    /// Little-endian elements of `stored` to as many of `dtype`. The order of numcodecs: it divides, and adds then.
    ///
    /// # Errors
    /// [`Fault::Memory`].
    pub fn decode(&self, raw: &[u8], dtype: DataType) -> Result<Vec<u8>, Fault> {
        let numbers = raw.len() / self.stored.size();
        let mut bytes = reserve(numbers * dtype.size())?;
        for number in self.stored.numbers(raw) {
            let value = match self.stored {
                // numpy computes in the type that is stored, where that is a float.
                DataType::Float16 => {
                    let quotient = self.stored.rounded(number / self.stored.rounded(self.scale));
                    quotient + self.stored.rounded(self.offset)
                }
                DataType::Float32 => f64::from(number as f32 / self.scale as f32 + self.offset as f32),
                _ => number / self.scale + self.offset,
            };
            bytes.extend_from_slice(&dtype.element(value)[..dtype.size()]);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_numcodecs() {
        let codec = FixedScaleOffset { stored: DataType::UInt8, scale: 10.0, offset: 1000.0 };
        let raw = codec.decode(&[0, 11, 22, 255], DataType::Float64).unwrap();
        // numcodecs 0.16: FixedScaleOffset(offset=1000, scale=10, dtype="<f8", astype="u1").decode(…)
        assert_eq!(DataType::Float64.numbers(&raw).collect::<Vec<_>>(), [1000.0, 1001.1, 1002.2, 1025.5]);
        let raw = codec.decode(&[22], DataType::Float32).unwrap();
        assert_eq!(raw, 1002.2_f32.to_le_bytes());
        let raw = codec.decode(&[19], DataType::Int16).unwrap();
        assert_eq!(raw, 1001_i16.to_le_bytes(), "numpy's astype cuts");
    }
}
