//! The connections that are open: few enough that files can still be opened beside them, and none silent for ever.
//!
//! Whoever says nothing may be gone, or may mean to use the server up. So a place, or a file descriptor, that is needed
//! is taken back from those that have been silent the longest; others are never turned away.

use std::convert::Infallible;
use std::io::{Error, ErrorKind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::select;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::response::Response;

/// Most connections at a time: with a file open for each of them, half of the 1,024 descriptors that a program usually has.
const MOST: usize = 256;
/// A request has this long to come whole, from the end of the one before.
const HEADERS: Duration = Duration::from_secs(10);
/// An answer of which nothing can be sent for this long is given up; slow networks hold megabytes on their way.
const STALLED: Duration = Duration::from_secs(300);
/// When the system has nothing to give, it is asked again after this long, and of a file so often.
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: u32 = 50;

/// What makes the response to a request.
pub trait Answer: Clone + Send + Sync + 'static {
    /// The response.
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response> + Send + 'static;
}

/// All of them.
#[derive(Debug)]
pub struct Connections {
    began: Instant,
    open: Mutex<Vec<Connection>>,
}

/// One of them, and what ends it.
#[derive(Debug)]
struct Connection {
    sign: Arc<Sign>,
    task: AbortHandle,
}

/// When a connection last did something, in milliseconds since the server began, and whether it is being answered.
#[derive(Debug)]
struct Sign {
    began: Instant,
    last: AtomicU64,
    answering: AtomicBool,
}

impl Sign {
    fn touch(&self) {
        self.last.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn last(&self) -> Duration {
        Duration::from_millis(self.last.load(Ordering::Relaxed))
    }

    /// Returns when nothing has been done for [`STALLED`].
    async fn stalls(&self) {
        loop {
            let silent = self.began.elapsed().saturating_sub(self.last());
            match STALLED.checked_sub(silent) {
                None | Some(Duration::ZERO) => return,
                Some(left) => tokio::time::sleep(left).await,
            }
        }
    }
}

/// An answer that is on its way.
struct Answering(Arc<Sign>);

impl Answering {
    fn new(sign: Arc<Sign>) -> Self {
        sign.answering.store(true, Ordering::Relaxed);
        sign.touch();
        Self(sign)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.store(false, Ordering::Relaxed);
        self.0.touch();
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self { began: Instant::now(), open: Mutex::default() }
    }
}

impl Connections {
    /// Opens something that takes a descriptor; where there is none left, after one has been taken back.
    pub async fn open<T, F: Future<Output = Result<T, Error>>>(
        &self,
        open: impl Fn() -> F,
    ) -> Result<T, Error> {
        let mut tries = 1;
        loop {
            match open().await {
                Err(error) if is_used_up(&error) && tries < TRIES => self.pause().await,
                opened => return opened,
            }
            tries += 1;
        }
    }

    /// Takes back a quarter of what is open, and lets that happen.
    async fn pause(&self) {
        let open = self.lock().len();
        self.take_back(open.div_ceil(4));
        tokio::time::sleep(PAUSE).await;
    }

    /// Ends so many: first those that wait for a request, those that have been silent the longest first.
    fn take_back(&self, count: usize) {
        let mut open = self.lock();
        // Each key is read once: connections change theirs meanwhile, and sorting panics where the order contradicts itself.
        open.sort_by_cached_key(|one| (one.sign.answering.load(Ordering::Relaxed), one.sign.last()));
        let count = count.min(open.len());
        open.drain(..count).for_each(|one| one.task.abort());
    }

    fn begin(&self, stream: TcpStream, answer: impl Answer) {
        let sign =
            Arc::new(Sign { began: self.began, last: AtomicU64::new(0), answering: AtomicBool::new(false) });
        sign.touch();
        let open = {
            let mut open = self.lock();
            open.retain(|one| !one.task.is_finished());
            open.len()
        };
        self.take_back((open + 1).saturating_sub(MOST));
        let task = tokio::spawn(converse(stream, answer, sign.clone())).abort_handle();
        self.lock().push(Connection { sign, task });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error says that no descriptor is left, here (24, on Windows 10024) or on the whole machine (23).
pub fn is_used_up(error: &Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}

/// Answers whoever connects, until the process ends: an error is one connection's, or the system's and passes.
pub async fn accept(listener: &TcpListener, connections: &Connections, answer: impl Answer) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connections.begin(stream, answer.clone()),
            // That one has gone again.
            Err(error)
                if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(_) => connections.pause().await,
        }
    }
}

/// Answers the requests that come over a connection, one after the other.
async fn converse(stream: TcpStream, answer: impl Answer, sign: Arc<Sign>) {
    let service = service_fn(|request: Request<Incoming>| {
        let (response, answering) = (answer.answer(request), Answering::new(sign.clone()));
        async move {
            let response = response.await;
            // The answer ends with its body.
            let sent = move |frame| {
                answering.0.touch();
                frame
            };
            Ok::<_, Infallible>(response.map(|body| body.map_frame(sent)))
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    // Whoever broke it off has been told, or has gone.
    _ = select(pin!(connection), pin!(sign.stalls())).await;
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// Where each is asked more than once, the order contradicts itself, and sorting panics.
    #[test]
    fn connections_are_taken_back_while_they_go_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let connections = Connections::default();
        let sign =
            || Sign { began: connections.began, last: AtomicU64::new(0), answering: AtomicBool::new(false) };
        let signs: Vec<Arc<Sign>> = (0..MOST).map(|_| Arc::new(sign())).collect();
        let open = |sign: &Arc<Sign>| Connection {
            sign: sign.clone(),
            task: runtime.spawn(pending::<()>()).abort_handle(),
        };
        connections.lock().extend(signs.iter().map(open));
        let go_on = std::thread::spawn(move || {
            let mut now = 1_u64;
            for sign in signs.iter().cycle().take(400_000 * MOST) {
                now = now.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                sign.last.store(now >> 44, Ordering::Relaxed);
                sign.answering.store(now >> 63 == 0, Ordering::Relaxed);
            }
        });
        while !go_on.is_finished() {
            connections.take_back(0);
        }
        connections.take_back(10);
        assert_eq!(connections.lock().len(), MOST - 10);
    }
}
