//! Orders that are carried out exactly once: kept in the [`journal`], carried forward by the [`driver`], and watched by
//! those who placed them.
//!
//! An order is on disk before the cloud hears of it, and ends in exactly one of *placed*, *rejected* and *unresolved: a
//! person is told*. The crate knows no HTTP server and no settings but its own.

mod account;
mod driver;
mod failpoint;
mod journal;
mod limiter;
mod resolve;
mod settings;
mod user_writes;
mod watch;

use std::{sync::Arc, time::Duration};

use cloud::Client;
use shared::{
    ids::{ClientToken, OwnerId},
    order::{Desktop, NewOrder, Operation, Order, OrderState},
};
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use account::{Accounts, account_of};
pub use journal::{AcceptError, Filter, Journal, JournalError, Listed, Position};
pub use resolve::{Finding, ResolveError};
pub use settings::OrderSettings;
pub use user_writes::{UserWriteError, WritesUser};
pub use watch::{Change, Watch};

use driver::Driver;

/// The person who asks for orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The name in the journal; none where nobody signs in.
    pub name: Option<String>,
    /// The orders that there are for this person, which is also the account to buy for where it depends on the person.
    pub accounts: Accounts,
    /// Desktops that this person may buy in a day.
    pub daily_limit: Option<u32>,
}

/// The orders of this proxy.
#[derive(Clone, Debug)]
pub struct Orders {
    driver: Arc<Driver>,
    upstream: Arc<Client>,
    owner_id: Option<OwnerId>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    watchers: Arc<tokio::sync::Semaphore>,
}

/// Orders that are taken over at once; the next ones follow when these are on their way.
const TAKEN_OVER: u32 = 200;
/// The longest time between two looks for orders that nobody drives.
const LOOK: Duration = Duration::from_secs(5);

impl Orders {
    /// The orders of a journal. Those that are not settled and that nobody drives are taken up where they stand, now
    /// and from time to time. `tasks` are what a stop has to wait for, and `stopping` asks them to come to an end.
    pub async fn start(
        journal: Journal,
        upstream: Arc<Client>,
        settings: &OrderSettings,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Result<Self, JournalError> {
        // Before anybody can watch.
        let position = journal.position().await?;
        let driver = Driver::new(journal, Arc::clone(&upstream), settings, tasks.clone(), stopping.clone());
        let orders = Self {
            driver: Arc::new(driver),
            upstream,
            owner_id: settings.owner_id.clone(),
            tasks,
            stopping,
            watchers: watch::room(),
        };
        orders.tasks.spawn(orders.clone().look_after());
        orders.tasks.spawn(orders.clone().tell_of_others(position));
        Ok(orders)
    }

    /// Puts orders on disk, all or none, and starts to carry them out. One that is known already, with the same
    /// content, is answered as it stands.
    pub async fn accept(&self, orders: Vec<NewOrder>, principal: &Principal) -> Result<Vec<Order>, AcceptError> {
        failpoint::hit("before-journal");
        let orders: Vec<_> = orders.into_iter().map(|order| self.for_owner(order, principal)).collect();
        let accepted = self.driver.journal().accept(&orders, principal).await?;
        failpoint::hit("after-journal");
        let mut shown = Vec::with_capacity(accepted.len());
        for (order, is_new) in accepted {
            if is_new {
                let (action, token, region) = (&order.action, order.token.as_str(), &order.region);
                tracing::info!(target: "audit", by = principal.name.as_deref(), %action, token, %region, "the order is accepted");
                let _ = self.driver.changes().send(order.token.clone());
                self.driver.take_up(order.token.clone());
            }
            shown.push(order);
        }
        Ok(shown)
    }

    /// The order of this token, with its history, if it is in the accounts.
    pub async fn order(&self, token: &ClientToken, accounts: &Accounts) -> Result<Option<Order>, JournalError> {
        let order = self.driver.journal().order(token).await?;
        let Some(order) = order.filter(|order| accounts.holds(order)) else { return Ok(None) };
        let history = self.driver.journal().history(token).await?;
        Ok(Some(Order { history, ..order }))
    }

    /// A page of orders, newest first.
    pub async fn list(&self, filter: &Filter) -> Result<Listed<Order>, JournalError> {
        self.driver.journal().list(filter).await
    }

    /// A page of the desktops that were bought through Deskbuy, newest first.
    pub async fn desktops(&self, filter: &Filter) -> Result<Listed<Desktop>, JournalError> {
        self.driver.journal().desktops(filter).await
    }

    /// Whether the journal answers.
    pub async fn check(&self) -> Result<(), JournalError> {
        self.driver.journal().check().await
    }

    /// The number of orders in each state.
    pub async fn counts(&self) -> Result<Vec<(OrderState, i64)>, JournalError> {
        self.driver.journal().counts().await
    }

    /// Leaves what is not settled to whoever comes next. Only when nothing is driven any more.
    pub async fn leave(&self) {
        if let Err(error) = self.driver.journal().leave().await {
            tracing::warn!(%error, "the orders are left when their leases end");
        }
    }

    /// Keeps this proxy's orders its own, and takes up those that nobody drives.
    async fn look_after(self) {
        let journal = self.driver.journal();
        let every = (journal.lease() / 3).min(LOOK);
        loop {
            match self.look().await {
                // There may be more.
                Ok(found) if found >= TAKEN_OVER as usize => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the journal cannot be looked through"),
            }
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = sleep(every) => {}
            }
        }
    }

    async fn look(&self) -> Result<usize, JournalError> {
        let journal = self.driver.journal();
        journal.renew_leases().await?;
        let orders = journal.take_over(TAKEN_OVER).await?;
        if !orders.is_empty() {
            tracing::info!(orders = orders.len(), "taking up orders that are not settled and that nobody drives");
        }
        let found = orders.len();
        for token in orders {
            self.driver.take_up(token);
        }
        for write in journal.take_over_user_writes(TAKEN_OVER).await? {
            self.tasks.spawn(self.clone().look_into(write));
        }
        Ok(found)
    }

    /// The order with the account that is bought for, which no caller may name.
    fn for_owner(&self, mut order: NewOrder, principal: &Principal) -> NewOrder {
        let owner_id = match &mut order.operation {
            Operation::Create(request) => &mut request.owner_id,
            Operation::Renew(request) => &mut request.owner_id,
            Operation::Delete(request) => &mut request.owner_id,
        };
        owner_id.clone_from(match &principal.accounts {
            Accounts::One(account) => account,
            Accounts::All => &self.owner_id,
        });
        order
    }
}
