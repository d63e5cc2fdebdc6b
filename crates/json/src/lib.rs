//! JSON as a value, and the digits of numbers, both by the host.
//!
//! In the browser the host's parser is `JSON.parse`, which costs no byte of wasm; natively it is that of `serde_json`. Both round
//! every number to the nearest float64, so both read the same session.
//!
//! In reading order: [`Json`] is a value, which [`Json::parse`] reads from text and, in the browser, `Json::from_js` takes from a
//! JavaScript object; [`Json::get`] and the `as_…` methods look into it; [`Json::brief`] shows a value in an error message. [`number`] reads and writes
//! numbers as text, by JavaScript's `Number` in the browser.
//!
//! # Example
//!
//! ```
//! use replayscope_json::Json;
//!
//! // Python writes a bare NaN, which JSON does not have; it is read as a string, as Zarr spells it.
//! let node = Json::parse(br#"{"shape": [3600000, 500], "fill_value": NaN}"#)?;
//! let shape = node.get("shape").and_then(Json::as_array).unwrap_or_default();
//! assert_eq!(shape[1].as_u64(), Some(500));
//! assert_eq!(node.get("fill_value").and_then(Json::as_str), Some("NaN"));
//!
//! // An error says what is wrong with the text.
//! assert!(Json::parse(b"<!doctype html>").is_err());
//! # Ok::<(), String>(())
//! ```

pub mod number;

use serde::{Serialize, Serializer};

/// A JSON value. Numbers are float64, as in JavaScript: whole numbers are exact up to 2⁵³.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// Named values, in the order of writing.
    Object(Vec<(String, Json)>),
}

/// What a message shows of a value.
const MOST_LETTERS: usize = 60;

/// Deeper values are an error, as a stack has an end.
const DEEPEST: u32 = 100;

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

    /// An object of a few named values.
    pub fn object<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The value of a key; `None` where there is no such key, and in whatever is no object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// True or false, if it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The number, if it is one of 0, 1, 2, …; at most 2⁶⁴ − 1, which no honest count is.
    pub fn as_u64(&self) -> Option<u64> {
        let number = self.as_f64()?;
        (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The elements, if it is a list.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(list) = self { Some(list) } else { None }
    }

    /// The entries, if it is an object.
    pub fn as_object(&self) -> Option<&[(String, Self)]> {
        if let Self::Object(entries) = self { Some(entries) } else { None }
    }

    /// The value for a message that says what was found: at most about 60 letters of it.
    pub fn brief(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        match text.char_indices().nth(MOST_LETTERS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            _ if text.len() > MOST_LETTERS => {}
            Self::Null => text.push_str("null"),
            Self::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
            Self::Number(found) => text.push_str(&number::text(*found)),
            Self::String(string) => {
                text.push('"');
                text.extend(string.chars().take(MOST_LETTERS));
                text.push('"');
            }
            Self::Array(list) => {
                text.push('[');
                for (index, value) in list.iter().take(MOST_LETTERS).enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    value.write(text);
                }
                text.push(']');
            }
            Self::Object(_) => text.push_str("an object"),
        }
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Json {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<&[f64]> for Json {
    fn from(numbers: &[f64]) -> Self {
        Self::Array(numbers.iter().copied().map(Self::Number).collect())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            // A count stays one, without a point, for readers that tell the two apart.
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(list) => serializer.collect_seq(list),
            Self::Object(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
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

#[cfg(target_arch = "wasm32")]
mod host {
    use wasm_bindgen::{JsCast, JsValue};

    use super::{DEEPEST, Json};

    pub fn parse(bytes: &[u8]) -> Result<Json, String> {
        let text = str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let value = js_sys::JSON::parse(text).map_err(|error| match error.dyn_into::<js_sys::Error>() {
            Ok(error) => String::from(error.message()),
            Err(_) => "it cannot be parsed".to_owned(),
        })?;
        convert(&value, DEEPEST).ok_or_else(|| format!("it is nested deeper than {DEEPEST}"))
    }

    impl Json {
        /// A JavaScript value as JSON has it; what JSON does not have, such as a function, is null.
        pub fn from_js(value: &JsValue) -> Self {
            convert(value, DEEPEST).unwrap_or_default()
        }
    }

    fn convert(value: &JsValue, depth: u32) -> Option<Json> {
        Some(if let Some(number) = value.as_f64() {
            Json::Number(number)
        } else if let Some(text) = value.as_string() {
            Json::String(text)
        } else if let Some(truth) = value.as_bool() {
            Json::Bool(truth)
        } else if let Some(list) = value.dyn_ref::<js_sys::Array>() {
            let depth = depth.checked_sub(1)?;
            Json::Array(list.iter().map(|element| convert(&element, depth)).collect::<Option<_>>()?)
        } else if let Some(object) = value.dyn_ref::<js_sys::Object>() {
            let depth = depth.checked_sub(1)?;
            let entry = |key: JsValue| {
                let value = js_sys::Reflect::get(object, &key).unwrap_or_default();
                Some((key.as_string()?, convert(&value, depth)?))
            };
            Json::Object(js_sys::Object::keys(object).iter().map(entry).collect::<Option<_>>()?)
        } else {
            Json::Null
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use std::collections::BTreeMap;
    use std::fmt;

    use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

    use super::{DEEPEST, Json};

    pub fn parse(bytes: &[u8]) -> Result<Json, String> {
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let value = Value { depth: DEEPEST }.deserialize(&mut parser);
        value.and_then(|value| parser.end().map(|()| value)).map_err(|error| error.to_string())
    }

    /// A value that may be nested so deep: read as it comes, as `serde_json`'s own takes several times as much memory.
    #[derive(Clone, Copy)]
    struct Value {
        depth: u32,
    }

    impl Value {
        fn inside<E: Error>(self) -> Result<Self, E> {
            let depth = self.depth.checked_sub(1);
            let depth = depth.ok_or_else(|| E::custom(format_args!("it is nested deeper than {DEEPEST}")))?;
            Ok(Self { depth })
        }
    }

    impl<'de> DeserializeSeed<'de> for Value {
        type Value = Json;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    impl<'de> Visitor<'de> for Value {
        type Value = Json;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_unit<E>(self) -> Result<Json, E> {
            Ok(Json::Null)
        }

        fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
            Ok(Json::Bool(truth))
        }

        fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
            Ok(Json::Number(number as f64))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
            Ok(Json::Number(number as f64))
        }

        fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
            Ok(Json::Number(number))
        }

        fn visit_str<E>(self, text: &str) -> Result<Json, E> {
            Ok(Json::String(text.to_owned()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
            let (inside, mut values) = (self.inside()?, Vec::new());
            while let Some(value) = list.next_element_seed(inside)? {
                values.push(value);
            }
            values.shrink_to_fit();
            Ok(Json::Array(values))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
            // Of two with one name the later one holds.
            let (inside, mut entries) = (self.inside()?, BTreeMap::new());
            while let Some(key) = object.next_key::<String>()? {
                entries.insert(key, object.next_value_seed(inside)?);
            }
            Ok(Json::Object(entries.into_iter().collect()))
        }
    }
}

#[cfg(any(test, feature = "serde_json", not(target_arch = "wasm32")))]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(truth),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::String(text),
            Value::Array(list) => Self::Array(list.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Object(entries.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
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
