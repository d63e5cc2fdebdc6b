//! The state of the view, and links to it.

use wasm_bindgen::prelude::*;

use super::Handle;
use crate::web::convert::{object, to_js};
use replayscope_json::Json;

#[wasm_bindgen]
impl Handle {
    /// The state of the view.
    #[wasm_bindgen(unchecked_return_type = "State")]
    pub fn state(&self) -> JsValue {
        to_js(self.app.viewer.borrow().state())
    }

    /// Changes parts of the state.
    pub fn set_state(&self, #[wasm_bindgen(unchecked_param_type = "StatePatch")] patch: &JsValue) {
        self.app.with(|viewer| viewer.set_state(&Json::from_js(patch)));
    }

    /// The parts of a link to this view.
    #[wasm_bindgen(unchecked_return_type = "LinkParts")]
    pub fn link(&self) -> JsValue {
        let target = self.app.link_target.borrow();
        object(&[
            ("session", target.session.borrow().as_deref().map_or(JsValue::NULL, Into::into)),
            ("rate", target.rate.map_or(JsValue::NULL, Into::into)),
            ("fragment", self.app.viewer.borrow().fragment().into()),
        ])
    }

    /// Applies the fragment of a link; where no session is open, to the next one.
    pub fn apply_fragment(&self, fragment: &str) {
        self.app.with(|viewer| viewer.apply_fragment(fragment));
    }
}
