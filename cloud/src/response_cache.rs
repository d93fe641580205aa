//! Answers to reads that are remembered for a while, and calls under way that several callers wait for. How long an
//! answer may be remembered is declared with its action; asking the upstream is the client's business.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use shared::{Action, Class, actions::NAMES, ids::RegionId};
use tokio::{sync::watch, time::Instant};

use super::errors::CallError;

/// An answer, ready to be sent on.
#[derive(Clone, Debug)]
pub struct CachedAnswer {
    /// The answer in the canonical form, as JSON.
    pub body: Bytes,
    /// The upstream's `RequestId`.
    pub request_id: Option<String>,
    /// When it was asked for; it is at least as new as that.
    asked_at: Instant,
    /// Until when no newer one is asked for on the side, since that has just failed.
    rests_until: Option<Instant>,
}

/// What a question is remembered under: action, region, credentials, generation of the action's
/// answers, and every parameter, whatever there will be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<str>);

/// The answers and the calls under way.
#[derive(Debug)]
pub(super) struct ResponseCache {
    kept: moka::sync::Cache<Key, CachedAnswer>,
    under_way: Mutex<HashMap<Key, Landing>>,
    /// By action. A write begins a new one for what it changes, so that no answer from before is found any more, not
    /// even one that is still on its way.
    generations: HashMap<&'static str, AtomicU64>,
}

/// Where the answer to a call under way will be.
pub(super) type Landing = watch::Receiver<Option<Result<CachedAnswer, CallError>>>;

/// Between two attempts to renew an answer that will still do: an upstream that is down is not asked without pause.
const REST: Duration = Duration::from_secs(5);
/// What an answer weighs beside its own bytes, roughly.
const OVERHEAD: usize = 256;

impl CachedAnswer {
    /// An answer to a question of that moment.
    pub(crate) fn new(body: Vec<u8>, request_id: Option<String>, asked_at: Instant) -> Self {
        Self { body: body.into(), request_id, asked_at, rests_until: None }
    }

    /// How old it is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.asked_at.elapsed()
    }

    /// Whether a newer one may be asked for on the side.
    pub(super) fn may_be_renewed(&self) -> bool {
        self.rests_until.is_none_or(|until| Instant::now() >= until)
    }
}

impl ResponseCache {
    /// One of so many bytes; none at all for zero.
    pub(super) fn new(bytes: u64) -> Option<Self> {
        let weight = |key: &Key, kept: &CachedAnswer| {
            u32::try_from(key.0.len() + kept.body.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        let longest = longest_use();
        (bytes > 0).then(|| Self {
            kept: moka::sync::Cache::builder().max_capacity(bytes).weigher(weight).time_to_live(longest).build(),
            under_way: Mutex::default(),
            generations: NAMES.iter().map(|name| (*name, AtomicU64::new(0))).collect(),
        })
    }

    /// The key of a question; none if its answers are not remembered. `account` changes when the credentials
    /// become those of somebody else.
    pub(super) fn key<A: Action>(&self, region: &RegionId, account: u64, request: &A) -> Option<Key> {
        if A::CLASS != Class::Read || A::FRESH.is_zero() {
            return None;
        }
        let generation = self.generations.get(A::NAME)?.load(Ordering::Acquire);
        let parameters = serde_json::to_string(request).ok()?;
        Some(Key(format!("{} {region} {account} {generation} {parameters}", A::NAME).into()))
    }

    pub(super) fn find(&self, key: &Key) -> Option<CachedAnswer> {
        self.kept.get(key)
    }

    /// Remembers an answer, unless there is a newer one.
    pub(super) fn keep(&self, key: &Key, kept: &CachedAnswer) {
        if self.kept.get(key).is_none_or(|there| there.asked_at <= kept.asked_at) {
            self.kept.insert(key.clone(), kept.clone());
        }
    }

    /// An answer could not be renewed: it is left alone for a while.
    fn rest(&self, key: &Key) {
        if let Some(kept) = self.kept.get(key) {
            self.kept.insert(key.clone(), CachedAnswer { rests_until: Some(Instant::now() + REST), ..kept });
        }
    }

    /// Forgets all answers of these actions, and those that are on their way.
    pub(super) fn forget(&self, actions: &[&'static str]) {
        for generation in actions.iter().filter_map(|action| self.generations.get(action)) {
            generation.fetch_add(1, Ordering::Release);
        }
    }

    /// Where the answer to this question will be, if it is being asked already; otherwise the place to put it.
    pub(super) fn join(self: &Arc<Self>, key: &Key) -> Result<Landing, TakenOff> {
        let mut under_way = self.under_way();
        if let Some(landing) = under_way.get(key) {
            return Ok(landing.clone());
        }
        let (answer, landing) = watch::channel(None);
        under_way.insert(key.clone(), landing);
        Err(TakenOff { memory: Arc::clone(self), key: key.clone(), answer, has_landed: false })
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Landing>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call under way. However it ends, others may ask anew after it.
#[derive(Debug)]
pub(super) struct TakenOff {
    memory: Arc<ResponseCache>,
    key: Key,
    answer: watch::Sender<Option<Result<CachedAnswer, CallError>>>,
    has_landed: bool,
}

impl TakenOff {
    pub(super) fn landing(&self) -> Landing {
        self.answer.subscribe()
    }

    /// Hands the answer to all who wait, and remembers it if it is one.
    pub(super) fn land(mut self, answer: Result<CachedAnswer, CallError>) {
        match &answer {
            Ok(kept) => self.memory.keep(&self.key, kept),
            Err(_) => self.memory.rest(&self.key),
        }
        // Before it is told, so that whoever asks again after an error asks the upstream.
        self.memory.under_way().remove(&self.key);
        self.has_landed = true;
        self.answer.send_replace(Some(answer));
    }
}

impl Drop for TakenOff {
    fn drop(&mut self) {
        // Once it has landed, the place may be another call's.
        if !self.has_landed {
            self.memory.under_way().remove(&self.key);
        }
    }
}

/// The longest that any answer is of use.
fn longest_use() -> Duration {
    let of = |name: &&'static str| shared::with_action!(*name, A => A::FRESH + A::STALE, _ => Duration::ZERO);
    NAMES.iter().map(of).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        actions::{
            CreateDesktop, CreateUser, DescribeActivityDirectoryUsers, DescribeAvailableResource, DescribeRegions,
        },
        with_action,
    };

    fn hangzhou() -> RegionId {
        "cn-hangzhou".parse().unwrap()
    }

    fn users(name: &str) -> DescribeActivityDirectoryUsers {
        DescribeActivityDirectoryUsers { user_name: Some(name.to_owned()) }
    }

    fn kept(text: &str) -> CachedAnswer {
        CachedAnswer::new(text.into(), None, Instant::now())
    }

    #[test]
    fn what_is_declared_makes_sense() {
        for name in NAMES {
            with_action!(*name, A => {
                let is_read = A::CLASS == Class::Read;
                assert!(is_read || (A::FRESH.is_zero() && A::STALE.is_zero()), "{name} is a write");
                assert!(!is_read || A::CHANGES.is_empty(), "{name} is a read");
                assert!(!A::FRESH.is_zero() || A::STALE.is_zero(), "{name}");
                assert!(A::CHANGES.iter().all(|read| NAMES.contains(read)), "{name}");
            }, _ => unreachable!("all names are actions"));
        }
        assert!(DescribeAvailableResource::FRESH + DescribeAvailableResource::STALE <= Duration::from_secs(30));
        assert!(CreateUser::CHANGES.contains(&DescribeActivityDirectoryUsers::NAME));
        assert!(CreateDesktop::CHANGES.contains(&DescribeAvailableResource::NAME));
    }

    #[test]
    fn questions_that_differ_in_anything_have_different_keys() {
        let memory = ResponseCache::new(1 << 20).unwrap();
        let base = memory.key(&hangzhou(), 0, &users("a")).unwrap();
        assert_eq!(memory.key(&hangzhou(), 0, &users("a")), Some(base.clone()));
        let others = [
            memory.key(&"cn-beijing".parse().unwrap(), 0, &users("a")),
            memory.key(&hangzhou(), 1, &users("a")),
            memory.key(&hangzhou(), 0, &users("b")),
            memory.key(&hangzhou(), 0, &DescribeActivityDirectoryUsers { user_name: None }),
            memory.key(&hangzhou(), 0, &DescribeRegions {}),
        ];
        for other in others {
            assert_ne!(other, Some(base.clone()));
        }
    }

    #[test]
    fn a_write_forgets_what_it_changes_and_what_is_on_its_way() {
        let memory = Arc::new(ResponseCache::new(1 << 20).unwrap());
        let before = memory.key(&hangzhou(), 0, &users("a")).unwrap();
        let regions = memory.key(&hangzhou(), 0, &DescribeRegions {}).unwrap();
        memory.keep(&regions, &kept("regions"));
        let on_its_way = memory.join(&before).unwrap_err();
        memory.forget(CreateUser::CHANGES);
        on_its_way.land(Ok(kept("old")));
        let after = memory.key(&hangzhou(), 0, &users("a")).unwrap();
        assert!(memory.find(&after).is_none());
        assert!(memory.find(&regions).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_newer_answer_stays() {
        let memory = ResponseCache::new(1 << 20).unwrap();
        let key = memory.key(&hangzhou(), 0, &users("a")).unwrap();
        let older = kept("older");
        tokio::time::advance(Duration::from_secs(1)).await;
        memory.keep(&key, &kept("newer"));
        memory.keep(&key, &older);
        assert_eq!(memory.find(&key).unwrap().body, "newer");
    }

    #[tokio::test]
    async fn a_call_that_dies_lets_others_ask() {
        let memory = Arc::new(ResponseCache::new(1 << 20).unwrap());
        let key = memory.key(&hangzhou(), 0, &users("a")).unwrap();
        let taken_off = memory.join(&key).unwrap_err();
        let mut landing = memory.join(&key).unwrap();
        drop(taken_off);
        assert!(landing.wait_for(Option::is_some).await.is_err());
        assert!(memory.join(&key).is_err(), "a new call takes off");
    }

    #[test]
    fn memory_is_bounded_by_bytes() {
        const BOUND: u64 = 1 << 20;
        let memory = ResponseCache::new(BOUND).unwrap();
        for number in 0..1000 {
            let key = memory.key(&hangzhou(), 0, &users(&format!("{number}"))).unwrap();
            memory.keep(&key, &kept(&"x".repeat(10_000)));
            memory.kept.run_pending_tasks();
        }
        assert!(memory.kept.weighted_size() <= BOUND);
        assert!(memory.kept.entry_count() >= 90, "{}", memory.kept.entry_count());
    }

    #[test]
    fn no_memory_is_none() {
        assert!(ResponseCache::new(0).is_none());
    }
}
