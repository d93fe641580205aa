//! Watching orders: long polling for one order, and the stream of all changes. Changes by this proxy are announced at
//! once. Changes by other processes are found by polling the journal's history.

use std::{sync::Arc, time::Duration};

use shared::{ids::ClientToken, order::Order};
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        broadcast::{self, error::RecvError},
    },
    time::{sleep, timeout},
};

use super::{Accounts, JournalError, Orders, Position, Viewer};

/// Poll interval for changes by other processes.
const POLL_INTERVAL: Duration = Duration::from_millis(400);
/// Changes read at once.
const READ_BATCH: u32 = 200;
/// A watcher that is further behind reloads its list, which is faster than reading the changes.
const MAX_LAG: Position = 5_000;
/// Concurrent streams of each proxy.
const MAX_STREAMS: usize = 256;

/// The limit of concurrent streams.
pub(super) fn stream_limit() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MAX_STREAMS))
}

/// A stream of changes, from a position in the history on.
#[derive(Debug)]
pub struct Watch {
    orders: Orders,
    accounts: Accounts,
    position: Position,
    /// Whether changes before `position` were skipped.
    has_gap: bool,
    announced: broadcast::Receiver<ClientToken>,
    _permit: OwnedSemaphorePermit,
}

/// An item of the stream.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// An order, as it stands.
    Order(Position, Box<Order>),
    /// Changes were skipped; the watcher has to reload everything.
    Gap(Position),
}

impl Orders {
    /// Long poll: the order of this token after its next change. Returns at once if it is settled, and after `wait` at
    /// the latest.
    pub async fn changed_order(
        &self,
        token: &ClientToken,
        accounts: &Accounts,
        viewer: Viewer<'_>,
        wait: Duration,
    ) -> Result<Option<Order>, JournalError> {
        // Subscribes before the order is read, so that no change falls between the two.
        let changes = self.driver.changes().subscribe();
        match self.order(token, accounts, viewer).await? {
            Some(order) if !order.state.is_settled() => {
                let change = next_change(changes, token);
                tokio::select! {
                    _ = timeout(wait, change) => {}
                    () = self.driver.stopping() => {}
                }
                self.order(token, accounts, viewer).await
            }
            order => Ok(order),
        }
    }

    /// Watches the orders of the accounts, from `last` or from now on. `None` if the limit of streams is reached.
    pub async fn watch(&self, last: Option<Position>, accounts: Accounts) -> Result<Option<Watch>, JournalError> {
        let Ok(permit) = Arc::clone(&self.watchers).try_acquire_owned() else { return Ok(None) };
        let announced = self.driver.changes().subscribe();
        let now = self.driver.journal().position().await?;
        // A position beyond the end is one of another journal.
        let known = last.filter(|last| ((now - MAX_LAG).max(0)..=now).contains(last));
        Ok(Some(Watch {
            orders: self.clone(),
            accounts,
            position: known.unwrap_or(now),
            has_gap: last.is_some() && known.is_none(),
            announced,
            _permit: permit,
        }))
    }

    /// Announces changes that other processes make, from this position of the history on.
    pub(super) async fn announce_other_changes(self, mut known: Position) {
        let journal = self.driver.journal();
        loop {
            tokio::select! {
                () = self.driver.stopping() => return,
                () = sleep(POLL_INTERVAL) => {}
            }
            let now = match journal.position().await {
                Ok(now) => now,
                Err(error) => {
                    tracing::warn!(%error, "changes by other processes cannot be read; trying again");
                    continue;
                }
            };
            // Without watchers nothing is read: a later watcher starts from its own position.
            if self.driver.changes().receiver_count() == 0 {
                known = now;
            }
            if known >= now {
                continue;
            }
            match journal.changes(known, &Accounts::All, READ_BATCH).await {
                Ok((changes, position)) => {
                    known = position;
                    for (_, order) in changes {
                        let _ = self.driver.changes().send(order.token);
                    }
                }
                Err(error) => tracing::warn!(%error, "changes by other processes cannot be read; trying again"),
            }
        }
    }
}

impl Watch {
    /// The position that the stream has reached.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Waits for the next changes. `None` when the proxy stops.
    pub async fn next(&mut self) -> Option<Vec<WatchEvent>> {
        if std::mem::take(&mut self.has_gap) {
            return Some(vec![WatchEvent::Gap(self.position)]);
        }
        loop {
            // Everything announced so far is in the journal, and is read in one query.
            while !matches!(
                self.announced.try_recv(),
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
            ) {}
            match self.orders.driver.journal().changes(self.position, &self.accounts, READ_BATCH).await {
                Ok((changes, position)) => {
                    let has_moved = position > self.position;
                    self.position = position;
                    if !changes.is_empty() {
                        let events = changes.into_iter().map(|(at, order)| WatchEvent::Order(at, Box::new(order)));
                        return Some(events.collect());
                    }
                    // A page with changes of other accounts only: more may follow.
                    if has_moved {
                        continue;
                    }
                }
                Err(error) => tracing::warn!(%error, "changes cannot be read; trying again"),
            }
            let wait = async { drop(self.announced.recv().await) };
            tokio::select! {
                biased;
                () = self.orders.driver.stopping() => return None,
                () = wait => {}
                // Retry, because the journal may have failed before.
                () = sleep(POLL_INTERVAL * 5) => {}
            }
        }
    }
}

async fn next_change(mut changes: broadcast::Receiver<ClientToken>, token: &ClientToken) {
    loop {
        match changes.recv().await {
            Ok(other) if other == *token => return,
            Ok(_) => {}
            // A lagging receiver may have missed this order's change.
            Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        }
    }
}
