//! Reading `zarr.json` as it is found, which is not always JSON.

use serde_json::{Map, Value};

use super::error::ArrayError;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Parses the bytes of a `zarr.json`.
pub(super) fn parse(bytes: &[u8], location: &str) -> Result<Object, ArrayError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii();
    if bytes.first() == Some(&b'<') {
        return Err(ArrayError::WebPage { location: location.to_owned() });
    }
    let parsed = serde_json::from_slice(bytes).or_else(|strict| {
        // Python writes an attribute that is not a number as a bare NaN, which JSON does not have.
        serde_json::from_slice(&quote_non_finite(bytes)).map_err(|_| strict)
    });
    match parsed {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ArrayError::NotJson { reason: "no object".to_owned(), location: location.to_owned() }),
        Err(error) => Err(ArrayError::NotJson { reason: error.to_string(), location: location.to_owned() }),
    }
}

/// Puts quotes around `NaN`, `Infinity` and `-Infinity` outside of strings: the spelling Zarr gives fill values.
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

    #[test]
    fn a_bare_nan_becomes_a_string_and_a_string_stays_as_it_is() {
        let object =
            parse(br#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" NaN \\", "d": "x"}"#, "").unwrap();
        let expected = serde_json::json!({
            "a": "NaN", "b": ["-Infinity", "Infinity"], "c": "NaN \" NaN \\", "d": "x"
        });
        assert_eq!(Value::Object(object), expected);
    }

    #[test]
    fn a_page_and_a_torn_file_are_told_apart() {
        assert!(matches!(parse(b"\n <!doctype html>", "u"), Err(ArrayError::WebPage { .. })));
        assert!(matches!(parse(br#"{"a": "#, "u"), Err(ArrayError::NotJson { .. })));
        assert!(matches!(parse(b"[1]", "u"), Err(ArrayError::NotJson { .. })));
        assert!(matches!(parse(b"", "u"), Err(ArrayError::NotJson { .. })));
        assert!(matches!(parse(&[0xff, 0x00], "u"), Err(ArrayError::NotJson { .. })));
    }

    #[test]
    fn nesting_without_end_is_an_error() {
        assert!(parse(&b"[".repeat(100_000), "u").is_err());
    }
}
