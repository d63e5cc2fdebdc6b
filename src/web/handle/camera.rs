//! Camera, size of the canvas, and the way between pixels, places and bins.

use crate::web::host::promise;
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

use super::Handle;
use crate::extras;
use crate::web::arguments::Arguments;
use crate::web::convert::{js_error, object, to_js};
use replayscope_viewer::{CanvasSize, Viewer};

#[wasm_bindgen]
impl Handle {
    /// Zooms by `factor`; the point `(x, y)` in CSS pixels stays where it is.
    pub fn zoom(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ factor: number; x: number; y: number }")] zoom: JsValue,
    ) -> Result<(), JsValue> {
        let zoom = Arguments(zoom);
        let (factor, x, y) = (zoom.number("factor")?, zoom.number("x")?, zoom.number("y")?);
        self.app.with(|viewer| viewer.zoom(factor, x, y));
        Ok(())
    }

    /// Moves the picture by CSS pixels, y down.
    pub fn pan(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ dx: number; dy: number }")] pan: JsValue,
    ) -> Result<(), JsValue> {
        let pan = Arguments(pan);
        let (dx, dy) = (pan.number("dx")?, pan.number("dy")?);
        self.app.with(|viewer| viewer.pan(dx, dy));
        Ok(())
    }

    /// Shows the whole environment.
    pub fn reset_view(&self) {
        self.app.with(Viewer::reset_view);
    }

    /// Sets the size of the canvas: CSS pixels, and device pixels in one of them.
    pub fn resize(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ width: number; height: number; dpr?: number }")]
        size: JsValue,
    ) -> Result<(), JsValue> {
        let size = Arguments(size);
        let (width, height) = (size.number("width")?, size.number("height")?);
        let dpr = size.optional("dpr")?.filter(|dpr| *dpr > 0.0 && dpr.is_finite()).unwrap_or(1.0);
        let css = [width, height].map(|side| if side.is_finite() { side.max(0.0) } else { 0.0 });
        self.app.with(|viewer| viewer.resize(CanvasSize { css, dpr }));
        Ok(())
    }

    /// Mean width of a bin in units of the view on screen; NaN without a session.
    pub fn bin_size(&self) -> f64 {
        self.app.viewer.borrow().bin_size().unwrap_or(f64::NAN)
    }

    /// What lies under a point in CSS pixels; null without a session.
    #[wasm_bindgen(unchecked_return_type = "Probe | null")]
    pub fn probe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ x: number; y: number }")] point: JsValue,
    ) -> Result<JsValue, JsValue> {
        let point = Arguments(point);
        let (x, y) = (point.number("x")?, point.number("y")?);
        Ok(to_js(&self.app.viewer.borrow().probe(x, y)))
    }

    /// The bin at a place in environment units, or null.
    #[wasm_bindgen(unchecked_return_type = "number | null")]
    pub fn bin_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ x: number; y: number }")] place: JsValue,
    ) -> Result<JsValue, JsValue> {
        let place = Arguments(place);
        let (x, y) = (place.number("x")?, place.number("y")?);
        Ok(to_js(&self.app.viewer.borrow().bin_at(x, y)))
    }

    /// Corners of a bin in environment units.
    #[wasm_bindgen(unchecked_return_type = "[x: number, y: number][]")]
    pub fn polygon(&self, bin: f64) -> JsValue {
        let viewer = self.app.viewer.borrow();
        to_js(&whole(bin).map_or_else(Vec::new, |bin| viewer.polygon(bin)))
    }

    /// A bin's centre and value, or null.
    #[wasm_bindgen(unchecked_return_type = "Bin | null")]
    pub fn bin(&self, bin: f64) -> JsValue {
        let viewer = self.app.viewer.borrow();
        to_js(&whole(bin).and_then(|bin| viewer.bin(bin)))
    }

    /// The pixel of a place in environment units, in what `pixels()` draws.
    #[wasm_bindgen(unchecked_return_type = "{ x: number; y: number }")]
    pub fn project(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ x: number; y: number; width?: number; height?: number }")]
        place: JsValue,
    ) -> Result<JsValue, JsValue> {
        let place = Arguments(place);
        let (x, y) = (place.number("x")?, place.number("y")?);
        let [x, y] = self.app.viewer.borrow().project([x, y], pixel_size(&place)?);
        Ok(object(&[("x", x.into()), ("y", y.into())]))
    }

    /// The current view, drawn offscreen at another size.
    #[wasm_bindgen(unchecked_return_type = "Promise<ImageData>")]
    pub fn pixels(
        &self,
        #[wasm_bindgen(unchecked_param_type = "{ width?: number; height?: number }")] size: JsValue,
    ) -> Result<js_sys::Promise, JsValue> {
        let size = Arguments(size);
        let canvas = self.app.viewer.borrow().canvas_size().device();
        let [width, height] = pixel_size(&size)?.unwrap_or(canvas).map(|side| side.max(1));
        let app = self.app.clone();
        Ok(promise(async move {
            let pixels = extras::pixels().await.map_err(|error| js_error(&error.into()))?;
            let read = {
                let (mut viewer, mut painter) = (app.viewer.borrow_mut(), app.painter.borrow_mut());
                let painter = painter.as_mut().map_err(|error| js_error(error))?;
                app.shape(painter, &viewer);
                let drawing = viewer.drawing_at([width, height]);
                pixels(painter, [width, height], &drawing)
            };
            let rgba = read.await.map_err(|error| js_error(&error))?;
            // A copy: of a slice, `ImageData` would keep a view of memory that is freed.
            let rgba = js_sys::Uint8ClampedArray::from(rgba.as_slice());
            Ok(ImageData::new_with_js_u8_clamped_array_and_sh(&rgba, width, height)?.into())
        }))
    }
}

/// `{width, height}` in pixels where both are given, reduced to what can be drawn.
fn pixel_size(size: &Arguments) -> Result<Option<[u32; 2]>, JsValue> {
    let pixels = |key| Ok::<_, JsValue>(size.optional(key)?.filter(|pixels| *pixels >= 0.0));
    let given = pixels("width")?.zip(pixels("height")?);
    Ok(given.map(|(width, height)| CanvasSize { css: [width.floor(), height.floor()], dpr: 1.0 }.device()))
}

fn whole(number: f64) -> Option<usize> {
    (number >= 0.0 && number.fract() == 0.0).then_some(number as usize)
}
