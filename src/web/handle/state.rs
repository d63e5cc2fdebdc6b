//! What a link carries, and what it does not.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::Handle;
use crate::extras;
use crate::web::convert::{js_error, to_js};
use replayscope_json::Json;
use replayscope_viewer::Event;

#[wasm_bindgen]
impl Handle {
    /// What a link carries.
    pub fn state(&self) -> JsValue {
        to_js(self.app.viewer.borrow().state())
    }

    /// Changes any part of the state.
    pub fn set_state(&self, patch: &JsValue) {
        self.app.with(|viewer| viewer.set_state(&Json::from_js(patch)));
    }

    /// The state as a link's fragment, without `#`.
    pub fn fragment(&self) -> String {
        self.app.viewer.borrow().fragment()
    }

    /// Applies a link's fragment, now or, before a session is open, to the next one.
    pub fn apply_fragment(&self, fragment: &str) {
        self.app.with(|viewer| viewer.apply_fragment(fragment));
    }

    /// Resolves to a session's address without credentials; what was removed is told by a `notice` event.
    pub fn shareable(&self, url: String) -> js_sys::Promise {
        let app = self.app.clone();
        future_to_promise(async move {
            let (url, notices) = extras::shareable(url).await.map_err(|error| js_error(&error.into()))?;
            app.with(|viewer| notices.into_iter().for_each(|text| viewer.tell(Event::Notice { text })));
            Ok(url.into())
        })
    }
}
