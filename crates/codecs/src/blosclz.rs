//! `BloscLZ`, Blosc's own compressor, a relative of `FastLZ`. The stream is a row of instructions:
//!
//! - a byte below 32: that many plus one literal bytes follow;
//! - otherwise its upper three bits are a match's length less 2 (7: bytes follow that are added to it, as long as
//!   they are 255), its lower five and the byte after are the distance less one. Where all thirteen bits are set,
//!   two bytes (high, low) follow, and the distance is 8192 more than they say.
//!
//! The first byte's upper bits mean nothing: it is always literals.

/// The distance less one that thirteen bits can say, and the sign for a longer one.
const FAR: usize = 0x1fff;

/// Decodes `input` into `output` and returns how many bytes it made.
pub fn decode(input: &[u8], output: &mut [u8]) -> Result<usize, &'static str> {
    const SHORT: &str = "a BloscLZ stream ends too early";
    const LONG: &str = "a BloscLZ stream makes more bytes than its block has";
    let mut input = input.iter();
    let mut written = 0;
    let mut first = true;
    while let Some(&instruction) = input.next() {
        let instruction = usize::from(if first { instruction & 31 } else { instruction });
        first = false;
        let mut next = || input.next().map(|byte| usize::from(*byte)).ok_or(SHORT);
        if instruction < 32 {
            let rest = input.as_slice();
            let literals = rest.get(..=instruction).ok_or(SHORT)?;
            output.get_mut(written..written + literals.len()).ok_or(LONG)?.copy_from_slice(literals);
            written += literals.len();
            input = rest[literals.len()..].iter();
            continue;
        }
        let mut len = (instruction >> 5) + 2;
        if len == 9 {
            while {
                let more = next()?;
                len += more;
                more == 255
            } {}
        }
        let mut distance = ((instruction & 31) << 8) + next()?;
        if distance == FAR {
            distance += (next()? << 8) + next()?;
        }
        let from = written.checked_sub(distance + 1).ok_or("a BloscLZ match begins before its block")?;
        let target = output.get_mut(from..written + len).ok_or(LONG)?;
        copy_match(target, distance + 1);
        written += len;
    }
    Ok(written)
}

/// Fills what comes after the first `distance` bytes with repetitions of them.
fn copy_match(target: &mut [u8], distance: usize) {
    let mut done = distance;
    while done < target.len() {
        // What is there already is a whole number of repetitions: it can be doubled.
        let count = done.min(target.len() - done);
        target.copy_within(..count, done);
        done += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(input: &[u8], len: usize) -> Result<Vec<u8>, &'static str> {
        let mut output = vec![0; len];
        decode(input, &mut output).map(|written| output[..written].to_vec())
    }

    #[test]
    fn literals_and_overlapping_matches() {
        assert_eq!(decoded(&[2, b'a', b'b', b'c'], 3).unwrap(), b"abc");
        // Length 3 + 1, distance 2 + 1; then literals.
        assert_eq!(decoded(&[2, b'a', b'b', b'c', 2 << 5, 2, 0, b'!'], 99).unwrap(), b"abcabca!");
        // Length 9 + 255 + 1, distance 1.
        assert_eq!(decoded(&[0, b'x', 7 << 5, 255, 1, 0], 999).unwrap(), [b'x'; 266]);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(decoded(&[5, 1, 2], 99).is_err());
        assert!(decoded(&[0, b'x', 7 << 5, 255], 99).is_err());
        assert!(decoded(&[0, b'x', 1 << 5, 1], 99).is_err());
        assert!(decoded(&[0, b'x', 1 << 5, 0], 3).is_err());
        assert!(decoded(&[0, b'x', 255, 255, 255, 0, 0], 3).is_err());
        assert_eq!(decoded(&[], 3).unwrap(), b"");
    }
}
