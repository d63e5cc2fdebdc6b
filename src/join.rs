//! Futures side by side. The combinators of `futures_util` schedule each future on its own, which pays for thousands
//! of them; for the few requests that a browser sends at once, asking all of them again costs 20 KB of wasm less.

use std::future::poll_fn;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;

/// As many as a browser opens connections to one host.
const AT_ONCE: usize = 6;

/// Runs futures, six at a time, and gives what they made in their order. The first failure ends all of them.
pub async fn join<'a, T, E>(
    futures: impl IntoIterator<Item = LocalBoxFuture<'a, Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let mut waiting: Vec<_> = futures.into_iter().enumerate().collect();
    waiting.reverse();
    let mut made: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    let mut running = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < AT_ONCE
                && let Some(next) = waiting.pop()
            {
                running.push(next);
            }
            let before = running.len();
            let mut at = 0;
            while let Some((index, future)) = running.get_mut(at) {
                match future.as_mut().poll(context) {
                    Poll::Pending => at += 1,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(value)) => {
                        made[*index] = Some(value);
                        drop(running.swap_remove(at));
                    }
                }
            }
            if running.is_empty() && waiting.is_empty() {
                return Poll::Ready(Ok(()));
            }
            // A place that became free is taken at once.
            if running.len() == before || waiting.is_empty() {
                return Poll::Pending;
            }
        }
    })
    .await?;
    Ok(made.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use futures_channel::oneshot;
    use futures_executor::LocalPool;
    use futures_util::FutureExt;
    use futures_util::task::LocalSpawnExt;

    use super::*;

    #[test]
    fn six_at_a_time_and_in_their_order() {
        let (mut answers, mut promises) = (Vec::new(), Vec::new());
        let started = Rc::new(RefCell::new(Vec::new()));
        for index in 0..8 {
            let (answer, promise) = oneshot::channel::<u32>();
            answers.push(Some(answer));
            let started = started.clone();
            promises.push(
                async move {
                    started.borrow_mut().push(index);
                    promise.await
                }
                .boxed_local(),
            );
        }
        let mut pool = LocalPool::new();
        let joined = pool.spawner().spawn_local_with_handle(join(promises)).unwrap();
        pool.run_until_stalled();
        assert_eq!(*started.borrow(), [0, 1, 2, 3, 4, 5]);
        answers[4].take().unwrap().send(4).unwrap();
        pool.run_until_stalled();
        assert_eq!(*started.borrow(), [0, 1, 2, 3, 4, 5, 6]);
        for (index, answer) in answers.into_iter().enumerate() {
            answer.into_iter().for_each(|answer| answer.send(index as u32).unwrap());
        }
        assert_eq!(pool.run_until(joined), Ok((0..8).collect()));
    }

    #[test]
    fn none_is_at_once_and_a_failure_ends_all() {
        let ready = |value: Result<u32, u32>| futures_util::future::ready(value).boxed_local();
        assert_eq!(futures_executor::block_on(join::<u32, u32>([])), Ok(vec![]));
        let endless = futures_util::future::pending().boxed_local();
        assert_eq!(futures_executor::block_on(join([ready(Ok(1)), endless, ready(Err(7))])), Err(7));
    }
}
