//! A folder on a web server.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use replayscope_zarr::array::{Format2, format2_node};
use replayscope_zarr::source::{ByteSource, SourceError, Span};
use ureq::http::{Response, header};
use ureq::{Agent, Body};

use super::WHOLE_LIMIT;

/// Characters of a path segment that are percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Timeout for a response in seconds.
const SILENCE: u32 = 30;

/// Opens a URL, with Zarr of format 2 as format 3.
pub fn open(url: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(SourceError::BadReference { reference: url.to_owned() });
    }
    Ok(Format2::over(Rc::new(HttpSource::new(url)), format2_node))
}

/// Reads objects below a URL by ranges.
#[derive(Debug, Clone)]
pub struct HttpSource {
    agent: Agent,
    /// Without query; ends in `/`.
    base: String,
    /// The address's query (`?token=…`), sent with every request, or empty.
    query: String,
}

impl HttpSource {
    /// A source below `url`, whose fragment is dropped. Reads nothing yet.
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_recv_response(Some(Duration::from_secs(u64::from(SILENCE))))
            .timeout_connect(Some(Duration::from_secs(u64::from(SILENCE))));
        Self::with_agent(url, config.build().into())
    }

    fn with_agent(url: &str, agent: Agent) -> Self {
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let (path, query) =
            url.split_once('?').map_or((url, String::new()), |(path, query)| (path, format!("?{query}")));
        Self { agent, base: format!("{}/", path.trim_end_matches('/')), query }
    }

    fn url(&self, key: &str) -> String {
        let path: Vec<String> =
            key.split('/').map(|part| utf8_percent_encode(part, SEGMENT).to_string()).collect();
        format!("{}{}{}", self.base, path.join("/"), self.query)
    }

    fn error(&self, key: &str, error: &ureq::Error) -> SourceError {
        let location = self.location(key);
        match error {
            ureq::Error::Timeout(_) => SourceError::TimedOut { seconds: SILENCE, location },
            ureq::Error::BadUri(_) => SourceError::BadReference { reference: location },
            other => SourceError::Unreachable { reason: other.to_string(), location },
        }
    }

    /// The response if it is a success, else its error.
    fn check(&self, key: &str, response: Response<Body>) -> Result<Response<Body>, SourceError> {
        let location = || self.location(key);
        match response.status().as_u16() {
            200 | 206 => Ok(response),
            404 | 410 => Err(SourceError::NotFound { location: location() }),
            status @ (401 | 403) => Err(SourceError::Forbidden { status, location: location() }),
            status => Err(SourceError::Status {
                status,
                retry_after: text(&response, &header::RETRY_AFTER).and_then(|value| value.parse().ok()),
                location: location(),
            }),
        }
    }

    fn read_now(&self, key: &str, span: &Span) -> Result<Vec<u8>, SourceError> {
        let mut request = self.agent.get(self.url(key));
        if let Span::Range(range) = span {
            request = request
                .header(header::RANGE, format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        }
        let response = request.call().map_err(|error| self.error(key, &error))?;
        let mut response = self.check(key, response)?;
        let limit = match span {
            Span::Whole => WHOLE_LIMIT,
            Span::Range(range) => {
                let (start, last, location) = (range.start, range.end.saturating_sub(1), self.location(key));
                if response.status() == 200 {
                    return Err(SourceError::RangeIgnored { start, last, location });
                }
                let got = text(&response, &header::CONTENT_RANGE);
                if !got.as_ref().is_some_and(|got| got.starts_with(&format!("bytes {start}-{last}/"))) {
                    let got = got.map_or_else(|| "missing".to_owned(), |got| format!("`{got}`"));
                    return Err(SourceError::WrongRange { start, last, got, location });
                }
                range.end - range.start
            }
        };
        // ureq refuses a body that reaches its limit, so one byte more is allowed and checked.
        let read = response.body_mut().with_config().limit(limit + 1).read_to_vec();
        let bytes = read.map_err(|error| self.error(key, &error))?;
        match span {
            Span::Range(_) if bytes.len() as u64 != limit => Err(SourceError::Short {
                wanted: limit,
                got: bytes.len() as u64,
                location: self.location(key),
            }),
            _ => Ok(bytes),
        }
    }

    fn size_now(&self, key: &str) -> Result<u64, SourceError> {
        let response = self.agent.head(self.url(key)).call().map_err(|error| self.error(key, &error))?;
        let response = self.check(key, response)?;
        let length = text(&response, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        length.ok_or_else(|| SourceError::Unreachable {
            reason: "the server does not say how long the file is".to_owned(),
            location: self.location(key),
        })
    }
}

impl ByteSource for HttpSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        ready(self.read_now(key, &span)).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        ready(self.size_now(key)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        if reference.contains("://") {
            return Ok(Rc::new(Self::with_agent(reference, self.agent.clone())));
        }
        // A path from the root of the host, or one below this folder; `..` is left to the server.
        let host_end = self.base.find("://").and_then(|at| Some(at + 3 + self.base[at + 3..].find('/')?));
        let url = match (reference.starts_with('/'), host_end) {
            (true, Some(end)) => format!("{}{reference}", &self.base[..end]),
            _ => format!("{}{reference}", self.base),
        };
        Ok(Rc::new(Self::with_agent(&url, self.agent.clone())))
    }

    fn location(&self, key: &str) -> String {
        // Without the query: messages are copied into mails, and a query may hold a token.
        format!("{}{key}", self.base)
    }
}

fn text(response: &Response<Body>, name: &header::HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}
