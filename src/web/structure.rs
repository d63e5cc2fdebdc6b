//! The module that reads the structure of HDF5 and zip files, fetched when the first of them is met.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::error::Error;
use crate::file::{Reading, Step, Structure};
use crate::json::Json;
use crate::source::SourceError;

/// A function from kind and size to the promise of a [`JsReading`].
pub struct JsStructure(pub js_sys::Function);

#[wasm_bindgen]
extern "C" {
    /// `replayscope-formats`' reader, of another wasm instance.
    type JsReading;

    #[wasm_bindgen(method, structural)]
    fn supply(this: &JsReading, start: f64, bytes: Vec<u8>);

    /// JSON: `{"needs": [[start, end], …]}`, `{"done": …}` or `{"failed": "…"}`.
    #[wasm_bindgen(method, structural, catch)]
    fn step(this: &JsReading) -> Result<String, JsValue>;
}

impl Structure for JsStructure {
    fn start(&self, kind: &'static str, size: u64) -> LocalBoxFuture<'_, Result<Box<dyn Reading>, Error>> {
        Box::pin(async move {
            let failed = |error: JsValue| SourceError::Unreachable {
                reason: error
                    .dyn_ref::<js_sys::Error>()
                    .map_or_else(String::new, |error| error.message().into()),
                location: "www/formats.js".to_owned(),
            };
            let promise =
                self.0.call2(&JsValue::NULL, &kind.into(), &(size as f64).into()).map_err(failed)?;
            let reading =
                JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await.map_err(failed)?;
            Ok(Box::new(Rc::new(reading.unchecked_into::<JsReading>())) as Box<dyn Reading>)
        })
    }
}

impl Reading for Rc<JsReading> {
    fn supply(&mut self, start: u64, bytes: Vec<u8>) {
        JsReading::supply(self, start as f64, bytes);
    }

    fn step(&mut self) -> Step {
        // Its site's panics have no text; the file made it stop.
        let Ok(said) = JsReading::step(self) else {
            return Step::Failed("the reader stopped at it".to_owned());
        };
        let Ok(said) = Json::parse(said.as_bytes()) else {
            return Step::Failed("the reader said nothing".to_owned());
        };
        if let Some(failed) = said.get("failed").and_then(Json::as_str) {
            return Step::Failed(failed.to_owned());
        }
        if let Some(needs) = said.get("needs").and_then(Json::as_array) {
            let range = |range: &Json| match range.as_array()? {
                [start, end] => Some(start.as_u64()?..end.as_u64()?),
                _ => None,
            };
            return Step::Needs(needs.iter().filter_map(range).collect());
        }
        Step::Done(said.get("done").cloned().unwrap_or_default())
    }
}
