//! Orders: kept in the [`journal`], carried out by the [`driver`], and watched by whoever asked. Nothing here knows
//! HTTP.

mod driver;
mod journal;

use std::{sync::Arc, time::Duration};

use shared::{
    ids::{ClientToken, OwnerId},
    order::{NewOrder, Operation, Order},
};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use journal::{AcceptError, Journal, JournalError};

use crate::{settings::OrderSettings, upstream::Upstream};
use driver::Driver;

/// The orders of this proxy.
#[derive(Clone, Debug)]
pub struct Orders {
    driver: Arc<Driver>,
    owner_id: Option<OwnerId>,
}

impl Orders {
    /// The orders of a journal. Those that are not settled are taken up where they stand. `tasks` are what a stop has
    /// to wait for, and `stopping` asks them to come to an end.
    pub async fn start(
        journal: Journal,
        upstream: Arc<Upstream>,
        settings: &OrderSettings,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Result<Self, JournalError> {
        let unsettled = journal.unsettled().await?;
        let driver = Arc::new(Driver::new(journal, upstream, settings, tasks, stopping));
        if !unsettled.is_empty() {
            tracing::info!(orders = unsettled.len(), "taking up the orders that are not settled");
        }
        for token in unsettled {
            driver.take_up(token);
        }
        Ok(Self { driver, owner_id: settings.owner_id.clone() })
    }

    /// Puts orders on disk, all or none, and starts to carry them out. One that is known already, with the same
    /// content, is answered as it stands.
    pub async fn accept(&self, orders: Vec<NewOrder>) -> Result<Vec<Order>, AcceptError> {
        let orders: Vec<_> = orders.into_iter().map(|order| self.for_owner(order)).collect();
        let accepted = self.driver.journal().accept(&orders).await?;
        let mut shown = Vec::with_capacity(accepted.len());
        for (order, is_new) in accepted {
            if is_new {
                let (action, token, region) = (&order.action, order.token.as_str(), &order.region);
                tracing::info!(target: "audit", %action, token, %region, "the order is accepted");
                self.driver.take_up(order.token.clone());
            }
            shown.push(order);
        }
        Ok(shown)
    }

    /// The order of this token.
    pub async fn order(&self, token: &ClientToken) -> Result<Option<Order>, JournalError> {
        self.driver.journal().order(token).await
    }

    /// The order of this token, after its next change: at once if it is settled, and no later than after `patience`.
    pub async fn changed_order(&self, token: &ClientToken, patience: Duration) -> Result<Option<Order>, JournalError> {
        // Before the order is read, so that no change falls between the two.
        let changes = self.driver.changes();
        match self.order(token).await? {
            Some(order) if !order.state.is_settled() => {
                let change = next_change(changes, token);
                tokio::select! {
                    _ = timeout(patience, change) => {}
                    () = self.driver.stopping() => {}
                }
                self.order(token).await
            }
            order => Ok(order),
        }
    }

    /// The newest orders, newest first.
    pub async fn newest(&self, limit: u32) -> Result<Vec<Order>, JournalError> {
        self.driver.journal().newest(limit).await
    }

    /// Whether the journal answers.
    pub async fn check(&self) -> Result<(), JournalError> {
        self.driver.journal().check().await
    }

    /// The order with the account that this proxy buys for, which no caller may name.
    fn for_owner(&self, mut order: NewOrder) -> NewOrder {
        let owner_id = match &mut order.operation {
            Operation::Create(request) => &mut request.owner_id,
            Operation::Renew(request) => &mut request.owner_id,
            Operation::Delete(request) => &mut request.owner_id,
        };
        owner_id.clone_from(&self.owner_id);
        order
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
