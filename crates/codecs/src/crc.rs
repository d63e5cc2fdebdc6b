//! Checksums: CRC-32C for Zarr's `crc32c`, CRC-32 for gzip. One table-driven routine ("slicing by 8"): the tables are
//! made at first use, because 16 KB of them would be 16 KB more to download.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::Fault;

type Tables = [[u32; 256]; 8];

/// Castagnoli's polynomial, reflected (RFC 3720, appendix B.4).
pub fn crc32c(bytes: &[u8]) -> u32 {
    static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
    checksum(TABLES.get_or_init(|| tables(0x82f6_3b78)), bytes)
}

/// The polynomial of gzip, reflected (RFC 1952, section 8).
pub fn crc32(bytes: &[u8]) -> u32 {
    static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
    checksum(TABLES.get_or_init(|| tables(0xedb8_8320)), bytes)
}

/// Checks and takes off the four bytes at the end.
pub fn strip(mut bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, Fault> {
    let Some((payload, sum)) = bytes.split_last_chunk::<4>() else {
        return Err(Fault::corrupt("crc32c", format!("{} bytes, too few for a checksum", bytes.len())));
    };
    let (stored, computed, len) = (u32::from_le_bytes(*sum), crc32c(payload), payload.len());
    if stored != computed {
        return Err(Fault::Checksum { codec: "crc32c", stored, computed });
    }
    match &mut bytes {
        Cow::Borrowed(slice) => *slice = &slice[..len],
        Cow::Owned(list) => list.truncate(len),
    }
    Ok(bytes)
}

/// `tables[k][b]`: what byte `b` does to the sum when `k` more bytes follow it.
fn tables(polynomial: u32) -> Box<Tables> {
    let mut tables = Box::new([[0; 256]; 8]);
    for byte in 0..256 {
        let bit = |sum: u32, _| (sum >> 1) ^ if sum & 1 == 1 { polynomial } else { 0 };
        tables[0][byte] = (0..8).fold(byte as u32, bit);
    }
    for k in 1..8 {
        for byte in 0..256 {
            let before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][(before & 255) as usize];
        }
    }
    tables
}

fn checksum(tables: &Tables, bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    let look_up = |k: usize, byte: u8| tables[k][usize::from(byte)];
    let sum = words.iter().fold(!0_u32, |sum, word| {
        let [a, b, c, d] = sum.to_le_bytes();
        look_up(7, word[0] ^ a)
            ^ look_up(6, word[1] ^ b)
            ^ look_up(5, word[2] ^ c)
            ^ look_up(4, word[3] ^ d)
            ^ look_up(3, word[4])
            ^ look_up(2, word[5])
            ^ look_up(1, word[6])
            ^ look_up(0, word[7])
    });
    !rest.iter().fold(sum, |sum, byte| (sum >> 8) ^ look_up(0, sum as u8 ^ byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogue() {
        // <https://reveng.sourceforge.io/crc-catalogue/all.htm>: CRC-32/ISCSI and CRC-32/ISO-HDLC.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!((crc32c(b""), crc32(b"")), (0, 0));
        // RFC 3720, appendix B.4: 32 bytes of zeros and of ones.
        assert_eq!((crc32c(&[0; 32]), crc32c(&[255; 32])), (0x8a91_36aa, 0x62a8_ab43));
    }

    #[test]
    fn a_wrong_sum_names_both() {
        let fault = strip(Cow::Borrowed(b"123456789\0\0\0\0")).unwrap_err();
        assert_eq!(fault, Fault::Checksum { codec: "crc32c", stored: 0, computed: 0xe306_9283 });
        assert!(strip(Cow::Borrowed(b"123")).is_err());
    }
}
