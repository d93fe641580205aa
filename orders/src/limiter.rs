//! How many orders may be with the cloud at once, and who is next. The limit follows the cloud: a call that is throttled
//! halves it, calls that succeed let it grow again by one a round (additive increase, multiplicative decrease, as TCP
//! does it). Among those that wait, the one whose turn is the earliest goes first; a batch's orders have turns one
//! second apart, so that somebody's single order does not stand behind somebody else's hundred.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

/// The limiter. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Limiter(Arc<Mutex<Inside>>);

/// Leave to call the cloud, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit(Limiter);

#[derive(Debug)]
struct Inside {
    most: f64,
    limit: f64,
    used: usize,
    /// Calls that were under way together are throttled together, and count as one.
    cut_at: Option<Instant>,
    /// By turn, and among equals by who came first.
    waiting: BTreeMap<(i64, u64), oneshot::Sender<Permit>>,
    came: u64,
}

/// Cuts that come closer to each other than this are one.
const CUT: Duration = Duration::from_secs(1);

impl Limiter {
    pub(super) fn new(most: usize) -> Self {
        let most = f64::from(u32::try_from(most.max(1)).unwrap_or(u32::MAX));
        Self(Arc::new(Mutex::new(Inside {
            most,
            limit: most,
            used: 0,
            cut_at: None,
            waiting: BTreeMap::new(),
            came: 0,
        })))
    }

    /// Waits for this one's turn.
    pub(super) async fn acquire(&self, turn: i64) -> Permit {
        let wait = {
            let mut inside = self.inside();
            let (permit, wait) = oneshot::channel();
            inside.came += 1;
            let place = (turn, inside.came);
            inside.waiting.insert(place, permit);
            wait
        };
        self.serve();
        match wait.await {
            Ok(permit) => permit,
            // The sender stays in the queue until it is served, so this does not happen.
            Err(_) => std::future::pending().await,
        }
    }

    /// A call was throttled.
    pub(super) fn throttled(&self) {
        let mut inside = self.inside();
        let now = Instant::now();
        if inside.cut_at.is_none_or(|cut| now - cut >= CUT) {
            inside.cut_at = Some(now);
            inside.limit = (inside.limit / 2.0).max(1.0);
            tracing::info!(limit = inside.limit, "throttled: fewer orders at once");
        }
    }

    /// A call went through.
    pub(super) fn succeeded(&self) {
        {
            let mut inside = self.inside();
            inside.limit = (inside.limit + 1.0 / inside.limit).min(inside.most);
        }
        self.serve();
    }

    /// Lets in whoever can be let in.
    fn serve(&self) {
        loop {
            let next = {
                let mut inside = self.inside();
                if inside.used >= inside.whole_limit() {
                    return;
                }
                let Some((_, next)) = inside.waiting.pop_first() else { return };
                // One who no longer waits.
                if next.is_closed() {
                    continue;
                }
                inside.used += 1;
                next
            };
            // One who stops waiting at this very moment gives the permit back by dropping it.
            drop(next.send(Permit(self.clone())));
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the limit lies between 1 and 2^32")]
    fn whole_limit(&self) -> usize {
        self.limit as usize
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.inside().used -= 1;
        self.0.serve();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    async fn is_free(limiter: &Limiter, turn: i64) -> Option<Permit> {
        timeout(Duration::ZERO, limiter.acquire(turn)).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_limit_and_the_earliest_turn_first() {
        let limiter = Limiter::new(2);
        let (one, two) = (limiter.acquire(1).await, limiter.acquire(2).await);
        assert!(is_free(&limiter, 0).await.is_none());

        let later = tokio::spawn({
            let limiter = limiter.clone();
            async move { limiter.acquire(9).await }
        });
        tokio::task::yield_now().await;
        let sooner = tokio::spawn({
            let limiter = limiter.clone();
            async move { limiter.acquire(3).await }
        });
        tokio::task::yield_now().await;
        drop(one);
        let sooner = sooner.await.unwrap();
        assert!(!later.is_finished());
        drop(sooner);
        later.await.unwrap();
        drop(two);
        assert!(is_free(&limiter, 0).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_and_success_lets_grow() {
        let limiter = Limiter::new(8);
        limiter.throttled();
        limiter.throttled();
        assert_eq!(limiter.inside().whole_limit(), 4, "together they count as one");
        advance(CUT).await;
        for _ in 0..5 {
            limiter.throttled();
            advance(CUT).await;
        }
        assert_eq!(limiter.inside().whole_limit(), 1, "one always goes");
        for _ in 0..200 {
            limiter.succeeded();
        }
        assert_eq!(limiter.inside().whole_limit(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_goes_away_takes_no_place() {
        let limiter = Limiter::new(1);
        let one = limiter.acquire(1).await;
        assert!(is_free(&limiter, 2).await.is_none());
        drop(one);
        assert!(is_free(&limiter, 3).await.is_some());
    }
}
