//! Fetches what is wanted, decodes it and keeps it: the queue and the cache, driven by futures.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;

use super::{Cache, ChunkId, Priority, Queue, Want};
use crate::array::{Array, Decoded};
use crate::error::Error;
use crate::join::{Abort, abortable};

/// Runs a future to its end on the platform's executor.
pub type Spawn = Rc<dyn Fn(LocalBoxFuture<'static, ()>)>;

/// A chunk that came, or could not be had.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Which.
    pub id: ChunkId,
    /// Its values, or why not.
    pub result: Result<Rc<Decoded>, Error>,
    /// Bytes that were read for it.
    pub encoded_bytes: u64,
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
    waiting: Vec<(ChunkId, oneshot::Sender<Arrival>)>,
    spawn: Spawn,
    arrived: Rc<dyn Fn(Arrival)>,
}

impl Inner {
    fn failure(&self, id: ChunkId) -> Option<&Error> {
        self.failed.iter().find(|(failed, _)| *failed == id).map(|(_, error)| error)
    }
}

impl Loader {
    /// Loads chunks of `arrays`, keeps `budget` bytes of them and calls `arrived` for each that ends.
    pub fn new(arrays: Vec<Rc<Array>>, budget: u64, spawn: Spawn, arrived: Rc<dyn Fn(Arrival)>) -> Self {
        Self {
            inner: Rc::new(RefCell::new(Inner {
                arrays,
                queue: Queue::default(),
                cache: Cache::new(budget),
                tasks: Vec::new(),
                failed: Vec::new(),
                wants: Vec::new(),
                waiting: Vec::new(),
                spawn,
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

    /// One chunk, from memory or as soon as it comes, whatever else is wanted.
    pub async fn chunk(&self, id: ChunkId) -> Result<Rc<Decoded>, Error> {
        if let Some(decoded) = self.get(id) {
            return Ok(decoded);
        }
        let (send, receive) = oneshot::channel();
        {
            let mut inner = self.inner.borrow_mut();
            inner.failed.retain(|(failed, _)| *failed != id);
            inner.waiting.push((id, send));
        }
        self.pump();
        match receive.await {
            Ok(arrival) => arrival.result,
            // The session was closed while this was on its way; nobody is left to read an answer.
            Err(oneshot::Canceled) => futures_util::future::pending().await,
        }
    }

    /// Aborts everything in flight; the loader is not used after this.
    pub fn close(&self) {
        let mut inner = self.inner.borrow_mut();
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

    /// Decoded bytes in memory.
    pub fn bytes(&self) -> u64 {
        self.inner.borrow().cache.bytes()
    }

    /// Chunks in memory, in order.
    pub fn resident(&self) -> Vec<ChunkId> {
        self.inner.borrow().cache.keys()
    }

    fn pump(&self) {
        let (plan, spawn) = {
            let mut inner = self.inner.borrow_mut();
            let inner = &mut *inner;
            inner.waiting.retain(|(_, send)| !send.is_canceled());
            let waiting = inner.waiting.iter().map(|(id, _)| Want { id: *id, priority: Priority::Visible });
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
            (plan, inner.spawn.clone())
        };
        for id in plan.start {
            let loader = self.clone();
            let (task, abort) = abortable(Box::pin(async move {
                let result = loader.load(id).await;
                loader.finish(id, result);
            }));
            self.inner.borrow_mut().tasks.push((id, abort));
            spawn(task);
        }
    }

    async fn load(&self, id: ChunkId) -> Result<(Rc<Decoded>, u64), Error> {
        let array = self.inner.borrow().arrays[id.array as usize].clone();
        let encoded = array.fetch(id.index).await?;
        Ok((Rc::new(array.decode(&encoded)?), encoded.len() as u64))
    }

    fn finish(&self, id: ChunkId, result: Result<(Rc<Decoded>, u64), Error>) {
        let encoded_bytes = result.as_ref().map_or(0, |(_, bytes)| *bytes);
        let arrival = Arrival { id, result: result.map(|(decoded, _)| decoded), encoded_bytes };
        let (arrived, waiting) = {
            let mut inner = self.inner.borrow_mut();
            inner.queue.finished(id);
            inner.tasks.retain(|(task, _)| *task != id);
            match &arrival.result {
                Ok(decoded) => {
                    let bytes = decoded.values.len() as u64 * size_of::<f32>() as u64;
                    inner.cache.insert(id, decoded.clone(), bytes);
                }
                Err(error) => inner.failed.push((id, error.clone())),
            }
            let (waiting, rest) =
                std::mem::take(&mut inner.waiting).into_iter().partition(|(other, _)| *other == id);
            inner.waiting = rest;
            (inner.arrived.clone(), waiting)
        };
        let waiting: Vec<(ChunkId, oneshot::Sender<Arrival>)> = waiting;
        for (_, send) in waiting {
            // A receiver that is gone no longer cares.
            let _ = send.send(arrival.clone());
        }
        arrived(arrival);
        self.pump();
    }
}
