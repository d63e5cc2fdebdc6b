//! Asks again when a server or the network fails for a moment.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{ByteSource, Span};
use crate::error::Error;
use crate::error::SourceError;
use crate::json::Json;

/// How long to wait between tries: exponential, with jitter so that many viewers do not ask in step.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Tries in all, the first included.
    pub tries: u32,
    /// Wait before the second try; doubles each time.
    pub first: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { tries: 4, first: Duration::from_millis(250) }
    }
}

impl Backoff {
    /// Wait after failed try number `tried` (1 for the first), or `None` when that was the last or the error is final.
    ///
    /// `jitter` in 0…1 scales the wait to between half and all of it; a longer `Retry-After` is honoured as it is.
    pub fn wait(&self, tried: u32, error: &SourceError, jitter: f64) -> Option<Duration> {
        if tried >= self.tries || !error.is_transient() {
            return None;
        }
        let own = (self.first * 2_u32.pow(tried - 1)).mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0));
        Some(own.max(Duration::from_secs(error.asked_to_wait().unwrap_or_default().into())))
    }
}

/// Waits for so long after such a failure, before the read is asked for again.
pub type Sleep = Rc<dyn Fn(Duration, &SourceError) -> LocalBoxFuture<'static, ()>>;
/// A random number in 0…1.
pub type Jitter = Rc<dyn Fn() -> f64>;

/// A source that retries transient failures of another.
#[derive(Clone)]
pub struct RetryingSource {
    inner: Rc<dyn ByteSource>,
    backoff: Backoff,
    sleep: Sleep,
    jitter: Jitter,
}

impl RetryingSource {
    /// Wraps `inner`.
    pub fn new(inner: Rc<dyn ByteSource>, backoff: Backoff, sleep: Sleep, jitter: Jitter) -> Self {
        Self { inner, backoff, sleep, jitter }
    }

    async fn attempt<'a, T>(
        &'a self,
        ask: impl Fn() -> LocalBoxFuture<'a, Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        let mut tried = 0;
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tried += 1;
            match self.backoff.wait(tried, &error, (self.jitter)()) {
                Some(wait) => (self.sleep)(wait, &error).await,
                None => return Err(error),
            }
        }
    }
}

impl ByteSource for RetryingSource {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        self.attempt(move || self.inner.read(key, span.clone())).boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.attempt(move || self.inner.size(key)).boxed_local()
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        Ok(Rc::new(Self { inner: self.inner.open(reference)?, ..self.clone() }))
    }

    fn node<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<Option<Json>, Error>> {
        self.inner.node(path)
    }

    fn location(&self, key: &str) -> String {
        self.inner.location(key)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use futures_util::future::ready;

    use super::*;

    /// Fails as scripted, then answers.
    struct Flaky(RefCell<VecDeque<SourceError>>);

    impl ByteSource for Flaky {
        fn read<'a>(&'a self, _: &'a str, _: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
            ready(self.0.borrow_mut().pop_front().map_or_else(|| Ok(vec![7]), Err)).boxed_local()
        }
        fn size<'a>(&'a self, _: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
            ready(Ok(1)).boxed_local()
        }
        fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
            Err(SourceError::BadReference { reference: reference.to_owned() })
        }
        fn location(&self, key: &str) -> String {
            key.to_owned()
        }
    }

    fn status(status: u16, retry_after: Option<u32>) -> SourceError {
        SourceError::Status { status, retry_after, location: String::new() }
    }

    fn read(failures: Vec<SourceError>) -> (Result<Vec<u8>, SourceError>, Vec<Duration>) {
        let waits = Rc::new(RefCell::new(Vec::new()));
        let log = waits.clone();
        let sleep: Sleep = Rc::new(move |wait, _| {
            log.borrow_mut().push(wait);
            ready(()).boxed_local()
        });
        let source = RetryingSource::new(
            Rc::new(Flaky(RefCell::new(failures.into()))),
            Backoff::default(),
            sleep,
            Rc::new(|| 1.0),
        );
        let answer = futures_executor::block_on(source.read("a", Span::Whole));
        let waits = waits.borrow().clone();
        (answer, waits)
    }

    #[test]
    fn waits_double_and_the_fourth_try_is_the_last() {
        let (answer, waits) = read(vec![status(503, None); 3]);
        assert_eq!(answer, Ok(vec![7]));
        assert_eq!(waits, [250, 500, 1000].map(Duration::from_millis));
        let (answer, waits) = read(vec![status(503, None); 4]);
        assert_eq!(answer, Err(status(503, None)));
        assert_eq!(waits.len(), 3);
    }

    #[test]
    fn retry_after_is_honoured_and_shortens_nothing() {
        assert_eq!(read(vec![status(429, Some(2))]).1, [Duration::from_secs(2)]);
        assert_eq!(read(vec![status(429, Some(4000))]).1, [Duration::from_secs(4000)]);
        // “At once” is no reason to ask in a loop.
        let waits = [250, 500, 1000].map(Duration::from_millis);
        assert_eq!(read(vec![status(503, Some(0)); 3]).1, waits);
    }

    #[test]
    fn a_refusal_is_final() {
        let refused = SourceError::Forbidden { status: 403, location: String::new() };
        assert_eq!(read(vec![refused.clone()]), (Err(refused), vec![]));
        assert_eq!(read(vec![status(418, None)]), (Err(status(418, None)), vec![]));
    }
}
