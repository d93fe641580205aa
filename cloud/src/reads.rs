//! Reads for the page: cached, single-flight, stale-while-revalidate. The check before a purchase is none of these; it
//! always calls.

use std::{sync::Arc, time::Duration};

use shared::{Action, Code, ids::RegionId};
use tokio::time::Instant;

use super::{
    client::{Answer, Client},
    errors::{CallError, Effect},
    observer::ReadSource,
    response_cache::{CachedAnswer, Key, ResponseCache},
    single_flight::{CutShort, Joined},
};

/// How new an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// As new as its action declares.
    Declared,
    /// At most a second old, for a reader who reloads.
    New,
}

/// Room for a short answer, so that it need not move while it is written.
const USUAL_LENGTH: usize = 512;

/// The age up to which an answer is new. Above zero, so that nobody makes the proxy hammer the upstream.
const NEW: Duration = Duration::from_secs(1);

/// An answer to a read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The answer.
    pub answer: CachedAnswer,
    /// Its age, if it is not an answer to this very question.
    pub age: Option<Duration>,
}

impl Client {
    /// Answers a read. Any number of equal questions at the same time are one call, which goes on even if those who asked
    /// go away.
    pub async fn read<A: Action>(
        self: &Arc<Self>,
        region: &RegionId,
        request: &A,
        freshness: Freshness,
    ) -> Result<Read, CallError> {
        let (Some(cache), Some(key)) = (&self.cache, self.cache_key(region, request)) else {
            let asked_at = Instant::now();
            let answer = to_cached::<A>(&self.ask(region, request).await?, asked_at);
            self.events.read(A::NAME, ReadSource::Cloud);
            return Ok(Read { answer, age: None });
        };
        let found = cache.find(&key).map(|answer| (answer.age(), answer));
        let fresh = if freshness == Freshness::New { NEW.min(A::FRESH) } else { A::FRESH };
        match found {
            Some((age, answer)) if age < fresh => {
                self.events.read(A::NAME, ReadSource::Cache);
                return Ok(Read { answer, age: Some(age) });
            }
            Some((age, answer)) if freshness == Freshness::Declared && age < A::FRESH + A::STALE => {
                if answer.may_be_revalidated() {
                    // It goes on by itself.
                    drop(self.fetch(cache, key, region, request));
                }
                self.events.read(A::NAME, ReadSource::StaleCache);
                return Ok(Read { answer, age: Some(age) });
            }
            _ => {}
        }
        let joined = self.fetch(cache, key, region, request);
        let from = if joined.is_shared { ReadSource::SharedCall } else { ReadSource::Cloud };
        let answer = joined.result().await.map_err(|error| cut_short::<A>(error))??;
        self.events.read(A::NAME, from);
        let age = (from == ReadSource::SharedCall).then(|| answer.age());
        Ok(Read { answer, age })
    }

    /// The cached answer to a read, as old as its action allows. The cloud is not asked, and nobody waits.
    #[must_use]
    pub fn cached<A: Action>(&self, region: &RegionId, request: &A) -> Option<CachedAnswer> {
        let found = self.cache.as_ref()?.find(&self.cache_key(region, request)?)?;
        (found.age() < A::FRESH + A::STALE).then_some(found)
    }

    /// Asks the cloud and caches the answer, or joins those who are asking already. How many calls there are is bounded as
    /// for all calls, and their time by the deadline of reads.
    fn fetch<A: Action>(
        self: &Arc<Self>,
        cache: &Arc<ResponseCache>,
        key: Key,
        region: &RegionId,
        request: &A,
    ) -> Joined<Result<CachedAnswer, CallError>> {
        self.reads.join(key.clone(), || {
            let (client, cache, region, request) =
                (Arc::clone(self), Arc::clone(cache), region.clone(), request.clone());
            async move {
                let asked_at = Instant::now();
                let answer = client.ask(&region, &request).await.map(|answer| to_cached::<A>(&answer, asked_at));
                match &answer {
                    Ok(answer) => cache.insert(&key, answer),
                    Err(_) => cache.revalidation_failed(&key),
                }
                answer
            }
        })
    }

    /// The key of a question, if its answers are cached.
    pub(super) fn cache_key<A: Action>(&self, region: &RegionId, request: &A) -> Option<Key> {
        self.cache.as_ref()?.key(region, self.credentials.account(), request)
    }

    /// Caches the answer to a call that did not come through [`Client::read`]: nothing is newer.
    pub(super) fn store<A: Action>(&self, key: Option<Key>, answer: &Answer<A::Response>, asked_at: Instant) {
        if let (Some(cache), Some(key)) = (&self.cache, key) {
            cache.insert(&key, &to_cached::<A>(answer, asked_at));
        }
    }

    /// Drops the cached answers of these reads.
    pub(super) fn invalidate(&self, actions: &[&'static str]) {
        if let Some(cache) = &self.cache {
            cache.invalidate(actions);
        }
    }
}

fn to_cached<A: Action>(answer: &Answer<A::Response>, asked_at: Instant) -> CachedAnswer {
    let mut body = Vec::with_capacity(USUAL_LENGTH);
    // An answer is a struct of texts, numbers and lists, which always serialises.
    let _ = serde_json::to_writer(&mut body, &answer.value);
    CachedAnswer::new(body, answer.request_id.clone(), asked_at)
}

/// A fault of ours, or the proxy stops.
fn cut_short<A: Action>(error: CutShort) -> CallError {
    CallError::without_answer(A::NAME, A::CLASS, Code::Internal, Effect::Unknown, error.to_string())
}
