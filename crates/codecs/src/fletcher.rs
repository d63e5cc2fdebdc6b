//! HDF5's filter `fletcher32`: four bytes of checksum after the data.
//! Formula: Fletcher (1982) over 16-bit words, the first byte of each the higher; an odd last byte counts as the higher one.

use std::borrow::Cow;

use crate::Fault;

/// Sums of this many words stay below 2³².
const WORDS_AT_ONCE: usize = 360;

/// Checks the checksum at the end and takes it off.
pub fn strip(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, Fault> {
    let Some((data, stored)) = bytes.split_last_chunk::<4>() else {
        return Err(Fault::corrupt("fletcher32", "it is shorter than its checksum"));
    };
    let (stored, computed) = (u32::from_le_bytes(*stored), sum(data));
    if stored != computed {
        return Err(Fault::Checksum { codec: "fletcher32", stored, computed });
    }
    let length = data.len();
    Ok(match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..length]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(length);
            Cow::Owned(bytes)
        }
    })
}

fn sum(data: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut first, mut second) = (0_u32, 0_u32);
    for words in data.chunks(2 * WORDS_AT_ONCE) {
        for word in words.chunks(2) {
            first += u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or_default());
            second += first;
        }
        (first, second) = (fold(first), fold(second));
    }
    fold(second) << 16 | fold(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_known_texts() {
        // As h5py 3.15 stores them after a chunk of these bytes.
        assert_eq!(sum(&[1, 2, 3, 4]), 0x0508_0406);
        assert_eq!(sum(&[1, 2, 3]), 0x0504_0402);
        assert_eq!(sum(&[0xff; 8]), 0xffff_ffff);
        let long: Vec<u8> = (0..9 * 256).map(|at| at as u8).collect();
        assert_eq!(sum(&long), 0x7ca4_c23d);
    }
}
