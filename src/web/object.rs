use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object as JavaScript reads it. Set by name: a derived serialiser for each kind of object is much more wasm.
pub fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}
