//! What is answered with, and its headers.

use http_body_util::combinators::UnsyncBoxBody;
use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};

/// What is sent.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;
/// An answer.
pub type Response<B = Body> = hyper::Response<B>;

/// A header value made here is always valid; one that came from a request and is not is left out.
pub fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
