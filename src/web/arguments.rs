use wasm_bindgen::{JsCast, JsValue};

/// An object of options from JavaScript. Its properties are read by name, as a derived deserialiser for each kind of object would
/// be 12 KB of wasm.
pub struct Arguments(pub JsValue);

impl Arguments {
    /// A number that must be there.
    pub fn number(&self, key: &str) -> Result<f64, JsValue> {
        self.optional(key)?.ok_or_else(|| wrong(key))
    }

    /// A number that may be left out.
    pub fn optional(&self, key: &str) -> Result<Option<f64>, JsValue> {
        let value = self.get(key);
        if value.is_null() || value.is_undefined() {
            return Ok(None);
        }
        value.as_f64().map(Some).ok_or_else(|| wrong(key))
    }

    /// A text; `None` where it is left out or is none.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key).as_string()
    }

    /// Undefined where the value is no object.
    fn get(&self, key: &str) -> JsValue {
        match self.0.dyn_ref::<js_sys::Object>() {
            Some(object) => js_sys::Reflect::get(object, &key.into()).unwrap_or_default(),
            None => JsValue::UNDEFINED,
        }
    }
}

fn wrong(key: &str) -> JsValue {
    js_sys::TypeError::new(&format!("`{key}` must be a number")).into()
}
