//! Limits of the calls to one product in one region: concurrency limits (reads and writes apart), an adaptive rate and a
//! retry budget. A call that would have to wait too long is shed before it is sent, so that a cloud that hangs or throttles
//! costs a bounded number of calls that wait.
//!
//! This is our own code, since tower's limits neither shed by deadline nor say when to come back.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Uri;
use shared::{Class, Product, ids::RegionId};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep_until, timeout_at},
};
use tracing::info;

use super::{rate_limiter::AdaptiveRate, retry_budget::RetryBudget};

/// How many calls go to one product in one region at the same time.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrencyLimit {
    /// Reads that are with the upstream at once, and as many writes.
    pub at_once: usize,
    /// Of each, those that may wait for a permit.
    pub waiting: usize,
}

/// The limits of every product and region, made as they are needed.
#[derive(Debug)]
pub(super) struct LimitsByEndpoint {
    concurrency: ConcurrencyLimit,
    known: RwLock<Vec<(Product, RegionId, Arc<Limits>)>>,
}

/// The limits of one product in one region.
#[derive(Debug)]
pub(super) struct Limits {
    // Two bulkheads, so that reads that hang do not stand in the way of orders.
    reads: Bulkhead,
    writes: Bulkhead,
    rate: Mutex<AdaptiveRate>,
    retry_budget: Mutex<RetryBudget>,
    address: OnceLock<Uri>,
}

/// A concurrency limit with a bounded queue.
#[derive(Debug)]
struct Bulkhead {
    permits: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// Leave to call, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a>(#[expect(dead_code, reason = "held for its end")] SemaphorePermit<'a>);

/// The call is shed, and may come back after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shed(pub(super) Duration);

/// When to come back after a full queue. How long it will be full is not known.
const LATER: Duration = Duration::from_secs(1);

impl LimitsByEndpoint {
    pub(super) fn new(concurrency: ConcurrencyLimit) -> Self {
        Self { concurrency, known: RwLock::default() }
    }

    pub(super) fn of(&self, product: Product, region: &RegionId) -> Arc<Limits> {
        let find = |known: &[(Product, RegionId, Arc<Limits>)]| {
            let found = known.iter().find(|(of, at, _)| *of == product && at == region);
            found.map(|(_, _, limits)| Arc::clone(limits))
        };
        if let Some(limits) = find(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return limits;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        find(&known).unwrap_or_else(|| {
            let limits = Arc::new(Limits::new(self.concurrency));
            known.push((product, region.clone(), Arc::clone(&limits)));
            limits
        })
    }
}

impl Limits {
    fn new(concurrency: ConcurrencyLimit) -> Self {
        let rate = Mutex::new(AdaptiveRate::new(Instant::now()));
        let (reads, writes) = (Bulkhead::new(concurrency), Bulkhead::new(concurrency));
        Self { reads, writes, rate, retry_budget: Mutex::default(), address: OnceLock::new() }
    }

    /// The address. What `find` says is cached, since addresses are slow to parse.
    pub(super) fn address<E>(&self, find: impl FnOnce() -> Result<Uri, E>) -> Result<&Uri, E> {
        match self.address.get() {
            Some(known) => Ok(known),
            None => find().map(|found| self.address.get_or_init(|| found)),
        }
    }

    /// Waits for leave to send, but not until `deadline`.
    pub(super) async fn acquire(&self, class: Class, deadline: Instant) -> Result<Permit<'_>, Shed> {
        let bulkhead = if class == Class::Read { &self.reads } else { &self.writes };
        let permit = bulkhead.acquire(deadline).await?;
        let now = Instant::now();
        let at = self.rate().reserve(now, deadline).map_err(Shed)?;
        if at > now {
            sleep_until(at).await;
        }
        Ok(permit)
    }

    /// A call went through, after so many retries.
    pub(super) fn succeeded(&self, retries: u32) {
        self.rate().succeeded(Instant::now());
        self.retry_budget().refund(retries);
    }

    /// A call was throttled.
    pub(super) fn throttled(&self, action: &str, region: &RegionId, asked: Option<Duration>) {
        if let Some(rate) = self.rate().throttled(Instant::now(), asked) {
            info!(action, %region, calls_a_second = rate, "throttled: sending more slowly");
        }
    }

    /// Pays for a retry. Whether the retry budget had enough.
    pub(super) fn may_retry(&self) -> bool {
        self.retry_budget().take()
    }

    fn rate(&self) -> MutexGuard<'_, AdaptiveRate> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn retry_budget(&self) -> MutexGuard<'_, RetryBudget> {
        self.retry_budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bulkhead {
    fn new(ConcurrencyLimit { at_once, waiting }: ConcurrencyLimit) -> Self {
        let permits = Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { permits, waiting: AtomicUsize::new(0), most_waiting: waiting }
    }

    async fn acquire(&self, deadline: Instant) -> Result<Permit<'_>, Shed> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(Permit(permit));
        }
        let Some(_waits) = Waits::begin(self) else { return Err(Shed(LATER)) };
        match timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(Permit(permit)),
            // The time is up; the semaphore itself is never closed.
            Ok(Err(_)) | Err(_) => Err(Shed(LATER)),
        }
    }
}

/// Counts one who waits, for as long as it does: a caller may go away in the middle.
struct Waits<'a>(&'a Bulkhead);

impl<'a> Waits<'a> {
    fn begin(bulkhead: &'a Bulkhead) -> Option<Self> {
        let waits = Self(bulkhead);
        let before = bulkhead.waiting.fetch_add(1, Ordering::Relaxed);
        // Dropped at once, it takes itself back.
        (before < bulkhead.most_waiting).then_some(waits)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    const CONCURRENCY: ConcurrencyLimit = ConcurrencyLimit { at_once: 2, waiting: 3 };

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test(start_paused = true)]
    async fn some_go_some_wait_and_the_rest_is_shed_at_once() {
        let limits = Limits::new(CONCURRENCY);
        let began = Instant::now();
        let permits =
            [limits.acquire(Class::Read, in_a_minute()).await, limits.acquire(Class::Read, in_a_minute()).await];
        let entered = join_all((0..10).map(|_| limits.acquire(Class::Read, in_a_minute()))).await;
        assert_eq!(entered.iter().filter(|entered| entered.is_err()).count(), 10, "nobody left");
        assert_eq!(began.elapsed(), Duration::from_mins(1), "three have waited");
        assert_eq!(limits.reads.waiting.load(Ordering::Relaxed), 0);
        drop(permits);
        assert!(limits.acquire(Class::Read, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_while_waiting_leaves_the_permit_to_others() {
        let limits = Limits::new(ConcurrencyLimit { at_once: 1, waiting: 1 });
        let permit = limits.acquire(Class::Read, in_a_minute()).await.unwrap();
        for _ in 0..5 {
            let wait = limits.acquire(Class::Read, in_a_minute());
            assert!(tokio::time::timeout(Duration::from_secs(1), wait).await.is_err(), "it waits");
        }
        drop(permit);
        assert!(limits.acquire(Class::Read, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn reads_that_hang_leave_room_for_writes() {
        let limits = Limits::new(CONCURRENCY);
        let _hang =
            [limits.acquire(Class::Read, in_a_minute()).await, limits.acquire(Class::Read, in_a_minute()).await];
        assert!(limits.acquire(Class::WriteWithToken, in_a_minute()).await.is_ok());
        assert!(limits.acquire(Class::WriteOnce, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn throttled_limits_let_calls_go_one_after_the_other_or_says_when() {
        let limits = Limits::new(CONCURRENCY);
        let region = "cn-hangzhou".parse().unwrap();
        limits.throttled("A", &region, Some(Duration::from_secs(5)));
        let began = Instant::now();
        let shed = limits.acquire(Class::Read, began + Duration::from_secs(2)).await.unwrap_err();
        assert_eq!((shed, began.elapsed()), (Shed(Duration::from_secs(5)), Duration::ZERO));
        drop(limits.acquire(Class::Read, in_a_minute()).await.unwrap());
        assert_eq!(began.elapsed(), Duration::from_secs(5));
    }

    #[test]
    fn limits_for_each_product_and_region() {
        let all = LimitsByEndpoint::new(CONCURRENCY);
        let (hangzhou, beijing) = ("cn-hangzhou".parse().unwrap(), "cn-beijing".parse().unwrap());
        let limits = all.of(Product::Vpc, &hangzhou);
        assert!(Arc::ptr_eq(&limits, &all.of(Product::Vpc, &hangzhou)));
        assert!(!Arc::ptr_eq(&limits, &all.of(Product::Vpc, &beijing)));
        assert!(!Arc::ptr_eq(&limits, &all.of(Product::CloudDesktop, &hangzhou)));
    }
}
