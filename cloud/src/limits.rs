//! The way to one product in one region: how many calls are on it at once, how fast they follow each other, and how
//! many of them may be repetitions. A call that would have to wait too long is turned away before it is sent, so that a
//! cloud that hangs or throttles costs a bounded number of calls that wait, and no more.

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

/// How many calls a lane takes.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrencyLimit {
    /// Reads that are with the upstream at once, and as many writes.
    pub at_once: usize,
    /// Of each, those that wait for their turn.
    pub waiting: usize,
}

/// All lanes, made as they are needed. There are as many as products and regions that the settings allow.
#[derive(Debug)]
pub(super) struct LimitsByEndpoint {
    crowding: ConcurrencyLimit,
    known: RwLock<Vec<(Product, RegionId, Arc<Limits>)>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Limits {
    // Kept apart, so that reads that hang do not stand in the way of orders.
    reads: Crowd,
    writes: Crowd,
    pace: Mutex<AdaptiveRate>,
    quota: Mutex<RetryBudget>,
    address: OnceLock<Uri>,
}

#[derive(Debug)]
struct Crowd {
    places: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// A place on a lane, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(#[expect(dead_code, reason = "held for its end")] SemaphorePermit<'a>);

/// Turned away, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shed(pub(super) Duration);

/// What those are told who are turned away because of a crowd. How long it will last is not known.
const LATER: Duration = Duration::from_secs(1);

impl LimitsByEndpoint {
    pub(super) fn new(crowding: ConcurrencyLimit) -> Self {
        Self { crowding, known: RwLock::default() }
    }

    pub(super) fn of(&self, product: Product, region: &RegionId) -> Arc<Limits> {
        let find = |known: &[(Product, RegionId, Arc<Limits>)]| {
            let found = known.iter().find(|(of, at, _)| *of == product && at == region);
            found.map(|(_, _, lane)| Arc::clone(lane))
        };
        if let Some(lane) = find(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return lane;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        find(&known).unwrap_or_else(|| {
            let lane = Arc::new(Limits::new(self.crowding));
            known.push((product, region.clone(), Arc::clone(&lane)));
            lane
        })
    }
}

impl Limits {
    fn new(crowding: ConcurrencyLimit) -> Self {
        let pace = Mutex::new(AdaptiveRate::new(Instant::now()));
        let (reads, writes) = (Crowd::new(crowding), Crowd::new(crowding));
        Self { reads, writes, pace, quota: Mutex::default(), address: OnceLock::new() }
    }

    /// Where it leads. What `find` says is kept, since addresses are slow to read.
    pub(super) fn address<E>(&self, find: impl FnOnce() -> Result<Uri, E>) -> Result<&Uri, E> {
        match self.address.get() {
            Some(known) => Ok(known),
            None => find().map(|found| self.address.get_or_init(|| found)),
        }
    }

    /// Waits for leave to send, but not until `deadline`.
    pub(super) async fn enter(&self, class: Class, deadline: Instant) -> Result<Place<'_>, Shed> {
        let crowd = if class == Class::Read { &self.reads } else { &self.writes };
        let place = crowd.enter(deadline).await?;
        let now = Instant::now();
        let at = self.pace().reserve(now, deadline).map_err(Shed)?;
        if at > now {
            sleep_until(at).await;
        }
        Ok(place)
    }

    /// A call went through, after so many repetitions.
    pub(super) fn succeeded(&self, repetitions: u32) {
        self.pace().succeeded(Instant::now());
        self.quota().refund(repetitions);
    }

    /// A call was throttled.
    pub(super) fn throttled(&self, action: &str, region: &RegionId, asked: Option<Duration>) {
        if let Some(rate) = self.pace().throttled(Instant::now(), asked) {
            info!(action, %region, calls_a_second = rate, "throttled: sending more slowly");
        }
    }

    /// Leave to send once more what failed.
    pub(super) fn may_repeat(&self) -> bool {
        self.quota().take()
    }

    fn pace(&self) -> MutexGuard<'_, AdaptiveRate> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quota(&self) -> MutexGuard<'_, RetryBudget> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crowd {
    fn new(ConcurrencyLimit { at_once, waiting }: ConcurrencyLimit) -> Self {
        let places = Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { places, waiting: AtomicUsize::new(0), most_waiting: waiting }
    }

    async fn enter(&self, deadline: Instant) -> Result<Place<'_>, Shed> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(Place(place));
        }
        let Some(_waits) = Waits::begin(self) else { return Err(Shed(LATER)) };
        match timeout_at(deadline, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(Place(place)),
            // The time is up; the semaphore itself is never closed.
            Ok(Err(_)) | Err(_) => Err(Shed(LATER)),
        }
    }
}

/// Counts one who waits, for as long as it does: a caller may go away in the middle.
struct Waits<'a>(&'a Crowd);

impl<'a> Waits<'a> {
    fn begin(crowd: &'a Crowd) -> Option<Self> {
        let waits = Self(crowd);
        let before = crowd.waiting.fetch_add(1, Ordering::Relaxed);
        // Dropped at once, it takes itself back.
        (before < crowd.most_waiting).then_some(waits)
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

    const CROWDING: ConcurrencyLimit = ConcurrencyLimit { at_once: 2, waiting: 3 };

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test(start_paused = true)]
    async fn some_go_some_wait_and_the_rest_is_turned_away_at_once() {
        let lane = Limits::new(CROWDING);
        let began = Instant::now();
        let places = [lane.enter(Class::Read, in_a_minute()).await, lane.enter(Class::Read, in_a_minute()).await];
        let entered = join_all((0..10).map(|_| lane.enter(Class::Read, in_a_minute()))).await;
        assert_eq!(entered.iter().filter(|entered| entered.is_err()).count(), 10, "nobody left");
        assert_eq!(began.elapsed(), Duration::from_mins(1), "three have waited");
        assert_eq!(lane.reads.waiting.load(Ordering::Relaxed), 0);
        drop(places);
        assert!(lane.enter(Class::Read, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_while_waiting_leaves_the_place_to_others() {
        let lane = Limits::new(ConcurrencyLimit { at_once: 1, waiting: 1 });
        let place = lane.enter(Class::Read, in_a_minute()).await.unwrap();
        for _ in 0..5 {
            let wait = lane.enter(Class::Read, in_a_minute());
            assert!(tokio::time::timeout(Duration::from_secs(1), wait).await.is_err(), "it waits");
        }
        drop(place);
        assert!(lane.enter(Class::Read, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn reads_that_hang_leave_room_for_writes() {
        let lane = Limits::new(CROWDING);
        let _hang = [lane.enter(Class::Read, in_a_minute()).await, lane.enter(Class::Read, in_a_minute()).await];
        assert!(lane.enter(Class::WriteWithToken, in_a_minute()).await.is_ok());
        assert!(lane.enter(Class::WriteOnce, in_a_minute()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_lane_lets_calls_go_one_after_the_other_or_says_when() {
        let lane = Limits::new(CROWDING);
        let region = "cn-hangzhou".parse().unwrap();
        lane.throttled("A", &region, Some(Duration::from_secs(5)));
        let began = Instant::now();
        let shed = lane.enter(Class::Read, began + Duration::from_secs(2)).await.unwrap_err();
        assert_eq!((shed, began.elapsed()), (Shed(Duration::from_secs(5)), Duration::ZERO));
        drop(lane.enter(Class::Read, in_a_minute()).await.unwrap());
        assert_eq!(began.elapsed(), Duration::from_secs(5));
    }

    #[test]
    fn a_lane_for_each_product_and_region() {
        let lanes = LimitsByEndpoint::new(CROWDING);
        let (hangzhou, beijing) = ("cn-hangzhou".parse().unwrap(), "cn-beijing".parse().unwrap());
        let lane = lanes.of(Product::Vpc, &hangzhou);
        assert!(Arc::ptr_eq(&lane, &lanes.of(Product::Vpc, &hangzhou)));
        assert!(!Arc::ptr_eq(&lane, &lanes.of(Product::Vpc, &beijing)));
        assert!(!Arc::ptr_eq(&lane, &lanes.of(Product::CloudDesktop, &hangzhou)));
    }
}
