//! The `Range` header: one range of bytes (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header requests of an object of known length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedRange {
    /// No range, or one that a server may ignore: another unit, several ranges, or a header that is not valid.
    Whole,
    /// A range of bytes, not empty.
    Part(Range<u64>),
    /// A valid range outside of the object.
    Unsatisfiable,
}

/// Reads a `Range` header for an object of `length` bytes.
pub fn parse(header: &str, length: u64) -> RequestedRange {
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| {
            // More digits than fit is further than any file reaches.
            text.parse::<u64>().unwrap_or(u64::MAX)
        })
    };
    let Some((first, last)) =
        header.trim().strip_prefix("bytes=").and_then(|rest| rest.trim().split_once('-'))
    else {
        return RequestedRange::Whole;
    };
    let range = match (number(first), number(last), first.is_empty(), last.is_empty()) {
        (Some(first), Some(last), ..) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None, _, true) => first..length,
        (None, Some(suffix), true, _) => length.saturating_sub(suffix)..length,
        _ => return RequestedRange::Whole,
    };
    if range.is_empty() { RequestedRange::Unsatisfiable } else { RequestedRange::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_range() {
        assert_eq!(parse("bytes=0-0", 10), RequestedRange::Part(0..1));
        assert_eq!(parse("bytes=2-5", 10), RequestedRange::Part(2..6));
        assert_eq!(parse("bytes=2-500", 10), RequestedRange::Part(2..10));
        assert_eq!(parse("bytes=7-", 10), RequestedRange::Part(7..10));
        assert_eq!(parse("bytes=-3", 10), RequestedRange::Part(7..10));
        assert_eq!(parse("bytes=-30", 10), RequestedRange::Part(0..10));
        assert_eq!(parse("bytes=10-", 10), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=10-12", 10), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=-0", 10), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=0-0", 0), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=99999999999999999999999-", 10), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=0-18446744073709551615", 10), RequestedRange::Part(0..10));
        for ignored in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=+1-2",
            "items=0-1",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(parse(ignored, 10), RequestedRange::Whole, "{ignored}");
        }
    }
}
