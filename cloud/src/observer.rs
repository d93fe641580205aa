//! What the client reports as calls go: every attempt, every call that is shed and every read that is answered passes here
//! once. It is logged here; whoever counts it implements [`Observer`].

use std::{fmt, sync::Arc, time::Duration};

use shared::{Class, Code, Product, ids::RegionId};
use tokio::time::Instant;
use tracing::{info, warn};

use super::errors::CallError;

/// Counts what the client does. Each method does nothing unless it is implemented.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// An attempt at calling an action begins.
    fn attempt_started(&self, _action: &'static str) {}
    /// An attempt has ended. `outcome` is `ok`, the problem's code, or `abandoned` where nobody waited for the end.
    fn attempt_ended(&self, _action: &'static str, _outcome: &'static str, _took: Duration) {}
    /// An attempt is not the first of its call.
    fn retried(&self, _action: &'static str) {}
    /// The cloud asked for fewer calls.
    fn throttled(&self, _product: Product, _region: &RegionId) {}
    /// A call was not sent, since it would have had to wait for too long.
    fn shed(&self, _product: Product, _region: &RegionId) {}
    /// A read was answered.
    fn read_answered(&self, _action: &'static str, _source: ReadSource) {}
}

/// Counts nothing.
impl Observer for () {}

/// Where the answer to a read came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadSource {
    /// From the cloud.
    Cloud,
    /// From the response cache, while the answer was fresh.
    Cache,
    /// From the response cache, while a fresh answer was on its way.
    StaleCache,
    /// From a call that another caller was waiting for already.
    SharedCall,
}

impl ReadSource {
    /// The source as a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "upstream",
            Self::Cache => "cache",
            Self::StaleCache => "stale",
            Self::SharedCall => "shared",
        }
    }
}

/// Reports to the log and to the observer.
#[derive(Clone, Debug)]
pub(super) struct Events(Arc<dyn Observer>);

/// Which call is reported on.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallInfo<'a> {
    pub(super) action: &'static str,
    pub(super) product: Product,
    pub(super) class: Class,
    pub(super) region: &'a RegionId,
}

/// An attempt under way. Dropped without an end, it was abandoned.
pub(super) struct Attempt<'a> {
    events: &'a Events,
    call: CallInfo<'a>,
    number: u32,
    began: Instant,
    outcome: &'static str,
}

impl Events {
    pub(super) fn new(observer: Arc<dyn Observer>) -> Self {
        Self(observer)
    }

    /// An attempt of this number begins, from 1; `is_retry` unless it is the first of its call.
    pub(super) fn attempt<'a>(&'a self, call: CallInfo<'a>, number: u32, is_retry: bool) -> Attempt<'a> {
        if is_retry {
            self.0.retried(call.action);
        }
        self.0.attempt_started(call.action);
        Attempt { events: self, call, number, began: Instant::now(), outcome: "abandoned" }
    }

    /// A call is shed before it is sent.
    pub(super) fn shed(&self, call: CallInfo<'_>, after: Duration) {
        let CallInfo { action, product, region, .. } = call;
        self.0.shed(product, region);
        let retry_after_ms = after.as_millis();
        warn!(action, %region, retry_after_ms, "turned away: too many calls are waiting for the upstream");
    }

    /// A retry that would have been due is left out.
    pub(super) fn out_of_retries(CallInfo { action, region, .. }: CallInfo<'_>) {
        info!(action, %region, "not retried: the retry budget is spent");
    }

    /// A read is answered.
    pub(super) fn read(&self, action: &'static str, source: ReadSource) {
        self.0.read_answered(action, source);
    }
}

impl Attempt<'_> {
    /// The attempt has ended, well or not.
    pub(super) fn end(mut self, result: Result<(), &CallError>) {
        let CallInfo { action, product, region, .. } = self.call;
        self.outcome = result.err().map_or("ok", |error| error.code.as_str());
        let Err(CallError { code, effect, note, request_id, .. }) = result else { return };
        if *code == Code::Throttled {
            self.events.0.throttled(product, region);
        }
        let (attempt, upstream_request_id) = (self.number, request_id.as_deref());
        warn!(action, %region, attempt, %code, ?effect, upstream_request_id, note, "the upstream call failed");
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.events.0.attempt_ended(self.call.action, self.outcome, self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Ended(Mutex<Vec<&'static str>>);

    impl Observer for Ended {
        fn attempt_ended(&self, _: &'static str, outcome: &'static str, _: Duration) {
            self.0.lock().unwrap().push(outcome);
        }
    }

    #[test]
    fn an_attempt_that_nobody_waits_for_is_reported_too() {
        let ended = Arc::new(Ended::default());
        let events = Events::new(Arc::clone(&ended) as Arc<dyn Observer>);
        let region = "cn-hangzhou".parse().unwrap();
        let call = CallInfo { action: "A", product: Product::Vpc, class: Class::Read, region: &region };
        events.attempt(call, 1, false).end(Ok(()));
        drop(events.attempt(call, 1, false));
        assert_eq!(*ended.0.lock().unwrap(), ["ok", "abandoned"]);
    }
}
