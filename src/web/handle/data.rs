//! Stored values, and the memory that they take.

use crate::web::host::promise;
use wasm_bindgen::prelude::*;

use super::Handle;
use crate::painter::Painter;
use crate::web::arguments::Arguments;
use crate::web::convert::{js_error, object, to_js};
use replayscope_viewer::chunk::Priority;
use replayscope_viewer::{Counts, Event};

/// Budgets in bytes: with less there is no room for a picture and the next one, and wasm memory cannot hold more.
const BUDGETS: std::ops::RangeInclusive<f64> = 16_777_216.0..=3_221_225_472.0;

#[wasm_bindgen]
impl Handle {
    /// Reads the stored values of one frame, as float32, one for each bin.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array<ArrayBuffer>>")]
    pub fn values(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ frame: number; field: string }")] target: JsValue,
    ) -> Result<js_sys::Promise, JsValue> {
        let target = Arguments(target);
        let (frame, field) = (target.number("frame")?, target.text("field"));
        let found = {
            let viewer = self.app.viewer.borrow();
            let field = field.or_else(|| Some(viewer.session()?.fields.first()?.name.clone()));
            let frame = if frame.is_nan() { 0.0 } else { frame.round().max(0.0) };
            field.and_then(|field| Some((viewer.locate(&field, frame as u64)?, viewer.loader()?)))
        };
        let Some(((id, row), loader)) = found else {
            return Err(js_sys::RangeError::new(
                "values needs an open session and the name of one of its fields",
            )
            .into());
        };
        Ok(promise(async move {
            let chunk = loader.chunk(id, Priority::Visible).await.map_err(|error| js_error(&error))?;
            Ok(js_sys::Float32Array::from(chunk.values.row(row).as_slice()).into())
        }))
    }

    /// Frames in memory, as half-open intervals.
    #[wasm_bindgen(unchecked_return_type = "BufferedRange[]")]
    pub fn buffered(&self) -> JsValue {
        to_js(&self.app.viewer.borrow().buffered())
    }

    /// Counters since the viewer was made, and bytes now.
    #[wasm_bindgen(unchecked_return_type = "Counters")]
    pub fn stats(&self) -> JsValue {
        let viewer = self.app.viewer.borrow();
        let (cache_bytes, cache_budget, in_flight) = match viewer.loader() {
            Some(loader) => (loader.bytes(), loader.budget(), loader.in_flight()),
            None => (0, self.app.cache_budget.get().unwrap_or(0), 0),
        };
        let Counts { frames_presented, frames_covered, late_frames, chunk_hits, chunk_misses } =
            viewer.counts();
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        let count = |count: u64| JsValue::from(count as f64);
        object(&[
            ("requests", count(self.app.traffic.requests.get())),
            ("bytesFetched", count(self.app.traffic.bytes.get())),
            ("chunkHits", count(chunk_hits)),
            ("chunkMisses", count(chunk_misses)),
            ("cacheBytes", count(cache_bytes)),
            ("cacheBudget", count(cache_budget)),
            ("gpuBytes", count(self.app.painter.borrow().as_ref().map_or(0, Painter::bytes))),
            ("gpuBudget", count(self.app.gpu_budget.get())),
            ("wasmBytes", buffer.byte_length().into()),
            ("framesPresented", count(frames_presented)),
            ("framesCovered", count(frames_covered)),
            ("lateFrames", count(late_frames)),
            ("inFlight", in_flight.into()),
        ])
    }

    /// Sets how many bytes of decoded values are kept in memory and on the GPU, 16 MiB to 3 GiB each; other values are clamped.
    pub fn set_budgets(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ cache?: number; gpu?: number }")] budgets: JsValue,
    ) -> Result<(), JsValue> {
        let budgets = Arguments(budgets);
        let bytes = |budget: f64| budget.max(*BUDGETS.start()).min(*BUDGETS.end()) as u64;
        if let Some(cache) = budgets.optional("cache")? {
            self.app.cache_budget.set(Some(bytes(cache)));
        }
        if let Some(gpu) = budgets.optional("gpu")? {
            self.app.gpu_budget.set(bytes(gpu));
            if let Ok(painter) = &mut *self.app.painter.borrow_mut() {
                painter.set_budget(bytes(gpu));
            }
        }
        let loader = self.app.viewer.borrow().loader();
        if let Some((loader, cache)) = loader.zip(self.app.cache_budget.get()) {
            loader.set_budget(cache);
            self.app.with(|viewer| viewer.emit(Event::Buffered));
        }
        Ok(())
    }
}
