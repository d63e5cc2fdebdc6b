//! What the browser's window says.

/// What relative addresses are relative to.
pub fn page() -> String {
    web_sys::window().and_then(|window| window.document()?.base_uri().ok()?).unwrap_or_default()
}

/// An address in full; what cannot be an address stays as it is, and is told as that where it is read.
pub fn absolute(url: &str) -> String {
    web_sys::Url::new_with_base(url, &page()).map_or_else(|_| url.to_owned(), |url| url.href())
}

/// Wall time in seconds. The argument of an animation frame is synthetic in some browsers.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1e3)
}
