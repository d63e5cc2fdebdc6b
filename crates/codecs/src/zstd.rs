//! Zstandard (RFC 8878) by `ruzstd`, bounded, with its checksum checked where it was written.

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{DEFAULT_MAX_WINDOW_SIZE, FrameDecoder};

use crate::fault::{Fault, zeros};

/// Decodes all frames, of at most `bound` bytes together.
pub fn decode(input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(bound)?;
    let written = decode_into("zstd", &mut decoder(bound), input, &mut output)?;
    output.truncate(written);
    Ok(output)
}

/// A decoder for results of at most `bound` bytes; it can be used again and again.
pub fn decoder(bound: usize) -> FrameDecoder {
    let mut decoder = FrameDecoder::new();
    // A frame whose window is the whole of it may be as large as the chunk.
    decoder.set_max_window_size(DEFAULT_MAX_WINDOW_SIZE.max(bound as u64));
    decoder
}

/// Decodes all frames into `output` and returns how many bytes they made. A checksum at the end of the last frame is
/// checked; Zarr writes one frame a chunk.
pub fn decode_into(
    codec: &'static str,
    decoder: &mut FrameDecoder,
    input: &[u8],
    output: &mut [u8],
) -> Result<usize, Fault> {
    let written = decoder.decode_all(input, output).map_err(|error| match error {
        FrameDecoderError::TargetTooSmall => {
            Fault::corrupt(codec, format!("it holds more than the {} bytes of its chunk", output.len()))
        }
        // Not ruzstd's own words: a tree of errors, 3 KB, for a reader who can only fetch or write the chunk again.
        _ => Fault::corrupt(codec, "it is cut short or no valid Zstandard".to_owned()),
    })?;
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(stored), Some(computed)) if stored != computed => {
            Err(Fault::Checksum { codec, stored, computed })
        }
        _ => Ok(written),
    }
}
