//! Answers: files whole and in part, refusals, and who may read them.

use std::io::SeekFrom;
use std::path::Path;
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::ranges::{self, Asked};

/// A file of the folder: `Range`, `HEAD`, `ETag`.
pub async fn file(path: &Path, request: &Parts) -> Response {
    let Ok(mut file) = tokio::fs::File::open(path).await else {
        return text(StatusCode::FORBIDDEN, "The server may not read this file; check its permissions.\n");
    };
    let Ok(about) = file.metadata().await else {
        return not_found(request.uri.path());
    };
    let modified =
        about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let etag = format!("\"{:x}-{:x}\"", about.len(), modified.as_nanos());
    let content_type = content_type(path.file_name().and_then(|name| name.to_str()).unwrap_or_default());

    let head = match negotiate(&request.headers, about.len(), &etag, content_type) {
        Ok(head) => head,
        Err(response) => return *response,
    };
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        let length = head.range.end - head.range.start;
        if file.seek(SeekFrom::Start(head.range.start)).await.is_err() {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n");
        }
        Body::from_stream(ReaderStream::with_capacity(file.take(length), 256 << 10))
    };
    head.finish(body)
}

/// Bytes in memory, answered like a file.
pub fn bytes(bytes: &Bytes, etag: &str, name: &str, request: &Parts) -> Response {
    match negotiate(&request.headers, bytes.len() as u64, etag, content_type(name)) {
        Ok(head) if request.method == Method::HEAD => head.finish(Body::empty()),
        Ok(head) => {
            let range = head.range.start as usize..head.range.end as usize;
            head.finish(Body::from(bytes.slice(range)))
        }
        Err(response) => *response,
    }
}

/// A response whose body is still to come.
struct Head {
    response: Response<()>,
    range: std::ops::Range<u64>,
}

impl Head {
    fn finish(self, body: Body) -> Response {
        self.response.map(|()| body)
    }
}

/// Decides between 200, 206, 304 and 416.
fn negotiate(
    headers: &HeaderMap,
    length: u64,
    etag: &str,
    content_type: &'static str,
) -> Result<Head, Box<Response>> {
    let mut response = Response::new(());
    let out = response.headers_mut();
    set(out, header::ETAG, etag);
    // Ask again each time: a session that is written anew keeps its URL.
    set(out, header::CACHE_CONTROL, "no-cache");
    let asked = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let matches = |list: &str| {
        list.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
    };
    if asked(header::IF_NONE_MATCH).is_some_and(matches) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Err(Box::new(response.map(|()| Body::empty())));
    }
    set(out, header::CONTENT_TYPE, content_type);
    set(out, header::ACCEPT_RANGES, "bytes");

    // If-Range: a part is of use only to someone who has the same version already.
    let same = asked(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let range = match asked(header::RANGE)
        .filter(|_| same)
        .map_or(Asked::Whole, |range| ranges::parse(range, length))
    {
        Asked::Whole => 0..length,
        Asked::Part(range) => {
            set(out, header::CONTENT_RANGE, &format!("bytes {}-{}/{length}", range.start, range.end - 1));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            range
        }
        Asked::Unsatisfiable => {
            let mut refusal = text(
                StatusCode::RANGE_NOT_SATISFIABLE,
                &format!("The file has {length} bytes and none of those asked for.\n"),
            );
            set(refusal.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{length}"));
            return Err(Box::new(refusal));
        }
    };
    set(response.headers_mut(), header::CONTENT_LENGTH, &(range.end - range.start).to_string());
    Ok(Head { response, range })
}

/// 404; for a chunk that is no error, it is how Zarr says "fill value".
pub fn not_found(path: &str) -> Response {
    text(StatusCode::NOT_FOUND, &format!("Nothing is served at {path}\n"))
}

/// 405.
pub fn wrong_method() -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Files are read with GET and HEAD.\n");
    set(response.headers_mut(), header::ALLOW, "GET, HEAD, OPTIONS");
    response
}

/// The answer to OPTIONS; without the headers of [`add_cross_origin`] it allows nothing.
pub fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    set(response.headers_mut(), header::ALLOW, "GET, HEAD, OPTIONS");
    response
}

/// A short plain message.
pub fn text(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(Body::from(message.to_owned()));
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

/// Lets the pages of allowed origins read this answer, refusals included: a missing chunk is data too.
pub fn add_cross_origin(response: &mut Response, request: &Parts, allowed: &[String]) {
    let headers = response.headers_mut();
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if allowed.is_empty() {
        set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        return;
    }
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    set(headers, header::VARY, "Origin");
    let Some(origin) = request.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return;
    };
    if !allowed.iter().any(|one| one == "*" || one == origin) {
        return;
    }
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "Accept-Ranges, Content-Length, Content-Range, ETag");
    if request.method == Method::OPTIONS {
        set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
        set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "Range, If-Range, If-None-Match, Cache-Control");
        set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
        // A public page that reads from a private network is asked for this as well (Chromium).
        set(headers, HeaderName::from_static("access-control-allow-private-network"), "true");
    }
}

/// A header value made here is always valid; one that came from a request and is not is left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// By ending; WebAssembly and modules are refused by browsers under any other type.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map" | "zarray" | "zgroup" | "zattrs" | "zmetadata") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "md" | "csv") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
