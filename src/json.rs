//! Numbers and values as text, and back, with one formatter and one parser in the wasm: the standard library's
//! parser of floats and `serde_json`'s writer bring tables of 10 KB each that do not compress.

use serde_json::Value;

/// A number as JSON writes it, or with a sign or point before the first digit as people do.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let sign = if unsigned.len() < digits.len() { "-" } else { "" };
    let zero = if unsigned.starts_with('.') { "0" } else { "" };
    serde_json::from_slice::<Value>(format!("{sign}{zero}{unsigned}").as_bytes()).ok()?.as_f64()
}

/// A value on one line, for messages.
pub fn line(value: &Value) -> String {
    let list = |parts: Vec<String>| parts.join(",");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => whole.to_string(),
            (_, Some(whole)) => whole.to_string(),
            _ => number.as_f64().unwrap_or(f64::NAN).to_string(),
        },
        Value::String(text) => format!("{text:?}"),
        Value::Array(values) => format!("[{}]", list(values.iter().map(line).collect())),
        Value::Object(object) => {
            let parts = object.iter().map(|(key, value)| format!("{key:?}:{}", line(value)));
            format!("{{{}}}", list(parts.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, expected) in
            [("12", 12.0), (" -0.5 ", -0.5), (".5", 0.5), ("-.5", -0.5), ("+3e2", 300.0), ("1e-7", 1e-7)]
        {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        assert_eq!(number("-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        for text in ["", "x", "1,2", "NaN", "null", "\"1\"", "[1]", "1e999", "--1", "+-1 2"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_is_json() {
        let value = json!({"a": [1, -2, 0.5, null, true], "b": "x\"y"});
        assert_eq!(line(&value), value.to_string());
    }
}
