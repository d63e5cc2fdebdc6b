//! `serde_json`'s parser.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::DEEPEST;
use crate::value::Json;

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
