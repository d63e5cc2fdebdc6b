//! The browser's parser, and values of JavaScript.

use wasm_bindgen::{JsCast, JsValue};

use super::DEEPEST;
use crate::value::Json;

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
