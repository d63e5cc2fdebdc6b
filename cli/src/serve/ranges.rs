//! The `Range` header: one range of bytes (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks of an object of known length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// No range, or one in a form that a server may ignore: another unit, several ranges, nonsense.
    Whole,
    /// These bytes; never empty.
    Part(Range<u64>),
    /// Well formed, but there are no such bytes.
    Unsatisfiable,
}

/// Reads a `Range` header.
pub fn parse(header: &str, length: u64) -> Asked {
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| {
            // More digits than fit is further than any file reaches.
            text.parse::<u64>().unwrap_or(u64::MAX)
        })
    };
    let Some((first, last)) =
        header.trim().strip_prefix("bytes=").and_then(|rest| rest.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let range = match (number(first), number(last), first.is_empty(), last.is_empty()) {
        (Some(first), Some(last), ..) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None, _, true) => first..length,
        (None, Some(suffix), true, _) => length.saturating_sub(suffix)..length,
        _ => return Asked::Whole,
    };
    if range.is_empty() { Asked::Unsatisfiable } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_range() {
        assert_eq!(parse("bytes=0-0", 10), Asked::Part(0..1));
        assert_eq!(parse("bytes=2-5", 10), Asked::Part(2..6));
        assert_eq!(parse("bytes=2-500", 10), Asked::Part(2..10));
        assert_eq!(parse("bytes=7-", 10), Asked::Part(7..10));
        assert_eq!(parse("bytes=-3", 10), Asked::Part(7..10));
        assert_eq!(parse("bytes=-30", 10), Asked::Part(0..10));
        assert_eq!(parse("bytes=10-", 10), Asked::Unsatisfiable);
        assert_eq!(parse("bytes=10-12", 10), Asked::Unsatisfiable);
        assert_eq!(parse("bytes=-0", 10), Asked::Unsatisfiable);
        assert_eq!(parse("bytes=0-0", 0), Asked::Unsatisfiable);
        assert_eq!(parse("bytes=99999999999999999999999-", 10), Asked::Unsatisfiable);
        assert_eq!(parse("bytes=0-18446744073709551615", 10), Asked::Part(0..10));
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
            assert_eq!(parse(ignored, 10), Asked::Whole, "{ignored}");
        }
    }
}
