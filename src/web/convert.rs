//! Values and errors for JavaScript.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::DomException;

use replayscope_viewer::Error;

/// An object as JavaScript reads it. Set by name: a derived serialiser for each kind of object is much more wasm.
pub fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

pub fn to_js(value: &impl Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::NULL)
}

pub fn js_error(error: &Error) -> JsValue {
    if *error == Error::Closed {
        return aborted();
    }
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}

pub fn aborted() -> JsValue {
    let message = "superseded by a later request";
    DomException::new_with_message_and_name(message, "AbortError").map_or_else(|error| error, Into::into)
}
