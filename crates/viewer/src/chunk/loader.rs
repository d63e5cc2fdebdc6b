//! Fetches requested chunks, decodes them and keeps them: the queue and the cache, driven by futures.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;
use replayscope_session::ChunkId;
use replayscope_zarr::array::{Array, Decoded, Encoded};
use replayscope_zarr::futures::{Abort, abortable};

use crate::chunk::cache::Cache;
use crate::chunk::queue::{ChunkRequest, Priority, Queue};
use crate::error::Error;

/// Decodes a chunk's bytes, in this thread or in a worker.
pub type Decode = Rc<dyn Fn(Rc<Array>, Encoded) -> LocalBoxFuture<'static, Result<Decoded, Error>>>;

/// The services of the host that a loader uses.
#[derive(Clone)]
pub struct Platform {
    /// Runs a future to its end on the host's executor.
    pub spawn: Rc<dyn Fn(LocalBoxFuture<'static, ()>)>,
    /// Wall time in seconds.
    pub now: fn() -> f64,
    /// Decodes a chunk.
    pub decode: Decode,
}

impl Platform {
    /// A platform that decodes in the calling thread.
    pub fn inline(spawn: Rc<dyn Fn(LocalBoxFuture<'static, ()>)>, now: fn() -> f64) -> Self {
        let decode = |array: Rc<Array>, encoded: Encoded| {
            Box::pin(async move { Ok(array.decode(&encoded)?) }) as LocalBoxFuture<'static, _>
        };
        Self { spawn, now, decode: Rc::new(decode) }
    }
}

/// Weight of the latest chunk in the moving average of load times.
const LATEST: f64 = 0.3;

/// A chunk whose load has ended.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The chunk.
    pub id: ChunkId,
    /// The decoded values, or the error.
    pub result: Result<Rc<Decoded>, Error>,
}

/// Loads the chunks of a session's arrays and caches them. Clones share one queue and one cache.
#[derive(Clone)]
pub struct Loader {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    arrays: Vec<Rc<Array>>,
    queue: Queue,
    cache: Cache<ChunkId, Rc<Decoded>>,
    tasks: Vec<(ChunkId, Abort)>,
    failed: Vec<(ChunkId, Error)>,
    requests: Vec<ChunkRequest>,
    waiting: Vec<(ChunkRequest, oneshot::Sender<Arrival>)>,
    /// Average seconds from a chunk's request to its values; 0 before the first.
    chunk_seconds: f64,
    /// Whether the loader is closed: it starts no request any more.
    closed: bool,
    platform: Platform,
    arrived: Rc<dyn Fn(Arrival)>,
}

impl Inner {
    fn failure(&self, id: ChunkId) -> Option<&Error> {
        self.failed.iter().find(|(failed, _)| *failed == id).map(|(_, error)| error)
    }
}

impl Loader {
    /// A loader of chunks of `arrays` that caches `budget` bytes and calls `arrived` for each load that ends.
    pub fn new(
        arrays: Vec<Rc<Array>>,
        budget: u64,
        platform: Platform,
        arrived: Rc<dyn Fn(Arrival)>,
    ) -> Self {
        Self {
            inner: Rc::new(RefCell::new(Inner {
                arrays,
                queue: Queue::default(),
                cache: Cache::new(budget),
                tasks: Vec::new(),
                failed: Vec::new(),
                requests: Vec::new(),
                waiting: Vec::new(),
                chunk_seconds: 0.0,
                closed: false,
                platform,
                arrived,
            })),
        }
    }

    /// Replaces the list of chunks to load. A chunk in the cache, or one that has failed, is not requested.
    pub fn set_requests(&self, requests: Vec<ChunkRequest>) {
        self.inner.borrow_mut().requests = requests;
        self.pump();
    }

    /// Replaces the set of chunks that are never evicted.
    pub fn pin(&self, ids: impl IntoIterator<Item = ChunkId>) {
        self.inner.borrow_mut().cache.pin(ids);
    }

    /// A chunk in the cache; counts as a use.
    pub fn get(&self, id: ChunkId) -> Option<Rc<Decoded>> {
        self.inner.borrow_mut().cache.get(id).cloned()
    }

    /// Whether a chunk is in the cache.
    pub fn contains(&self, id: ChunkId) -> bool {
        self.inner.borrow().cache.peek(id).is_some()
    }

    /// The error of a chunk whose load failed.
    pub fn failure(&self, id: ChunkId) -> Option<Error> {
        self.inner.borrow().failure(id).cloned()
    }

    /// Allows these chunks to be requested again, if they failed.
    pub fn forget_failures(&self, ids: &[ChunkId]) {
        self.inner.borrow_mut().failed.retain(|(id, _)| !ids.contains(id));
    }

    /// Allows every chunk that failed to be requested again.
    pub fn forget_all_failures(&self) {
        self.inner.borrow_mut().failed.clear();
    }

    /// Loads one chunk, or returns it from the cache, whatever [`Loader::set_requests`] lists.
    ///
    /// # Errors
    /// The chunk's error, or [`Error::Closed`] where the loader is closed before the chunk is loaded.
    pub async fn chunk(&self, id: ChunkId, priority: Priority) -> Result<Rc<Decoded>, Error> {
        if let Some(decoded) = self.get(id) {
            return Ok(decoded);
        }
        let (send, receive) = oneshot::channel();
        {
            let mut inner = self.inner.borrow_mut();
            if inner.closed {
                return Err(Error::Closed);
            }
            inner.failed.retain(|(failed, _)| *failed != id);
            inner.waiting.push((ChunkRequest { id, priority }, send));
        }
        self.pump();
        match receive.await {
            Ok(arrival) => arrival.result,
            Err(oneshot::Canceled) => Err(Error::Closed),
        }
    }

    /// Aborts every request in flight and starts none after this.
    pub fn close(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.closed = true;
        inner.requests.clear();
        inner.waiting.clear();
        for (_, task) in inner.tasks.drain(..) {
            task.abort();
        }
    }

    /// The number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.inner.borrow().queue.in_flight()
    }

    /// The cache's budget in bytes.
    pub fn budget(&self) -> u64 {
        self.inner.borrow().cache.budget()
    }

    /// Sets the cache's budget in bytes and evicts what exceeds it.
    pub fn set_budget(&self, bytes: u64) {
        self.inner.borrow_mut().cache.set_budget(bytes);
    }

    /// Average seconds from a chunk's request to its values; 0 before the first.
    pub fn chunk_seconds(&self) -> f64 {
        self.inner.borrow().chunk_seconds
    }

    /// Bytes of the decoded chunks in the cache.
    pub fn bytes(&self) -> u64 {
        self.inner.borrow().cache.bytes()
    }

    /// The chunks in the cache, ascending.
    pub fn resident(&self) -> Vec<ChunkId> {
        self.inner.borrow().cache.keys()
    }

    fn pump(&self) {
        let (changes, platform) = {
            let mut inner = self.inner.borrow_mut();
            let inner = &mut *inner;
            if inner.closed {
                return;
            }
            inner.waiting.retain(|(_, send)| !send.is_canceled());
            let waiting = inner.waiting.iter().map(|(request, _)| *request);
            let requests: Vec<ChunkRequest> = waiting
                .chain(inner.requests.iter().copied())
                .filter(|request| {
                    inner.cache.peek(request.id).is_none() && inner.failure(request.id).is_none()
                })
                .collect();
            let changes = inner.queue.update(&requests);
            for id in &changes.abort {
                if let Some(at) = inner.tasks.iter().position(|(task, _)| task == id) {
                    inner.tasks.swap_remove(at).1.abort();
                }
            }
            (changes, inner.platform.clone())
        };
        for id in changes.start {
            let loader = self.clone();
            let (task, abort) = abortable(Box::pin(async move {
                let started = (loader.now())();
                let result = loader.load(id).await;
                loader.finish(id, result, (loader.now())() - started);
            }));
            self.inner.borrow_mut().tasks.push((id, abort));
            (platform.spawn)(task);
        }
    }

    async fn load(&self, id: ChunkId) -> Result<Rc<Decoded>, Error> {
        let (array, decode) = {
            let inner = self.inner.borrow();
            (inner.arrays[id.array as usize].clone(), inner.platform.decode.clone())
        };
        let encoded = array.fetch(id.index).await?;
        Ok(Rc::new(decode(array, encoded).await?))
    }

    fn now(&self) -> fn() -> f64 {
        self.inner.borrow().platform.now
    }

    fn finish(&self, id: ChunkId, result: Result<Rc<Decoded>, Error>, seconds: f64) {
        let arrival = Arrival { id, result };
        let (arrived, waiting) = {
            let mut inner = self.inner.borrow_mut();
            inner.queue.finished(id);
            inner.tasks.retain(|(task, _)| *task != id);
            match &arrival.result {
                Ok(decoded) => {
                    let bytes = decoded.values.len() as u64;
                    inner.cache.insert(id, decoded.clone(), bytes);
                    let before = inner.chunk_seconds;
                    inner.chunk_seconds =
                        if before > 0.0 { before + LATEST * (seconds - before) } else { seconds };
                }
                Err(error) => inner.failed.push((id, error.clone())),
            }
            let (waiting, rest) =
                std::mem::take(&mut inner.waiting).into_iter().partition(|(request, _)| request.id == id);
            inner.waiting = rest;
            (inner.arrived.clone(), waiting)
        };
        let waiting: Vec<(ChunkRequest, oneshot::Sender<Arrival>)> = waiting;
        for (_, send) in waiting {
            // The receiver may be dropped already.
            let _ = send.send(arrival.clone());
        }
        arrived(arrival);
        self.pump();
    }
}
