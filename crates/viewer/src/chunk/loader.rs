//! Fetches what is wanted, decodes it and keeps it: the queue and the cache, driven by futures.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;

use replayscope_session::ChunkId;
use replayscope_zarr::array::{Array, Decoded, Encoded};
use replayscope_zarr::futures::{Abort, abortable};

use crate::chunk::cache::Cache;
use crate::chunk::queue::{Priority, Queue, Want};
use crate::error::Error;

/// Turns the bytes of a chunk into values, here or elsewhere.
pub type Decode = Rc<dyn Fn(Rc<Array>, Encoded) -> LocalBoxFuture<'static, Result<Decoded, Error>>>;

/// What a loader needs of where it runs.
#[derive(Clone)]
pub struct Platform {
    /// Runs a future to its end on the platform's executor.
    pub spawn: Rc<dyn Fn(LocalBoxFuture<'static, ()>)>,
    /// Wall time in seconds.
    pub now: fn() -> f64,
    /// Decodes.
    pub decode: Decode,
}

impl Platform {
    /// One that decodes right where it is.
    pub fn here(spawn: Rc<dyn Fn(LocalBoxFuture<'static, ()>)>, now: fn() -> f64) -> Self {
        let decode = |array: Rc<Array>, encoded: Encoded| {
            Box::pin(async move { Ok(array.decode(&encoded)?) }) as LocalBoxFuture<'static, _>
        };
        Self { spawn, now, decode: Rc::new(decode) }
    }
}

/// How much the latest chunk weighs in the mean time that one takes.
const LATEST: f64 = 0.3;

/// A chunk that came, or could not be had.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Which.
    pub id: ChunkId,
    /// Its values, or why not.
    pub result: Result<Rc<Decoded>, Error>,
}

/// The chunks of a session's arrays: those in memory and those on their way.
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
    wants: Vec<Want>,
    waiting: Vec<(Want, oneshot::Sender<Arrival>)>,
    /// Seconds that a chunk takes from request to values, on average; 0 before the first.
    chunk_seconds: f64,
    /// Nothing is asked for any more.
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
    /// Loads chunks of `arrays`, keeps `budget` bytes of them and calls `arrived` for each that ends.
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
                wants: Vec::new(),
                waiting: Vec::new(),
                chunk_seconds: 0.0,
                closed: false,
                platform,
                arrived,
            })),
        }
    }

    /// Replaces what is wanted. What is in memory or has failed is not asked for again.
    pub fn want(&self, wants: Vec<Want>) {
        self.inner.borrow_mut().wants = wants;
        self.pump();
    }

    /// Replaces what may not be evicted.
    pub fn pin(&self, ids: impl IntoIterator<Item = ChunkId>) {
        self.inner.borrow_mut().cache.pin(ids);
    }

    /// A chunk in memory; counts as a use.
    pub fn get(&self, id: ChunkId) -> Option<Rc<Decoded>> {
        self.inner.borrow_mut().cache.get(id).cloned()
    }

    /// Whether a chunk is in memory.
    pub fn contains(&self, id: ChunkId) -> bool {
        self.inner.borrow().cache.peek(id).is_some()
    }

    /// Why a chunk could not be had, if so.
    pub fn failure(&self, id: ChunkId) -> Option<Error> {
        self.inner.borrow().failure(id).cloned()
    }

    /// Lets these chunks be asked for again, if they failed.
    pub fn forgive(&self, ids: &[ChunkId]) {
        self.inner.borrow_mut().failed.retain(|(id, _)| !ids.contains(id));
    }

    /// Lets every chunk that failed be asked for again.
    pub fn forgive_all(&self) {
        self.inner.borrow_mut().failed.clear();
    }

    /// One chunk, from memory or as soon as it comes: whatever else is wanted, or, in the background, when nothing else is.
    /// [`Error::Closed`] where the session is closed before.
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
            inner.waiting.push((Want { id, priority }, send));
        }
        self.pump();
        match receive.await {
            Ok(arrival) => arrival.result,
            Err(oneshot::Canceled) => Err(Error::Closed),
        }
    }

    /// Aborts everything in flight; nothing is asked for after this.
    pub fn close(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.closed = true;
        inner.wants.clear();
        inner.waiting.clear();
        for (_, task) in inner.tasks.drain(..) {
            task.abort();
        }
    }

    /// Requests in flight.
    pub fn in_flight(&self) -> usize {
        self.inner.borrow().queue.in_flight()
    }

    /// Bytes of decoded chunks that may be kept.
    pub fn budget(&self) -> u64 {
        self.inner.borrow().cache.budget()
    }

    /// Another budget; what is too much goes now.
    pub fn set_budget(&self, bytes: u64) {
        self.inner.borrow_mut().cache.set_budget(bytes);
    }

    /// Seconds that a chunk takes from request to values, on average; 0 before the first.
    pub fn chunk_seconds(&self) -> f64 {
        self.inner.borrow().chunk_seconds
    }

    /// Decoded bytes in memory.
    pub fn bytes(&self) -> u64 {
        self.inner.borrow().cache.bytes()
    }

    /// Chunks in memory, in order.
    pub fn resident(&self) -> Vec<ChunkId> {
        self.inner.borrow().cache.keys()
    }

    fn pump(&self) {
        let (plan, platform) = {
            let mut inner = self.inner.borrow_mut();
            let inner = &mut *inner;
            if inner.closed {
                return;
            }
            inner.waiting.retain(|(_, send)| !send.is_canceled());
            let waiting = inner.waiting.iter().map(|(want, _)| *want);
            let wants: Vec<Want> = waiting
                .chain(inner.wants.iter().copied())
                .filter(|want| inner.cache.peek(want.id).is_none() && inner.failure(want.id).is_none())
                .collect();
            let plan = inner.queue.plan(&wants);
            for id in &plan.abort {
                if let Some(at) = inner.tasks.iter().position(|(task, _)| task == id) {
                    inner.tasks.swap_remove(at).1.abort();
                }
            }
            (plan, inner.platform.clone())
        };
        for id in plan.start {
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
                std::mem::take(&mut inner.waiting).into_iter().partition(|(want, _)| want.id == id);
            inner.waiting = rest;
            (inner.arrived.clone(), waiting)
        };
        let waiting: Vec<(Want, oneshot::Sender<Arrival>)> = waiting;
        for (_, send) in waiting {
            // A receiver that is gone no longer cares.
            let _ = send.send(arrival.clone());
        }
        arrived(arrival);
        self.pump();
    }
}
