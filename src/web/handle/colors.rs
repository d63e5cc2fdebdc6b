//! Colours of values: limits, histograms, colormaps.

use crate::web::host::promise;
use wasm_bindgen::prelude::*;

use super::Handle;
use crate::extras;
use crate::web::arguments::Arguments;
use crate::web::colormaps::more_colormaps;
use crate::web::convert::{js_error, object, to_js};
use replayscope_json::Json;
use replayscope_session::colormap::{self, Palette};

#[wasm_bindgen]
impl Handle {
    /// The limits in force of `{field}` and where they come from; null without a session.
    #[wasm_bindgen(unchecked_return_type = "Range | null")]
    pub fn range(&self, #[wasm_bindgen(unchecked_param_type = "{ field?: string }")] of: JsValue) -> JsValue {
        to_js(&self.app.viewer.borrow().range(Arguments(of).text("field").as_deref()))
    }

    /// Estimates the range of a field's values.
    #[wasm_bindgen(unchecked_return_type = "Promise<Range>")]
    pub fn estimate_range(
        &self,
        #[wasm_bindgen(unchecked_param_type = "RangeRequest")] request: JsValue,
    ) -> js_sys::Promise {
        let app = self.app.clone();
        promise(async move {
            let estimate = extras::estimate().await.map_err(|error| js_error(&error.into()))?;
            let range = estimate(&app.viewer.borrow(), &Json::from_js(&request));
            let range = range.map_err(|wrong| js_sys::RangeError::new(&wrong))?.await;
            Ok(to_js(&range.map_err(|error| js_error(&error))?))
        })
    }

    /// Colours of values of `{field}`: RGBA, four bytes for each value.
    pub fn colors(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ field?: string }")] of: JsValue,
        values: &js_sys::Float32Array,
    ) -> js_sys::Uint8Array {
        let viewer = self.app.viewer.borrow();
        let palette =
            viewer.field(Arguments(of).text("field").as_deref()).and_then(|field| viewer.palette(field));
        let colors =
            |palette: Palette| values.to_vec().into_iter().flat_map(|value| palette.color(value)).collect();
        let colors: Vec<u8> = palette.map_or_else(Vec::new, colors);
        js_sys::Uint8Array::from(colors.as_slice())
    }

    /// Counts values of `{field}` between `edges`, which ascend, in the sample and on screen; null without a session.
    #[wasm_bindgen(unchecked_return_type = "Histogram | null")]
    pub fn histogram(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ field?: string }")] of: JsValue,
        edges: &js_sys::Float64Array,
    ) -> JsValue {
        to_js(&self.app.viewer.borrow().histogram(Arguments(of).text("field").as_deref(), &edges.to_vec()))
    }

    /// All colormaps; a `lut` that is not fetched yet is null.
    #[wasm_bindgen(unchecked_return_type = "Colormap[]")]
    pub fn colormaps() -> js_sys::Array {
        let entry = |(name, kind): (&'static str, &'static str)| {
            let lut = colormap::lut(name).map(|lut| js_sys::Uint8Array::from(lut.as_flattened()));
            let lut = lut.map_or(JsValue::NULL, Into::into);
            object(&[("name", name.into()), ("kind", kind.into()), ("lut", lut)])
        };
        colormap::all().map(entry).collect()
    }

    /// Fetches the colormaps that are missing.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn more_colormaps() -> js_sys::Promise {
        promise(async {
            more_colormaps().await.map(|()| JsValue::UNDEFINED).map_err(|error| js_error(&error))
        })
    }
}
