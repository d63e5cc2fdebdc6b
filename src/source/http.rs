//! A byte source of a web server, by range requests of the browser's `fetch`.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, Response, Url};

use super::{ByteSource, SourceError, Span, asked_seconds};

/// Timeout for a response.
const SILENCE: Duration = Duration::from_secs(30);
/// Most bytes that are read at once: more would not fit beside the cache in 32-bit memory.
const WHOLE_LIMIT: u64 = 1 << 30;

/// Counters of the network traffic, for `stats()`.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests sent.
    pub requests: Cell<u64>,
    /// Body bytes received.
    pub bytes: Cell<u64>,
}

/// A folder on a web server.
#[derive(Debug)]
pub struct HttpSource {
    /// Absolute URL of the folder, without query; ends in `/`.
    base: String,
    /// The address's query (`?token=…`), sent with every request, or empty.
    query: String,
    traffic: Rc<Traffic>,
}

impl HttpSource {
    /// A source whose root is `url`, absolute or relative to `page`.
    pub fn new(url: &str, page: &str, traffic: Rc<Traffic>) -> Result<Self, SourceError> {
        let bad = || SourceError::BadReference { reference: url.to_owned() };
        let parsed = Url::new_with_base(url.trim(), page).map_err(|_| bad())?;
        if !matches!(parsed.protocol().as_str(), "http:" | "https:") {
            return Err(bad());
        }
        let query = parsed.search();
        parsed.set_search("");
        parsed.set_hash("");
        let base = format!("{}/", parsed.href().trim_end_matches('/'));
        Ok(Self { base, query, traffic })
    }

    /// A source whose root is the folder of the file at `url`, and the file's name.
    pub fn beside(url: &str, page: &str, traffic: Rc<Traffic>) -> Result<(Self, String), SourceError> {
        let mut source = Self::new(url, page, traffic)?;
        let whole = source.base.trim_end_matches('/');
        let at = whole.rfind('/').map_or(0, |at| at + 1);
        let name =
            js_sys::decode_uri_component(&whole[at..]).map_or_else(|_| whole[at..].to_owned(), Into::into);
        source.base.truncate(at);
        Ok((source, name))
    }

    fn url(&self, key: &str) -> String {
        let path =
            key.split('/').map(|part| js_sys::encode_uri_component(part).into()).collect::<Vec<String>>();
        format!("{}{}{}", self.base, path.join("/"), self.query)
    }

    async fn fetch(
        &self,
        key: &str,
        method: &str,
        range: Option<&str>,
    ) -> Result<(Response, Abort), SourceError> {
        let location = || self.location(key);
        let sent = self.send(key, method, range);
        let (answer, abort) = sent.map_err(|error| unreachable(&error, location()))?;
        let answer = match select(JsFuture::from(answer), sleep(SILENCE)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                return Err(SourceError::TimedOut {
                    seconds: SILENCE.as_secs() as u32,
                    location: location(),
                });
            }
        };
        let response: Response =
            answer.and_then(JsCast::dyn_into).map_err(|error| unreachable(&error, location()))?;
        match response.status() {
            200 | 206 => Ok((response, abort)),
            404 | 410 => Err(SourceError::NotFound { location: location() }),
            status @ (401 | 403) => Err(SourceError::Forbidden { status, location: location() }),
            status => {
                Err(SourceError::Status { status, retry_after: retry_after(&response), location: location() })
            }
        }
    }

    fn send(
        &self,
        key: &str,
        method: &str,
        range: Option<&str>,
    ) -> Result<(js_sys::Promise, Abort), JsValue> {
        let abort = Abort(AbortController::new()?);
        let init = RequestInit::new();
        init.set_method(method);
        init.set_signal(Some(&abort.0.signal()));
        // The browser's cache serialises concurrent ranges of one URL, so it is not used (docs/architecture.md).
        init.set_cache(RequestCache::NoStore);
        if let Some(range) = range {
            let headers = web_sys::Headers::new()?;
            headers.set("Range", range)?;
            init.set_headers(&headers);
        }
        self.traffic.requests.set(self.traffic.requests.get() + 1);
        Ok((fetch(&self.url(key), &init)?, abort))
    }

    async fn body(
        &self,
        response: &Response,
        key: &str,
        wanted: Option<u64>,
    ) -> Result<Vec<u8>, SourceError> {
        let location = || self.location(key);
        let interrupted = |_| SourceError::Interrupted {
            wanted: wanted.map_or_else(|| "an unknown number of".to_owned(), |bytes| bytes.to_string()),
            location: location(),
        };
        let promise = response.array_buffer().map_err(interrupted)?;
        let buffer = match select(JsFuture::from(promise), sleep(SILENCE * 4)).await {
            Either::Left((buffer, _)) => buffer.map_err(interrupted)?,
            Either::Right(_) => {
                return Err(SourceError::TimedOut {
                    seconds: SILENCE.as_secs() as u32 * 4,
                    location: location(),
                });
            }
        };
        let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
        self.traffic.bytes.set(self.traffic.bytes.get() + bytes.len() as u64);
        match wanted {
            Some(wanted) if wanted != bytes.len() as u64 => {
                Err(SourceError::Short { wanted, got: bytes.len() as u64, location: location() })
            }
            _ => Ok(bytes),
        }
    }

    async fn read_span(&self, key: &str, span: Span) -> Result<Vec<u8>, SourceError> {
        let bytes = match &span {
            Span::Whole => None,
            Span::Range(range) => Some(format!("bytes={}-{}", range.start, range.end - 1)),
        };
        let (response, _abort) = self.fetch(key, "GET", bytes.as_deref()).await?;
        let wanted = match span {
            // With Content-Encoding the announced length is that of the encoded body, so it is not checked.
            Span::Whole => self.check_whole(&response, key).map(|()| None),
            Span::Range(range) => {
                self.check_range(&response, key, &range).map(|()| Some(range.end - range.start))
            }
        };
        self.body(&response, key, wanted?).await
    }

    fn check_range(&self, response: &Response, key: &str, range: &Range<u64>) -> Result<(), SourceError> {
        let (start, last, location) = (range.start, range.end - 1, self.location(key));
        if response.status() == 200 {
            return Err(SourceError::RangeIgnored { start, last, location });
        }
        let expected = format!("bytes {start}-{last}/");
        match header(response, "Content-Range") {
            Some(range) if range.starts_with(&expected) => Ok(()),
            // Across origins the header is hidden unless the server exposes it; the length is checked in any case.
            None if response.type_() == web_sys::ResponseType::Cors => Ok(()),
            range => {
                let got = range.map_or_else(|| "missing".to_owned(), |range| format!("`{range}`"));
                Err(SourceError::WrongRange { start, last, got, location })
            }
        }
    }

    fn check_whole(&self, response: &Response, key: &str) -> Result<(), SourceError> {
        match length(response) {
            Some(size) if size > WHOLE_LIMIT => {
                Err(SourceError::TooLarge { size, limit: WHOLE_LIMIT, location: self.location(key) })
            }
            _ => Ok(()),
        }
    }

    async fn read_size(&self, key: &str) -> Result<u64, SourceError> {
        let (response, _abort) = self.fetch(key, "HEAD", None).await?;
        length(&response).ok_or_else(|| SourceError::Short {
            wanted: 1,
            got: 0,
            location: format!("{} (HEAD without Content-Length)", self.location(key)),
        })
    }
}

impl ByteSource for HttpSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        self.read_span(key, span).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.read_size(key).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        Ok(Rc::new(Self::new(reference, &self.base, self.traffic.clone())?))
    }

    fn location(&self, key: &str) -> String {
        // Without the query: messages are copied into mails, and a query may hold a token.
        format!("{}{key}", self.base)
    }
}

/// Aborts the request when dropped; does nothing once the response is complete.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// Seconds of the header `Retry-After`; a date is compared with the server's own clock, where the header `Date` gives it.
fn retry_after(response: &Response) -> Option<u32> {
    let now = header(response, "Date").map_or_else(js_sys::Date::now, |now| js_sys::Date::parse(&now));
    asked_seconds(&header(response, "Retry-After")?, now, js_sys::Date::parse)
}

/// The announced length of the body in bytes.
fn length(response: &Response) -> Option<u64> {
    header(response, "Content-Length")?.parse().ok()
}

fn unreachable(error: &JsValue, location: String) -> SourceError {
    let reason =
        error.dyn_ref::<js_sys::Error>().map_or_else(|| "no reason given".to_owned(), |e| e.message().into());
    SourceError::Unreachable { reason, location }
}

// Functions of the global scope: a window or a worker.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(act: &js_sys::Function, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A timer that is cleared when dropped.
struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

/// Waits by the platform's timer, for 24 days at most; dropping the future clears the timer.
pub fn sleep(wait: Duration) -> LocalBoxFuture<'static, ()> {
    let milliseconds = (wait.as_secs_f64() * 1e3).min(f64::from(i32::MAX));
    let mut timer = Timer(JsValue::UNDEFINED);
    let rings = js_sys::Promise::new(&mut |resolve, _| timer.0 = set_timeout(&resolve, milliseconds));
    async move {
        let _timer = timer;
        // A timer does not fail.
        let _ = JsFuture::from(rings).await;
    }
    .boxed_local()
}
