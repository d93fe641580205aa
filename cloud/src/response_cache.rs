//! Response cache: answers to reads, by question. How long an answer is fresh, and how long it may still be shown while it
//! is fetched again, is declared with its action; when the cloud is asked is decided in [`super::reads`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use shared::{Action, Class, actions::NAMES, ids::RegionId};
use tokio::time::Instant;

/// An answer, ready to be sent on.
#[derive(Clone, Debug)]
pub struct CachedAnswer {
    /// The answer in the canonical form, as JSON.
    pub body: Bytes,
    /// The upstream's `RequestId`.
    pub request_id: Option<String>,
    /// When it was asked for; it is at least as new as that.
    asked_at: Instant,
    /// Until when it is not revalidated, since that has just failed.
    not_before: Option<Instant>,
}

/// The key of a question: action, region, account, generation of the action's answers, and every parameter, whatever there
/// will be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<str>);

/// The answers.
#[derive(Debug)]
pub(super) struct ResponseCache {
    answers: moka::sync::Cache<Key, CachedAnswer>,
    /// By action. A write begins a new one for what it changes, so that no answer from before is found any more, not
    /// even one that is still on its way.
    generations: HashMap<&'static str, AtomicU64>,
}

/// Between two attempts to revalidate a stale answer: an upstream that is down is not asked without pause.
const REVALIDATION_PAUSE: Duration = Duration::from_secs(5);
/// What an answer weighs beside its own bytes, roughly.
const OVERHEAD: usize = 256;

impl CachedAnswer {
    /// An answer to a question of that moment.
    pub(crate) fn new(body: Vec<u8>, request_id: Option<String>, asked_at: Instant) -> Self {
        Self { body: body.into(), request_id, asked_at, not_before: None }
    }

    /// How old it is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.asked_at.elapsed()
    }

    /// The answer, if it is one of that kind.
    #[must_use]
    pub fn value<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether a newer one may be fetched while this one is shown.
    pub(super) fn may_be_revalidated(&self) -> bool {
        self.not_before.is_none_or(|at| Instant::now() >= at)
    }
}

impl ResponseCache {
    /// A cache of so many bytes; none for zero.
    pub(super) fn new(bytes: u64) -> Option<Self> {
        let weight = |key: &Key, answer: &CachedAnswer| {
            u32::try_from(key.0.len() + answer.body.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        let longest = longest_use();
        (bytes > 0).then(|| Self {
            answers: moka::sync::Cache::builder().max_capacity(bytes).weigher(weight).time_to_live(longest).build(),
            generations: NAMES.iter().map(|name| (*name, AtomicU64::new(0))).collect(),
        })
    }

    /// The key of a question; none if its answers are not cached. `account` changes when the credentials
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
        self.answers.get(key)
    }

    /// Stores an answer, unless there is a newer one.
    pub(super) fn insert(&self, key: &Key, answer: &CachedAnswer) {
        if self.answers.get(key).is_none_or(|known| known.asked_at <= answer.asked_at) {
            self.answers.insert(key.clone(), answer.clone());
        }
    }

    /// An answer could not be revalidated: that is not tried again for a while.
    pub(super) fn revalidation_failed(&self, key: &Key) {
        if let Some(answer) = self.answers.get(key) {
            let not_before = Some(Instant::now() + REVALIDATION_PAUSE);
            self.answers.insert(key.clone(), CachedAnswer { not_before, ..answer });
        }
    }

    /// Drops all answers of these actions, also those that are still on their way.
    pub(super) fn invalidate(&self, actions: &[&'static str]) {
        for generation in actions.iter().filter_map(|action| self.generations.get(action)) {
            generation.fetch_add(1, Ordering::Release);
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

    fn answer(text: &str) -> CachedAnswer {
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
        let cache = ResponseCache::new(1 << 20).unwrap();
        let base = cache.key(&hangzhou(), 0, &users("a")).unwrap();
        assert_eq!(cache.key(&hangzhou(), 0, &users("a")), Some(base.clone()));
        let others = [
            cache.key(&"cn-beijing".parse().unwrap(), 0, &users("a")),
            cache.key(&hangzhou(), 1, &users("a")),
            cache.key(&hangzhou(), 0, &users("b")),
            cache.key(&hangzhou(), 0, &DescribeActivityDirectoryUsers { user_name: None }),
            cache.key(&hangzhou(), 0, &DescribeRegions {}),
        ];
        for other in others {
            assert_ne!(other, Some(base.clone()));
        }
    }

    #[test]
    fn a_write_forgets_what_it_changes_and_what_is_on_its_way() {
        let cache = ResponseCache::new(1 << 20).unwrap();
        let before = cache.key(&hangzhou(), 0, &users("a")).unwrap();
        let regions = cache.key(&hangzhou(), 0, &DescribeRegions {}).unwrap();
        cache.insert(&regions, &answer("regions"));
        cache.invalidate(CreateUser::CHANGES);
        // On its way since before the write.
        cache.insert(&before, &answer("old"));
        let after = cache.key(&hangzhou(), 0, &users("a")).unwrap();
        assert!(cache.find(&after).is_none());
        assert!(cache.find(&regions).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_newer_answer_stays() {
        let cache = ResponseCache::new(1 << 20).unwrap();
        let key = cache.key(&hangzhou(), 0, &users("a")).unwrap();
        let older = answer("older");
        tokio::time::advance(Duration::from_secs(1)).await;
        cache.insert(&key, &answer("newer"));
        cache.insert(&key, &older);
        assert_eq!(cache.find(&key).unwrap().body, "newer");
    }

    #[test]
    fn it_is_bounded_by_bytes() {
        const BOUND: u64 = 1 << 20;
        let cache = ResponseCache::new(BOUND).unwrap();
        for number in 0..1000 {
            let key = cache.key(&hangzhou(), 0, &users(&format!("{number}"))).unwrap();
            cache.insert(&key, &answer(&"x".repeat(10_000)));
            cache.answers.run_pending_tasks();
        }
        assert!(cache.answers.weighted_size() <= BOUND);
        assert!(cache.answers.entry_count() >= 90, "{}", cache.answers.entry_count());
    }

    #[test]
    fn no_bytes_are_no_cache() {
        assert!(ResponseCache::new(0).is_none());
    }
}
