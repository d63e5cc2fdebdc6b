//! Address of the page, and time, from the browser's window.

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
