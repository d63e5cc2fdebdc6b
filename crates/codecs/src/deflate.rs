//! gzip (RFC 1952) and zlib (RFC 1950) containers; `miniz_oxide` inflates, straight into the result.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::crc;
use crate::fault::{Fault, zeros};

const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;

/// Decodes one or more gzip members of at most `bound` bytes together; checks each one's CRC-32 and length.
pub fn gzip(mut input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(bound)?;
    let mut written = 0;
    while !input.is_empty() {
        let body = after_header(input).ok_or_else(|| Fault::corrupt("gzip", "no gzip header"))?;
        let (read, count) = inflate("gzip", body, &mut output[written..], 0)?;
        let member = &output[written..written + count];
        let Some((trailer, rest)) = body[read..].split_first_chunk::<8>() else {
            return Err(Fault::corrupt("gzip", "it ends before its checksum"));
        };
        let trailer = u64::from_le_bytes(*trailer);
        let (stored, computed) = (trailer as u32, crc::crc32(member));
        if stored != computed {
            return Err(Fault::Checksum { codec: "gzip", stored, computed });
        }
        if (trailer >> 32) as u32 != count as u32 {
            return Err(Fault::corrupt("gzip", format!("{count} bytes, but its trailer says otherwise")));
        }
        written += count;
        input = rest;
    }
    output.truncate(written);
    Ok(output)
}

/// Decodes a zlib stream of at most `bound` bytes; checks its Adler-32.
pub fn zlib_of(input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(bound)?;
    let written = zlib("zlib", input, &mut output)?;
    output.truncate(written);
    Ok(output)
}

/// Decodes a bare deflate stream (RFC 1951), as a zip archive holds it, of at most `bound` bytes.
pub fn raw(input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(bound)?;
    let written = inflate("deflate", input, &mut output, 0)?.1;
    output.truncate(written);
    Ok(output)
}

/// Decodes a zlib stream into `output`, checks its Adler-32, and returns how many bytes it made.
pub fn zlib(codec: &'static str, input: &[u8], output: &mut [u8]) -> Result<usize, Fault> {
    Ok(inflate(codec, input, output, TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_COMPUTE_ADLER32)?.1)
}

/// Returns bytes read and bytes written.
fn inflate(
    codec: &'static str,
    input: &[u8],
    output: &mut [u8],
    flags: u32,
) -> Result<(usize, usize), Fault> {
    let mut state = Box::new(DecompressorOxide::new());
    let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    match decompress(&mut state, input, output, 0, flags) {
        (TINFLStatus::Done, read, written) => Ok((read, written)),
        (TINFLStatus::HasMoreOutput, ..) => Err(Fault::corrupt(codec, "it holds more than its chunk")),
        (TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput, ..) => {
            Err(Fault::corrupt(codec, "it ends too early"))
        }
        (TINFLStatus::Adler32Mismatch, ..) => Err(Fault::corrupt(codec, "its Adler-32 checksum is wrong")),
        (status, ..) => Err(Fault::corrupt(codec, format!("its deflated data make no sense ({status:?})"))),
    }
}

/// What follows a member's header, if it is one.
fn after_header(input: &[u8]) -> Option<&[u8]> {
    let ([0x1f, 0x8b, 8, flags, ..], mut rest) = input.split_first_chunk::<10>()? else { return None };
    if flags & FEXTRA != 0 {
        let (len, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for text in [FNAME, FCOMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & FHCRC != 0 { rest.get(2..) } else { Some(rest) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};

    use super::*;

    /// A member as flate2 writes it, with the fields of the header that `builder` has.
    fn member(builder: GzBuilder, values: &[u8]) -> Vec<u8> {
        let mut writer = builder.write(Vec::new(), Compression::default());
        writer.write_all(values).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn headers_and_members_are_read_as_flate2_writes_them() {
        let builders = || {
            let named = || GzBuilder::new().filename("posterior.npy");
            let full = named().extra(vec![0; 300]).comment("by hand").mtime(1);
            [
                GzBuilder::new(),
                named(),
                GzBuilder::new().comment(""),
                GzBuilder::new().extra(Vec::new()),
                full,
            ]
        };
        let mut members = Vec::new();
        for builder in builders() {
            let one = member(builder, b"0123456789");
            assert_eq!(gzip(&one, 10).unwrap(), b"0123456789");
            members.extend(one);
        }
        assert_eq!(gzip(&members, 50).unwrap(), b"0123456789".repeat(5));
        assert_eq!(gzip(&members, 49), Err(Fault::corrupt("gzip", "it holds more than its chunk")));
    }

    #[test]
    fn a_header_that_is_cut_is_an_error_at_every_byte() {
        let builder = GzBuilder::new().filename("a").extra(vec![1, 2, 3]).comment("b");
        let whole = member(builder, b"0123456789");
        for end in 1..whole.len() {
            assert!(matches!(gzip(&whole[..end], 10), Err(Fault::Corrupt { codec: "gzip", .. })), "{end}");
        }
        assert_eq!(gzip(&[], 10).unwrap(), b"");
    }

    #[test]
    fn a_header_with_its_own_checksum_is_read() {
        let mut whole = member(GzBuilder::new().filename("a"), b"0123456789");
        whole[3] |= FHCRC;
        let sum = crc::crc32(&whole[..12]) as u16;
        whole.splice(12..12, sum.to_le_bytes());
        assert_eq!(gzip(&whole, 10).unwrap(), b"0123456789");
    }
}
