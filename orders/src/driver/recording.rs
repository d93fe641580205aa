//! How a driver writes down what happens to an order: until the journal takes it, and without forgetting what it knows
//! when the journal has.

use std::time::Duration;

use shared::{
    Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::OrderEvent,
};
use tokio::time::sleep;
use tracing::{error, info};

use super::Driver;
use crate::journal::{Change, Entry, JournalError};

impl Driver {
    /// Writes down what happened, however long the journal takes to be able to: what is known must not be forgotten.
    pub(super) async fn record(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        for failures in 1.. {
            let fault = match self.journal.record(entry, event, change.clone()).await {
                Ok(entry) => {
                    self.recorded(&entry);
                    return Ok(entry);
                }
                Err(fault @ JournalError::Database(_)) => fault,
                Err(fault @ JournalError::Overtaken { .. }) if failures > 1 => {
                    return self.written_after_all(entry, event, &change).await?.ok_or(fault);
                }
                Err(fault @ JournalError::Overtaken { .. }) => {
                    self.catch_up(entry).await?;
                    return Err(fault);
                }
                Err(fault) => return Err(fault),
            };
            error!(token = entry.order.token.as_str(), %fault, "the order cannot be written down; trying again");
            if !self.pause(self.backoff.pause(failures, Some(Duration::from_millis(100)))).await {
                return Err(fault);
            }
        }
        unreachable!("the loop counts without end")
    }

    /// Records the outcome of an attempt, whichever proxy drives the order by now, and however long the journal takes to be
    /// able to: also while the proxy stops, for which it then waits as long as it drains.
    pub(super) async fn record_outcome(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        for failures in 1.. {
            let mut recorded = self.journal.record(entry, event, change.clone()).await;
            if matches!(recorded, Err(JournalError::Overtaken { .. })) {
                recorded = match self.written_after_all(entry, event, &change).await {
                    Ok(Some(entry)) if failures > 1 => Ok(entry),
                    Ok(_) => self.journal.record_late(entry, event, change.clone()).await,
                    Err(fault) => Err(fault),
                };
            }
            let fault = match recorded {
                Ok(entry) => {
                    self.recorded(&entry);
                    return Ok(entry);
                }
                // It changed between two looks at it.
                Err(
                    fault @ (JournalError::Database(_) | JournalError::Overtaken { .. } | JournalError::Replaced(_)),
                ) => fault,
                Err(fault) => return Err(fault),
            };
            error!(token = entry.order.token.as_str(), %fault, "the outcome cannot be written down; trying again");
            sleep(self.backoff.pause(failures, Some(Duration::from_millis(100)))).await;
        }
        unreachable!("the loop counts without end")
    }

    /// The order, if an earlier try to write this down got through although it seemed to fail. Nobody else writes about
    /// an order that is ours.
    async fn written_after_all(
        &self,
        before: &Entry,
        event: Option<OrderEvent>,
        change: &Change,
    ) -> Result<Option<Entry>, JournalError> {
        let state = event.map_or(Some(before.order.state), |event| before.order.state.after(event));
        let now = self.journal.entry(&before.order.token).await?;
        Ok(now.filter(|now| {
            self.journal.is_ours(now)
                && Some(now.order.state) == state
                && now.order.attempts == before.order.attempts + change.attempts
        }))
    }

    /// Keeps what has been recorded of an order, and notifies its watchers.
    fn recorded(&self, entry: &Entry) {
        self.active.keep(entry);
        // There may be no watcher.
        let _ = self.changes.send(entry.order.token.clone());
    }

    /// The order as the journal has it, after a look whether that is all that is known of it.
    pub(super) async fn found(&self, token: &ClientToken) -> Result<Option<Entry>, JournalError> {
        if let Some(known) = self.active.known(token) {
            self.catch_up(&known).await?;
        }
        self.journal.entry(token).await
    }

    /// Brings the journal up to date if it has lost what was recorded of an order.
    async fn catch_up(&self, known: &Entry) -> Result<(), JournalError> {
        if self.journal.catch_up(known).await? {
            error!(token = known.order.token.as_str(), "the journal has lost what was recorded of an order");
        }
        Ok(())
    }
}

impl From<Problem> for Change {
    fn from(problem: Problem) -> Self {
        let upstream_request_id = problem.upstream_request_id.clone();
        Self { upstream_request_id, problem: Some(problem), ..Self::default() }
    }
}

/// Tells what an answer names before anything else can fail: an order of the cloud that is in no record costs money.
pub(super) fn audit_identifiers(entry: &Entry, change: &Change) {
    if change.order_id.is_none() && change.desktop_id.is_none() {
        return;
    }
    info!(
        target: "audit",
        token = entry.order.token.as_str(),
        region = %entry.order.region,
        order_id = change.order_id.as_ref().map(OrderId::as_str),
        desktop_id = change.desktop_id.as_ref().map(DesktopId::as_str),
        upstream_request_id = change.upstream_request_id,
        "the cloud names what it did for an order"
    );
}
