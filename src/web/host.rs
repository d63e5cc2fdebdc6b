//! What the browser's window says.

/// What relative addresses are relative to.
pub fn page() -> String {
    web_sys::window().and_then(|window| window.document()?.base_uri().ok()?).unwrap_or_default()
}

/// Wall time in seconds. The argument of an animation frame is synthetic in some browsers.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1e3)
}
