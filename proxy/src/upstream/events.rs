//! What is told of the calls as they go. Every attempt, every call that is turned away and every read that is answered
//! passes here once, so this is the place to log and to count them.

use std::time::Duration;

use shared::{Class, Code, Product, ids::RegionId};
use tracing::{info, warn};

use super::errors::UpstreamError;
use crate::metrics::{self, Metrics, ReadFrom};

/// Tells of calls: to the log and to the numbers.
#[derive(Debug)]
pub(super) struct Events(Metrics);

/// A call as it is told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of<'a> {
    pub(super) action: &'static str,
    pub(super) product: Product,
    pub(super) class: Class,
    pub(super) region: &'a RegionId,
}

/// An attempt under way. Dropped without an end, it was abandoned.
pub(super) struct Attempt<'a> {
    events: &'a Events,
    of: Of<'a>,
    number: u32,
    counted: metrics::Call,
}

impl Events {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self(metrics)
    }

    /// An attempt begins: of this number, from 1, and again if it is not the first of its call.
    pub(super) fn attempt<'a>(&'a self, of: Of<'a>, number: u32, again: bool) -> Attempt<'a> {
        if again {
            self.0.retried(of.action);
        }
        Attempt { events: self, of, number, counted: self.0.call(of.action) }
    }

    /// A call is turned away before it is sent.
    pub(super) fn shed(&self, of: Of<'_>, after: Duration) {
        let Of { action, product, region, .. } = of;
        self.0.turned_away(product, region);
        let retry_after_ms = after.as_millis();
        warn!(action, %region, retry_after_ms, "turned away: too many calls are waiting for the upstream");
    }

    /// A repetition that would have been due is left out.
    pub(super) fn out_of_repetitions(Of { action, region, .. }: Of<'_>) {
        info!(action, %region, "not repeated: too much has failed lately");
    }

    /// A read is answered.
    pub(super) fn read(&self, action: &'static str, from: ReadFrom) {
        self.0.read(action, from);
    }
}

impl Attempt<'_> {
    /// The attempt has come to its end, well or not.
    pub(super) fn end(self, result: Result<(), &UpstreamError>) {
        let Self { events, of: Of { action, product, region, .. }, number, counted } = self;
        counted.end(result.err().map(|error| error.code));
        let Err(UpstreamError { code, effect, note, request_id, .. }) = result else { return };
        if *code == Code::Throttled {
            events.0.throttled(product, region);
        }
        let upstream_request_id = request_id.as_deref();
        warn!(action, %region, attempt = number, %code, ?effect, upstream_request_id, note, "the upstream call failed");
    }
}
