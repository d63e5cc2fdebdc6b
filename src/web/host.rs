//! What the browser gives: its window, promises, tasks.

use futures_util::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

/// The URL that relative addresses are relative to.
pub fn page() -> String {
    web_sys::window().and_then(|window| window.document()?.base_uri().ok()?).unwrap_or_default()
}

/// Makes an address absolute. A text that is no address stays as it is: reading it fails with an error that says so.
pub fn absolute(url: &str) -> String {
    web_sys::Url::new_with_base(url, &page()).map_or_else(|_| url.to_owned(), |url| url.href())
}

/// Wall time in seconds. The argument of an animation frame is synthetic in some browsers.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1e3)
}

/// A promise of what a future gives. Boxed, so that the machinery of promises is compiled once and not for each future.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> js_sys::Promise {
    let future: LocalBoxFuture<'static, Result<JsValue, JsValue>> = Box::pin(future);
    future_to_promise(future)
}

/// Runs a future to its end.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: LocalBoxFuture<'static, ()> = Box::pin(future);
    spawn_local(future);
}
