//! Watching orders: waiting for one to change, and the stream of all changes. Changes made by this proxy are told at
//! once; those of other proxies, and of an operator's command, are found by looking into the journal's history.

use std::{sync::Arc, time::Duration};

use shared::{ids::ClientToken, order::Order};
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        broadcast::{self, error::RecvError},
    },
    time::{sleep, timeout},
};

use super::{Accounts, JournalError, Orders, Position};

/// How long a change made elsewhere may go unnoticed.
const LOOK: Duration = Duration::from_millis(400);
/// Changes that are read at once.
const PAGE: u32 = 200;
/// Whoever is further behind loads a list faster than it reads the changes.
const FURTHEST: Position = 5_000;
/// Streams at the same time, for each proxy.
const STREAMS: usize = 256;

/// Room for this many streams.
pub(super) fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(STREAMS))
}

/// A stream of changes, from a place in the history on.
#[derive(Debug)]
pub struct Watch {
    orders: Orders,
    accounts: Accounts,
    position: Position,
    /// Whether changes before `position` were left out that should have been told.
    has_gap: bool,
    news: broadcast::Receiver<ClientToken>,
    _room: OwnedSemaphorePermit,
}

/// What a stream tells.
#[derive(Clone, Debug)]
pub enum Change {
    /// An order, as it is now.
    Order(Position, Box<Order>),
    /// Changes were left out; whoever watches has to look at everything again.
    Gap(Position),
}

impl Orders {
    /// The order of this token, after its next change: at once if it is settled, and no later than after `patience`.
    pub async fn changed_order(
        &self,
        token: &ClientToken,
        accounts: &Accounts,
        patience: Duration,
    ) -> Result<Option<Order>, JournalError> {
        // Before the order is read, so that no change falls between the two.
        let changes = self.driver.changes().subscribe();
        match self.order(token, accounts).await? {
            Some(order) if !order.state.is_settled() => {
                let change = next_change(changes, token);
                tokio::select! {
                    _ = timeout(patience, change) => {}
                    () = self.driver.stopping() => {}
                }
                self.order(token, accounts).await
            }
            order => Ok(order),
        }
    }

    /// Watches the orders of a accounts, from the place after `last`, or from now on. Nothing if too many watch already.
    pub async fn watch(&self, last: Option<Position>, accounts: Accounts) -> Result<Option<Watch>, JournalError> {
        let Ok(room) = Arc::clone(&self.watchers).try_acquire_owned() else { return Ok(None) };
        let news = self.driver.changes().subscribe();
        let now = self.driver.journal().position().await?;
        // A place that is not there yet is one of another journal.
        let known = last.filter(|last| ((now - FURTHEST).max(0)..=now).contains(last));
        Ok(Some(Watch {
            orders: self.clone(),
            accounts,
            position: known.unwrap_or(now),
            has_gap: last.is_some() && known.is_none(),
            news,
            _room: room,
        }))
    }

    /// Tells watchers of changes that other processes make, from this place of the history on.
    pub(super) async fn tell_of_others(self, mut known: Position) {
        let journal = self.driver.journal();
        loop {
            tokio::select! {
                () = self.driver.stopping() => return,
                () = sleep(LOOK) => {}
            }
            let now = match journal.position().await {
                Ok(now) => now,
                Err(error) => {
                    tracing::warn!(%error, "changes made elsewhere cannot be read");
                    continue;
                }
            };
            // Whoever begins to watch after this reads what there is up to here by itself.
            if self.driver.changes().receiver_count() == 0 {
                known = now;
            }
            if known >= now {
                continue;
            }
            match journal.changes(known, &Accounts::All, PAGE).await {
                Ok((changes, position)) => {
                    known = position;
                    for (_, order) in changes {
                        let _ = self.driver.changes().send(order.token);
                    }
                }
                Err(error) => tracing::warn!(%error, "changes made elsewhere cannot be read"),
            }
        }
    }
}

impl Watch {
    /// Where the stream stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The next changes, when there are any. Nothing when the proxy stops.
    pub async fn next(&mut self) -> Option<Vec<Change>> {
        if std::mem::take(&mut self.has_gap) {
            return Some(vec![Change::Gap(self.position)]);
        }
        loop {
            // What has been announced so far is in the journal, and is read together.
            while !matches!(
                self.news.try_recv(),
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
            ) {}
            match self.orders.driver.journal().changes(self.position, &self.accounts, PAGE).await {
                Ok((changes, position)) => {
                    let has_moved = position > self.position;
                    self.position = position;
                    if !changes.is_empty() {
                        let told = changes.into_iter().map(|(at, order)| Change::Order(at, Box::new(order)));
                        return Some(told.collect());
                    }
                    // A page of others' changes only: there may be more after it.
                    if has_moved {
                        continue;
                    }
                }
                Err(error) => tracing::warn!(%error, "changes cannot be read"),
            }
            let wait = async { drop(self.news.recv().await) };
            tokio::select! {
                biased;
                () = self.orders.driver.stopping() => return None,
                () = wait => {}
                // The journal may be the one that could not be read.
                () = sleep(LOOK * 5) => {}
            }
        }
    }
}

async fn next_change(mut changes: broadcast::Receiver<ClientToken>, token: &ClientToken) {
    loop {
        match changes.recv().await {
            Ok(other) if other == *token => return,
            Ok(_) => {}
            // Who missed changes may have missed this one.
            Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        }
    }
}
