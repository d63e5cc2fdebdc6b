//! Zstandard (RFC 8878) by `ruzstd`, bounded, with its checksum checked where it was written.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, DEFAULT_MAX_WINDOW_SIZE, FrameDecoder};
use ruzstd::io::Read;

use super::{Fault, zeros};

/// All that is said of damage within a frame: ruzstd's own words would cost the page more bytes than they explain.
const INVALID: &str = "it is cut short or no valid Zstandard";

/// How much is decoded before the result is looked at: the most a bomb can overshoot by.
const STEP: usize = 1 << 20;

/// Decodes all frames, of at most `bound` bytes together.
pub(super) fn decode(input: &[u8], bound: usize) -> Result<Vec<u8>, Fault> {
    let mut output = zeros(bound)?;
    let written = decode_into("zstd", &mut decoder(bound), input, &mut output)?;
    output.truncate(written);
    Ok(output)
}

/// A decoder for results of at most `bound` bytes; it can be used again and again.
pub(super) fn decoder(bound: usize) -> FrameDecoder {
    let mut decoder = FrameDecoder::new();
    // A frame whose window is the whole of it may be as large as the chunk.
    decoder.set_max_window_size(DEFAULT_MAX_WINDOW_SIZE.max(bound as u64));
    decoder
}

/// Decodes all frames into `output` and returns how many bytes they made.
pub(super) fn decode_into(
    codec: &'static str,
    decoder: &mut FrameDecoder,
    mut input: &[u8],
    output: &mut [u8],
) -> Result<usize, Fault> {
    let mut written = 0;
    while !input.is_empty() {
        match decoder.init(&mut input) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                input = input.get(length as usize..).unwrap_or_default();
                continue;
            }
            Err(_) => return Err(Fault::corrupt(codec, "no valid Zstandard frame begins here")),
        }
        while !decoder.is_finished() {
            decoder
                .decode_blocks(&mut input, BlockDecodingStrategy::UptoBytes(STEP))
                .map_err(|_| Fault::corrupt(codec, INVALID))?;
            written += decoder.read(&mut output[written..]).map_err(|_| Fault::corrupt(codec, INVALID))?;
            if decoder.can_collect() != 0 {
                return Err(Fault::corrupt(
                    codec,
                    format!("it holds more than the {} bytes of its chunk", output.len()),
                ));
            }
        }
        if let (Some(stored), Some(computed)) =
            (decoder.get_checksum_from_data(), decoder.get_calculated_checksum())
            && stored != computed
        {
            return Err(Fault::Checksum { codec, stored, computed });
        }
    }
    Ok(written)
}
