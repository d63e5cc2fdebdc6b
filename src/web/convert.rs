//! Values and errors for JavaScript.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::DomException;

use replayscope_viewer::Error;

/// `{frame, time}`.
pub fn frame_time(frame: u64, time: f64) -> JsValue {
    object(&[("frame", (frame as f64).into()), ("time", time.into())])
}

/// Makes an object. Its properties are set by name, as a derived serialiser for each kind of object would be much more wasm.
pub fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

/// Makes a plain JavaScript value; null where there is none.
pub fn to_js(value: &impl Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::NULL)
}

/// Makes an `Error` with a `code`, or an `AbortError` where a later request took the place of this one.
pub fn js_error(error: &Error) -> JsValue {
    if matches!(error, Error::Closed) {
        return aborted();
    }
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}

/// Makes the `AbortError` of a request whose place a later one took.
pub fn aborted() -> JsValue {
    abort_error("superseded by a later request")
}

/// Makes an `AbortError` with a message.
pub fn abort_error(message: &str) -> JsValue {
    DomException::new_with_message_and_name(message, "AbortError").map_or_else(|error| error, Into::into)
}
