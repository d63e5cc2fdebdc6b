//! Waiting for several futures, sharing one among several waiters, and aborting. What futures-util has for this costs the page 20 KB.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;

/// A future that can be listed beside others.
pub type Boxed<'a, T, E> = LocalBoxFuture<'a, Result<T, E>>;

/// Waits for all of the futures, of which at most `at_once` are on their way at a time; the first error drops the rest.
pub async fn join<T, E>(mut futures: Vec<Boxed<'_, T, E>>, at_once: usize) -> Result<Vec<T>, E> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut pending = 0;
        for (future, result) in futures.iter_mut().zip(&mut results).filter(|(_, result)| result.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *result = Some(value?),
                Poll::Pending => pending += 1,
            }
            if pending == at_once {
                break;
            }
        }
        if pending == 0 { Poll::Ready(Ok::<(), E>(())) } else { Poll::Pending }
    })
    .await?;
    Ok(results.into_iter().flatten().collect())
}

/// A future that several wait for, each of which gets its result. Whoever is polled moves it on; all are woken with it,
/// since any of them may be dropped before it ends.
pub struct Shared<T> {
    state: RefCell<State<T>>,
    waiting: Arc<Waiting>,
}

enum State<T> {
    Running(LocalBoxFuture<'static, T>),
    Done(T),
}

/// Whom to wake.
#[derive(Default)]
struct Waiting(Mutex<Vec<Waker>>);

impl Waiting {
    fn add(&self, waker: &Waker) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !wakers.iter().any(|other| other.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        let wakers = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl<T: Clone> Shared<T> {
    /// Starts with the first that waits.
    pub fn new(future: LocalBoxFuture<'static, T>) -> Self {
        Self { state: RefCell::new(State::Running(future)), waiting: Arc::default() }
    }

    /// Waits for the result.
    pub fn wait(&self) -> impl Future<Output = T> {
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            if let State::Running(future) = &mut *state {
                self.waiting.add(context.waker());
                let waker = Waker::from(self.waiting.clone());
                match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(result) => *state = State::Done(result),
                    Poll::Pending => return Poll::Pending,
                }
                // It may have ended without having woken the others.
                waker.wake();
            }
            match &*state {
                State::Done(result) => Poll::Ready(result.clone()),
                State::Running(_) => Poll::Pending,
            }
        })
    }
}

/// A notification that may be sent again and again. Each waiter waits for the next one.
#[derive(Default)]
pub struct Notify(RefCell<Vec<oneshot::Sender<()>>>);

impl Notify {
    /// A receiver that is cancelled by the next [`Notify::notify`].
    pub fn notified(&self) -> oneshot::Receiver<()> {
        let (send, receive) = oneshot::channel();
        let mut waiting = self.0.borrow_mut();
        // In the place of one who has left, so that there are never more than have waited at once.
        match waiting.iter_mut().find(|other| other.is_canceled()) {
            Some(left) => *left = send,
            None => waiting.push(send),
        }
        receive
    }

    /// Wakes all that wait.
    pub fn notify(&self) {
        drop(self.0.take());
    }
}

/// Drops a task that has been spawned, and with it what it reads.
pub struct Abort(Rc<RefCell<Option<LocalBoxFuture<'static, ()>>>>);

impl Abort {
    /// Not from within the task itself.
    pub fn abort(&self) {
        self.0.borrow_mut().take();
    }
}

/// A task to spawn, and what aborts it; it is never polled again then, so whoever spawned it lets go of it.
pub fn abortable(task: LocalBoxFuture<'static, ()>) -> (LocalBoxFuture<'static, ()>, Abort) {
    let shared = Rc::new(RefCell::new(Some(task)));
    let abort = Abort(shared.clone());
    let poll = poll_fn(move |context| match &mut *shared.borrow_mut() {
        Some(task) => task.as_mut().poll(context),
        None => Poll::Ready(()),
    });
    (Box::pin(poll), abort)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_executor::block_on;
    use futures_util::FutureExt;

    use super::*;

    /// Pending once, then that value.
    fn later<T: Copy + 'static>(value: T) -> LocalBoxFuture<'static, T> {
        let mut polled = false;
        let poll = poll_fn(move |context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut polled, true) { Poll::Ready(value) } else { Poll::Pending }
        });
        poll.boxed_local()
    }

    #[test]
    fn results_come_in_order_and_no_more_are_on_their_way_than_allowed() {
        let (flying, most) = (Cell::new(0), Cell::new(0));
        let futures = (0..20).map(|i| {
            let (flying, most) = (&flying, &most);
            let future = async move {
                flying.set(flying.get() + 1);
                most.set(most.get().max(flying.get()));
                if i % 3 > 0 {
                    later(()).await;
                }
                flying.set(flying.get() - 1);
                Ok::<_, ()>(i)
            };
            future.boxed_local()
        });
        assert_eq!(block_on(join(futures.collect(), 4)).unwrap(), (0..20).collect::<Vec<_>>());
        assert_eq!(most.get(), 4);
    }

    #[test]
    fn a_bell_is_heard_by_all_who_wait_and_remembers_nobody_who_left() {
        let bell = Notify::default();
        let (one, other) = (bell.notified(), bell.notified());
        drop(bell.notified());
        let third = bell.notified();
        assert_eq!(bell.0.borrow().len(), 3, "who left is forgotten");
        bell.notify();
        assert!([one, other, third].into_iter().all(|heard| heard.now_or_never().is_some()));
        let mut late = bell.notified();
        assert!((&mut late).now_or_never().is_none(), "it waits for the next time");
        bell.notify();
        assert!(late.now_or_never().is_some());
    }

    #[test]
    fn an_aborted_task_is_dropped_at_once() {
        let owned = Rc::new(());
        let kept = owned.clone();
        let (mut task, abort) = abortable(Box::pin(async move {
            later(()).await;
            drop(kept);
        }));
        assert!((&mut task).now_or_never().is_none());
        abort.abort();
        assert_eq!(Rc::strong_count(&owned), 1);
        assert!(task.now_or_never().is_some());
    }
}
