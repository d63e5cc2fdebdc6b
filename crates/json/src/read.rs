//! From text to a value.

use crate::host;
use crate::value::Json;

/// A longer text, or one of more values, is an error: each value takes many times its text in memory.
pub const MOST_BYTES: usize = 256 << 20;
const MOST_VALUES: usize = 1 << 24;

impl Json {
    /// Reads text, which may begin with a byte order mark. Python writes floats that are not finite as bare `NaN`,
    /// `Infinity` and `-Infinity`, which JSON does not have: they become strings, Zarr's spelling of them.
    /// The error says what is wrong with the text.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        // Before each value but the first of all there is one of these.
        let values = bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        if bytes.len() > MOST_BYTES || values > MOST_VALUES {
            return Err(format!(
                "it has {} bytes and about {values} values, above the limits of {MOST_BYTES} and {MOST_VALUES} for what is held in memory",
                bytes.len()
            ));
        }
        host::parse(bytes).or_else(|strict| host::parse(&quote_non_finite(bytes)).map_err(|_| strict))
    }
}

/// Puts quotes around `NaN`, `Infinity` and `-Infinity` outside of strings.
fn quote_non_finite(json: &[u8]) -> Vec<u8> {
    const NON_FINITE: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    let mut quoted = Vec::with_capacity(json.len() + 64);
    let (mut rest, mut in_string) = (json, false);
    while let Some((&byte, after)) = rest.split_first() {
        let word = NON_FINITE.iter().find(|word| !in_string && rest.starts_with(word));
        if let Some(word) = word {
            quoted.push(b'"');
            quoted.extend_from_slice(word);
            quoted.push(b'"');
            rest = &rest[word.len()..];
        } else if in_string && byte == b'\\' && !after.is_empty() {
            quoted.extend_from_slice(&rest[..2]);
            rest = &rest[2..];
        } else {
            in_string ^= byte == b'"';
            quoted.push(byte);
            rest = after;
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bare_nan_becomes_a_string_and_a_string_stays_as_it_is() {
        let read = Json::parse(br#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" NaN \\", "d": "x"}"#);
        let expected = json!({
            "a": "NaN", "b": ["-Infinity", "Infinity"], "c": "NaN \" NaN \\", "d": "x"
        });
        assert_eq!(read, Ok(expected.into()));
    }

    #[test]
    fn numbers_are_the_nearest_ones() {
        let read = |text: &str| Json::parse(text.as_bytes()).unwrap().as_f64().unwrap().to_bits();
        // What a sloppy parser has off by one bit, and what is read from links by the standard library.
        for text in
            ["2.6074000000000006", "0.30000000000000004", "123456.78901234567", "7.2057594037927933e16"]
        {
            assert_eq!(read(text), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_told_from_others() {
        let whole = |value: serde_json::Value| Json::from(value).as_u64();
        assert_eq!(whole(json!(3)), Some(3));
        assert_eq!(whole(json!(3.0)), Some(3));
        assert_eq!(whole(json!(1_u64 << 60)), Some(1 << 60));
        assert_eq!(whole(json!(1e30)), Some(u64::MAX));
        for other in [json!(-1), json!(0.5), json!("3"), json!(null)] {
            assert_eq!(whole(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_json_says_so() {
        for text in [&b""[..], b"{\"a\": ", b"\xff\x00", b"<!doctype html>", &b"[".repeat(100_000)] {
            assert!(Json::parse(text).is_err());
        }
        let nested = [b"[".repeat(101), b"]".repeat(101)].concat();
        assert!(Json::parse(&nested).is_err());
        assert!(Json::parse(&nested[1..201]).is_ok());
    }

    #[test]
    fn a_text_of_too_many_values_is_not_parsed() {
        for value in ["{},", "0,", "[],"] {
            let text = format!("[{}0]", value.repeat(MOST_VALUES));
            assert!(Json::parse(text.as_bytes()).unwrap_err().contains("values"));
        }
        let spaces = vec![b' '; MOST_BYTES + 1];
        assert!(Json::parse(&spaces).unwrap_err().contains("268435457 bytes"));
    }

    #[test]
    fn of_two_entries_of_one_name_the_later_one_holds() {
        let read = Json::parse(br#"{"b": 1, "a": 2, "b": 3}"#).unwrap();
        assert_eq!(read, Json::object([("a", 2.0.into()), ("b", 3.0.into())]));
    }
}
