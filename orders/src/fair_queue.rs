//! Fair queue: how many orders may be with the cloud at once, and which is next. The order with the earliest turn goes first;
//! the orders of a batch have turns one second apart, so that somebody's single order does not wait for somebody else's
//! five hundred. How fast calls may go is the cloud's rate limiter's business.
//!
//! This is our own code, since tokio's semaphore knows no priorities.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// The queue. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct FairQueue(Arc<Mutex<State>>);

/// Leave to call the cloud, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit(FairQueue);

#[derive(Debug)]
struct State {
    /// Permits that nobody has.
    free: usize,
    /// By turn, and among equals by who came first.
    waiting: BTreeMap<(i64, u64), oneshot::Sender<Permit>>,
    came: u64,
}

impl FairQueue {
    /// A queue in front of so many permits, at least one.
    pub(super) fn new(concurrency: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: concurrency.max(1), waiting: BTreeMap::new(), came: 0 })))
    }

    /// Waits for a permit, in the order of turns.
    pub(super) async fn acquire(&self, turn: i64) -> Permit {
        let wait = {
            let mut state = self.state();
            let (permit, wait) = oneshot::channel();
            state.came += 1;
            let position = (turn, state.came);
            state.waiting.insert(position, permit);
            wait
        };
        self.serve();
        match wait.await {
            Ok(permit) => permit,
            // The sender stays in the queue until it is served, so this does not happen.
            Err(_) => std::future::pending().await,
        }
    }

    /// Gives free permits to those that are next.
    fn serve(&self) {
        loop {
            let next = {
                let mut state = self.state();
                if state.free == 0 {
                    return;
                }
                let Some((_, next)) = state.waiting.pop_first() else { return };
                // One who no longer waits.
                if next.is_closed() {
                    continue;
                }
                state.free -= 1;
                next
            };
            // One who stops waiting at this very moment gives the permit back by dropping it.
            drop(next.send(Permit(self.clone())));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state().free += 1;
        self.0.serve();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use tokio::time::timeout;

    async fn is_free(queue: &FairQueue, turn: i64) -> Option<Permit> {
        timeout(Duration::ZERO, queue.acquire(turn)).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_permits_and_the_earliest_turn_first() {
        let queue = FairQueue::new(2);
        let (one, two) = (queue.acquire(1).await, queue.acquire(2).await);
        assert!(is_free(&queue, 0).await.is_none());

        let later = tokio::spawn({
            let queue = queue.clone();
            async move { queue.acquire(9).await }
        });
        tokio::task::yield_now().await;
        let sooner = tokio::spawn({
            let queue = queue.clone();
            async move { queue.acquire(3).await }
        });
        tokio::task::yield_now().await;
        drop(one);
        let sooner = sooner.await.unwrap();
        assert!(!later.is_finished());
        drop(sooner);
        later.await.unwrap();
        drop(two);
        assert!(is_free(&queue, 0).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_goes_away_takes_no_permit() {
        let queue = FairQueue::new(1);
        let one = queue.acquire(1).await;
        assert!(is_free(&queue, 2).await.is_none());
        drop(one);
        assert!(is_free(&queue, 3).await.is_some());
    }
}
