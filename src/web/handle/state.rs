//! What a link carries, and what it does not.

use wasm_bindgen::prelude::*;

use super::Handle;
use crate::web::convert::{object, to_js};
use replayscope_json::Json;

#[wasm_bindgen]
impl Handle {
    /// What a link carries.
    #[wasm_bindgen(unchecked_return_type = "State")]
    pub fn state(&self) -> JsValue {
        to_js(self.app.viewer.borrow().state())
    }

    /// Changes any part of the state.
    pub fn set_state(&self, #[wasm_bindgen(unchecked_param_type = "StatePatch")] patch: &JsValue) {
        self.app.with(|viewer| viewer.set_state(&Json::from_js(patch)));
    }

    /// What a link to this view says: `{session, rate, fragment}`. `session` is the address without credentials, or null;
    /// `rate` in Hz, that the session was opened with, or null; `fragment` the state, without `#`.
    #[wasm_bindgen(unchecked_return_type = "LinkParts")]
    pub fn link(&self) -> JsValue {
        let target = self.app.link_target.borrow();
        object(&[
            ("session", target.session.borrow().as_deref().map_or(JsValue::NULL, Into::into)),
            ("rate", target.rate.map_or(JsValue::NULL, Into::into)),
            ("fragment", self.app.viewer.borrow().fragment().into()),
        ])
    }

    /// Applies a link's fragment, now or, before a session is open, to the next one.
    pub fn apply_fragment(&self, fragment: &str) {
        self.app.with(|viewer| viewer.apply_fragment(fragment));
    }
}
