//! Responses: files in full and in part, errors, and cross-origin headers.

use std::io::SeekFrom;
use std::path::Path;
use std::time::UNIX_EPOCH;

use futures_util::TryStreamExt;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::connections::{Connections, is_used_up};
use super::kind::Kind;
use super::ranges::{self, RequestedRange};
use super::response::{Body, Response, set};

/// A body of bytes.
fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// The response with a file that was requested as `name`, with `Range`, `HEAD` and `ETag`.
pub async fn file(path: &Path, name: &str, request: &Parts, connections: &Connections) -> Response {
    let mut file = match connections.open(|| tokio::fs::File::open(path)).await {
        Ok(file) => file,
        Err(error) if is_used_up(&error) => return too_busy(),
        Err(_) => {
            return text(
                StatusCode::FORBIDDEN,
                "The server may not read this file; check its permissions.\n",
            );
        }
    };
    let Ok(about) = file.metadata().await else {
        return not_found(request.uri.path());
    };
    let modified =
        about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let etag = format!("\"{:x}-{:x}\"", about.len(), modified.as_nanos());

    let head = match negotiate(&request.headers, about.len(), &etag, Kind::Data, name) {
        Ok(head) => head,
        Err(response) => return *response,
    };
    let body = if request.method == Method::HEAD {
        full("")
    } else {
        let length = head.range.end - head.range.start;
        if file.seek(SeekFrom::Start(head.range.start)).await.is_err() {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n");
        }
        let stream = ReaderStream::with_capacity(file.take(length), 256 << 10).map_ok(Frame::data);
        StreamBody::new(stream).boxed_unsync()
    };
    head.finish(body)
}

/// The response with bytes in memory, like [`file()`].
pub fn bytes(bytes: &Bytes, etag: &str, kind: Kind, name: &str, request: &Parts) -> Response {
    match negotiate(&request.headers, bytes.len() as u64, etag, kind, name) {
        Ok(head) if request.method == Method::HEAD => head.finish(full("")),
        Ok(head) => {
            let range = head.range.start as usize..head.range.end as usize;
            head.finish(full(bytes.slice(range)))
        }
        Err(response) => *response,
    }
}

/// A response without its body.
struct Head {
    response: Response<()>,
    range: std::ops::Range<u64>,
}

impl Head {
    fn finish(self, body: Body) -> Response {
        self.response.map(|()| body)
    }
}

/// Chooses between 200, 206, 304 and 416.
fn negotiate(
    headers: &HeaderMap,
    length: u64,
    etag: &str,
    kind: Kind,
    name: &str,
) -> Result<Head, Box<Response>> {
    let mut response = Response::new(());
    let out = response.headers_mut();
    set(out, header::ETAG, etag);
    // Browsers must revalidate: a session that is written again keeps its URL.
    set(out, header::CACHE_CONTROL, "no-cache");
    let asked = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let matches = |list: &str| {
        list.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
    };
    if asked(header::IF_NONE_MATCH).is_some_and(matches) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Err(Box::new(response.map(|()| full(""))));
    }
    kind.add_headers(name, out);
    set(out, header::ACCEPT_RANGES, "bytes");

    // If-Range: a part is sent only if the client has the rest of the same version.
    let same = asked(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let range = match asked(header::RANGE)
        .filter(|_| same)
        .map_or(RequestedRange::Whole, |range| ranges::parse(range, length))
    {
        RequestedRange::Whole => 0..length,
        RequestedRange::Part(range) => {
            set(out, header::CONTENT_RANGE, &format!("bytes {}-{}/{length}", range.start, range.end - 1));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            range
        }
        RequestedRange::Unsatisfiable => {
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

/// The response 404, which for a chunk is no error: the chunk has the fill value.
pub fn not_found(path: &str) -> Response {
    text(StatusCode::NOT_FOUND, &format!("Nothing is served at {path}\n"))
}

/// The response 405 for a method that is not supported.
pub fn wrong_method() -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Files are read with GET and HEAD.\n");
    set(response.headers_mut(), header::ALLOW, "GET, HEAD, OPTIONS");
    response
}

/// The response to OPTIONS; without the headers of [`add_cross_origin`] it allows nothing.
pub fn preflight() -> Response {
    let mut response = Response::new(full(""));
    *response.status_mut() = StatusCode::NO_CONTENT;
    set(response.headers_mut(), header::ALLOW, "GET, HEAD, OPTIONS");
    response
}

/// A short plain message.
pub fn text(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(full(message.to_owned()));
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Kind::Data.limit(response.headers_mut());
    response
}

/// The response 503: the client may retry.
fn too_busy() -> Response {
    let message = "So many connections are open that no file can be opened; try again.\n";
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, message);
    set(response.headers_mut(), header::RETRY_AFTER, "1");
    response
}

/// Allows pages of allowed origins to read a response, also an error: a missing chunk is data too.
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
        // Chromium requires this for a public page that reads from a private network.
        set(headers, HeaderName::from_static("access-control-allow-private-network"), "true");
    }
}
