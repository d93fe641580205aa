//! Reads for the page: from memory where an answer is new enough, together with others where the same is being asked
//! already, and otherwise by a call of their own. The check before a purchase is none of these; it always calls.

use std::{sync::Arc, time::Duration};

use shared::{Action, Code, ids::RegionId};
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    client::{Answer, Client},
    errors::{CallError, Effect},
    observer::ReadSource,
    response_cache::{CachedAnswer, Key, TakenOff},
};

/// How new an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// As new as its action declares.
    Declared,
    /// New: somebody does not believe what was there.
    New,
}

/// Room for a short answer, so that it need not move while it is written.
const USUAL_LENGTH: usize = 512;

/// What counts as new for whoever wants it new, so that nobody makes the proxy hammer the upstream.
const NEW: Duration = Duration::from_secs(1);

/// An answer to a read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The answer.
    pub kept: CachedAnswer,
    /// Its age, if it is not an answer to this very question.
    pub age: Option<Duration>,
}

impl Client {
    /// Answers a read. Any number of equal questions at once are one
    /// call, which goes on even if those who asked go away.
    pub async fn read<A: Action>(
        self: &Arc<Self>,
        region: &RegionId,
        request: &A,
        freshness: Freshness,
    ) -> Result<Read, CallError> {
        let (Some(memory), Some(key)) = (&self.memory, self.key(region, request)) else {
            let asked_at = Instant::now();
            let kept = to_kept::<A>(&self.ask(region, request).await?, asked_at);
            self.events.read(A::NAME, ReadSource::Cloud);
            return Ok(Read { kept, age: None });
        };
        let found = memory.find(&key).map(|kept| (kept.age(), kept));
        let fresh = if freshness == Freshness::New { NEW.min(A::FRESH) } else { A::FRESH };
        match found {
            Some((age, kept)) if age < fresh => {
                self.events.read(A::NAME, ReadSource::Cache);
                return Ok(Read { kept, age: Some(age) });
            }
            Some((age, kept)) if freshness == Freshness::Declared && age < A::FRESH + A::STALE => {
                if kept.may_be_renewed()
                    && let Err(taken_off) = memory.join(&key)
                {
                    self.fly(region, request, taken_off);
                }
                self.events.read(A::NAME, ReadSource::StaleCache);
                return Ok(Read { kept, age: Some(age) });
            }
            _ => {}
        }
        let (mut landing, from) = match memory.join(&key) {
            Ok(landing) => (landing, ReadSource::SharedCall),
            Err(taken_off) => {
                let landing = taken_off.landing();
                self.fly(region, request, taken_off);
                (landing, ReadSource::Cloud)
            }
        };
        let landed = landing.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
        let Some(answer) = landed else { return Err(cut_short::<A>()) };
        let kept = answer?;
        self.events.read(A::NAME, from);
        let age = (from == ReadSource::SharedCall).then(|| kept.age());
        Ok(Read { kept, age })
    }

    /// Asks the upstream, in a task of its own. Its number is bounded as all calls' is, and its time by the deadline of
    /// reads.
    fn fly<A: Action>(self: &Arc<Self>, region: &RegionId, request: &A, taken_off: TakenOff) {
        let (upstream, region, request) = (Arc::clone(self), region.clone(), request.clone());
        let flight = async move {
            let asked_at = Instant::now();
            let answer = upstream.ask(&region, &request).await;
            taken_off.land(answer.map(|answer| to_kept::<A>(&answer, asked_at)));
        };
        // Its lines in the log belong to the request that it began with.
        tokio::spawn(flight.in_current_span());
    }

    /// What a question's answer is remembered under, if it is remembered.
    pub(super) fn key<A: Action>(&self, region: &RegionId, request: &A) -> Option<Key> {
        self.memory.as_ref()?.key(region, self.credentials.account(), request)
    }

    /// Remembers the answer to a call that did not come through [`Client::read`]: nothing is newer.
    pub(super) fn remember<A: Action>(&self, key: Option<Key>, answer: &Answer<A::Response>, asked_at: Instant) {
        if let (Some(memory), Some(key)) = (&self.memory, key) {
            memory.keep(&key, &to_kept::<A>(answer, asked_at));
        }
    }

    /// Forgets the answers of these reads.
    pub(super) fn forget(&self, actions: &[&'static str]) {
        if let Some(memory) = &self.memory {
            memory.forget(actions);
        }
    }
}

fn to_kept<A: Action>(answer: &Answer<A::Response>, asked_at: Instant) -> CachedAnswer {
    let mut body = Vec::with_capacity(USUAL_LENGTH);
    // An answer is a struct of texts, numbers and lists, which always serialises.
    let _ = serde_json::to_writer(&mut body, &answer.value);
    CachedAnswer::new(body, answer.request_id.clone(), asked_at)
}

/// The call that others waited for has ended without an answer: a fault of ours, or the proxy stops.
fn cut_short<A: Action>() -> CallError {
    let note = "the call that was waited for was cut short".to_owned();
    CallError::without_answer(A::NAME, A::CLASS, Code::Internal, Effect::Unknown, note)
}
