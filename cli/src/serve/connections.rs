//! Limits open connections, so that files can still be opened beside them, and closes idle ones.
//!
//! An idle client may be gone, or may try to exhaust the server. So a connection or a file descriptor that is needed is taken from the
//! connections that have been idle the longest; new clients are never refused.

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

/// Most connections at a time: with a file open for each, half of the 1,024 descriptors that a process usually has.
const MOST: usize = 256;
/// Timeout for the headers of a request, from the end of the previous one.
const HEADERS: Duration = Duration::from_secs(10);
/// Timeout for a response of which nothing can be sent; slow networks buffer megabytes.
const STALLED: Duration = Duration::from_secs(300);
/// Wait before a retry when no descriptor is left, and most retries for a file.
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

/// A connection and the means to end it.
#[derive(Debug)]
struct Connection {
    activity: Arc<Activity>,
    task: AbortHandle,
}

/// Time of a connection's last activity, in milliseconds since the server's start, and whether a response is being sent.
#[derive(Debug)]
struct Activity {
    began: Instant,
    last: AtomicU64,
    answering: AtomicBool,
}

impl Activity {
    fn touch(&self) {
        self.last.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn last(&self) -> Duration {
        Duration::from_millis(self.last.load(Ordering::Relaxed))
    }

    /// Returns once there has been no activity for [`STALLED`].
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

/// Marks a response as being sent until dropped.
struct Answering(Arc<Activity>);

impl Answering {
    fn new(activity: Arc<Activity>) -> Self {
        activity.answering.store(true, Ordering::Relaxed);
        activity.touch();
        Self(activity)
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
    /// Runs an operation that needs a descriptor; where none is left, closes idle connections and retries.
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

    /// Closes a quarter of the open connections and yields, so that they end.
    async fn pause(&self) {
        let open = self.lock().len();
        self.take_back(open.div_ceil(4));
        tokio::time::sleep(PAUSE).await;
    }

    /// Ends a number of connections: those that wait for a request first, of these the longest idle first.
    fn take_back(&self, count: usize) {
        let mut open = self.lock();
        // Each key is read once: connections change theirs concurrently, and sorting panics on an inconsistent order.
        open.sort_by_cached_key(|one| (one.activity.answering.load(Ordering::Relaxed), one.activity.last()));
        let count = count.min(open.len());
        open.drain(..count).for_each(|one| one.task.abort());
    }

    fn begin(&self, stream: TcpStream, answer: impl Answer) {
        let activity = Arc::new(Activity {
            began: self.began,
            last: AtomicU64::new(0),
            answering: AtomicBool::new(false),
        });
        activity.touch();
        let open = {
            let mut open = self.lock();
            open.retain(|one| !one.task.is_finished());
            open.len()
        };
        self.take_back((open + 1).saturating_sub(MOST));
        let task = tokio::spawn(serve_connection(stream, answer, activity.clone())).abort_handle();
        self.lock().push(Connection { activity, task });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error means that no descriptor is left, in this process (24, on Windows 10024) or on the machine (23).
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
async fn serve_connection(stream: TcpStream, answer: impl Answer, activity: Arc<Activity>) {
    let service = service_fn(|request: Request<Incoming>| {
        let (response, answering) = (answer.answer(request), Answering::new(activity.clone()));
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
    // The client has got an error response, or is gone.
    _ = select(pin!(connection), pin!(activity.stalls())).await;
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// If keys were read more than once, the order would be inconsistent, and sorting would panic.
    #[test]
    fn connections_are_taken_back_while_they_go_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let connections = Connections::default();
        let activity = || Activity {
            began: connections.began,
            last: AtomicU64::new(0),
            answering: AtomicBool::new(false),
        };
        let signs: Vec<Arc<Activity>> = (0..MOST).map(|_| Arc::new(activity())).collect();
        let open = |activity: &Arc<Activity>| Connection {
            activity: activity.clone(),
            task: runtime.spawn(pending::<()>()).abort_handle(),
        };
        connections.lock().extend(signs.iter().map(open));
        let go_on = std::thread::spawn(move || {
            let mut now = 1_u64;
            for activity in signs.iter().cycle().take(400_000 * MOST) {
                now = now.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                activity.last.store(now >> 44, Ordering::Relaxed);
                activity.answering.store(now >> 63 == 0, Ordering::Relaxed);
            }
        });
        while !go_on.is_finished() {
            connections.take_back(0);
        }
        connections.take_back(10);
        assert_eq!(connections.lock().len(), MOST - 10);
    }
}
