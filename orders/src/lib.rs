//! Exactly-once orders: recorded in the [`journal`], carried out by the [`driver`], observed through [`Watch`].
//!
//! An order is on disk before the cloud receives it, and ends in exactly one of *placed*, *rejected* and *unresolved*
//! (an operator has to look). The crate knows no HTTP server and no settings but its own.

mod account;
mod approval;
mod driver;
mod earlier_purchase;
mod failpoint;
mod fair_queue;
mod group_commit;
mod journal;
mod limits;
mod notification;
mod order_fields;
mod outbox;
mod resolve;
mod settings;
mod takeover;
mod user_writes;
mod watch;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use cloud::Client;
use shared::{
    ids::{ClientToken, DesktopId, OwnerId},
    limits::Limit,
    order::{Desktop, DesktopChoices, DesktopTotals, NewOrder, Operation, Order, OrderState, Summary, SummaryBy},
    prices::PriceBook,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use account::{Accounts, Viewer, account_of};
pub use approval::ApprovalBounds;
pub use journal::{
    AcceptError, Attempt, AttemptOutcome, BackupError, ChangeFieldsError, DecideError, DesktopTypes, EndedSession,
    Filter, Journal, JournalError, Listed, Opening, Place, Position, schema_version,
};
pub use limits::{Limits, OrderBounds, units};
pub use notification::{DeadNotification, Details, Notification, NotificationCounts, NotificationEvent};
pub use order_fields::{FieldRefused, FieldRule, OrderFieldRules, whole};
pub use outbox::{Deliver, DeliveryFault, DeliverySettings};
pub use resolve::{Finding, ResolveError};
pub use settings::OrderSettings;
pub use user_writes::{UserWriteError, WritesUser};
pub use watch::{Watch, WatchEvent};

use driver::Driver;
use group_commit::GroupCommit;
use journal::Accepted;

/// The signed-in user on whose behalf orders are placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The name in the journal. None without sign-in.
    pub name: Option<String>,
    /// The orders that this principal may see. With one account per principal, also the account to buy for.
    pub accounts: Accounts,
    /// The identifier by which limits count: names and addresses may change. None without sign-in.
    pub id: Option<String>,
    /// Whether only desktops that were bought here may be renewed and released.
    pub own_desktops_only: bool,
    /// What this principal may do. Without an identifier these do not count.
    pub limits: Limits,
    /// What all together may do.
    pub overall: Limits,
    /// What one order may be.
    pub bounds: OrderBounds,
    /// What it may order without an approver.
    pub approval: ApprovalBounds,
    /// What the operator asks for with an order.
    pub fields: OrderFieldRules,
}

/// The orders of this proxy: accepts, lists and drives them. Clones share one driver.
#[derive(Clone, Debug)]
pub struct Orders {
    driver: Arc<Driver>,
    upstream: Arc<Client>,
    owner_id: Option<OwnerId>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    watchers: Arc<tokio::sync::Semaphore>,
    /// Writes about users that a task of this process is at, by their identifiers in the journal.
    user_writes: Arc<Mutex<HashSet<String>>>,
    group: GroupCommit,
    /// The operator's prices, which are written down with each order.
    prices: Arc<PriceBook>,
}

impl Orders {
    /// Starts driving the orders of a journal. Orders without a valid lease are taken over, now and periodically. A
    /// stop waits for `tasks`; `stopping` asks them to end.
    pub async fn start(
        journal: Journal,
        upstream: Arc<Client>,
        settings: &OrderSettings,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Result<Self, JournalError> {
        // Before the first watcher can subscribe.
        let position = journal.position().await?;
        let driver = Arc::new(Driver::new(journal, Arc::clone(&upstream), settings, tasks.clone(), stopping.clone()));
        let group = GroupCommit::start(Arc::clone(&driver));
        let orders = Self {
            driver,
            upstream,
            owner_id: settings.owner_id.clone(),
            tasks,
            stopping,
            watchers: watch::stream_limit(),
            user_writes: Arc::default(),
            group,
            prices: Arc::default(),
        };
        orders.tasks.spawn(orders.clone().keep_leases());
        orders.tasks.spawn(orders.clone().announce_other_changes(position));
        Ok(orders)
    }

    /// The same, with the prices that are written down with each order.
    #[must_use]
    pub fn with_prices(self, prices: Arc<PriceBook>) -> Self {
        Self { prices, ..self }
    }

    /// Records orders on disk, all or none, and starts to carry them out. A known order with the same content is
    /// returned as it stands.
    pub async fn accept(&self, orders: Vec<NewOrder>, principal: &Principal) -> Result<Vec<Order>, AcceptError> {
        failpoint::hit("before-journal");
        let orders: Vec<_> = orders.into_iter().map(|order| self.for_owner(order, principal)).collect();
        let purchases = self.purchases_of(&orders, principal).await?;
        let prices = self.prices_of(&orders, &purchases);
        let inherited = earlier_purchase::inherited(&orders, &purchases);
        let types = purchases.into_iter().map(|(desktop, (type_item_id, _))| (desktop, type_item_id)).collect();
        let principal = principal.clone();
        let request = journal::Request { orders, prices, inherited, types, principal: principal.clone() };
        let accepted = self.group.accept(request).await?;
        failpoint::hit("after-journal");
        let mut shown = Vec::with_capacity(accepted.len());
        for Accepted { order, new } in accepted {
            if let Some(entry) = new {
                let (action, token, region) = (&order.action, order.token.as_str(), &order.region);
                let awaits = order.state == OrderState::AwaitingApproval;
                let what = if awaits { "the order awaits approval" } else { "the order is accepted" };
                tracing::info!(target: "audit", by = principal.name.as_deref(), %action, token, %region, "{what}");
                let _ = self.driver.changes().send(order.token.clone());
                if awaits {
                    // Nobody drives it before an approver has approved it.
                } else if self.driver.journal().is_ours(&entry) {
                    self.driver.drive(entry);
                } else {
                    self.driver.more_wait(true);
                }
            }
            shown.push(order);
        }
        Ok(shown)
    }

    /// The order of this token, with its history, if it is in the accounts.
    pub async fn order(
        &self,
        token: &ClientToken,
        accounts: &Accounts,
        viewer: Viewer<'_>,
    ) -> Result<Option<Order>, JournalError> {
        let entry = self.driver.journal().entry(token).await?;
        let Some(entry) = entry.filter(|entry| accounts.holds(&entry.order)) else { return Ok(None) };
        let history = self.driver.journal().history(token).await?;
        let fields_editable = viewer.may_change_fields(entry.buyer_id.as_deref());
        Ok(Some(Order { history, fields_editable, ..entry.shown_to(viewer.approver()) }))
    }

    /// Adds to the requests of renewals and releases the types of their desktops, where those were bought here within the
    /// accounts.
    pub async fn add_types(&self, orders: &mut [Order], accounts: &Accounts) -> Result<(), JournalError> {
        let later = |order: &Order| order.request.get("DesktopId")?.as_str()?.parse::<DesktopId>().ok();
        let desktops: Vec<_> = orders.iter().filter_map(later).collect();
        let desktops: Vec<_> = desktops.iter().collect();
        let purchases = self.driver.journal().purchases_of(&desktops, accounts).await?;
        for order in orders {
            let desktop = later(order).map(|desktop| (order.region.to_string(), desktop.to_string()));
            if let Some((type_item, _)) = desktop.and_then(|desktop| purchases.get(&desktop)) {
                order.request.insert("TypeItemId".to_owned(), type_item.as_str().into());
            }
        }
        Ok(())
    }

    /// A page of orders, newest first.
    pub async fn list(&self, filter: &Filter) -> Result<Listed<Order>, JournalError> {
        self.driver.journal().list(filter).await
    }

    /// A page of the desktops that were bought through Deskbuy, newest first or in the order that the filter says.
    pub async fn desktops(&self, filter: &Filter) -> Result<Listed<Desktop>, JournalError> {
        self.driver.journal().desktops(filter).await
    }

    /// The limits of a principal and of all together, with what is left of each.
    pub async fn limits(&self, principal: &Principal) -> Result<Vec<Limit>, JournalError> {
        self.driver.journal().limits(principal).await
    }

    /// How many desktops there are by a filter.
    pub async fn desktop_totals(&self, filter: &Filter) -> Result<DesktopTotals, JournalError> {
        self.driver.journal().desktop_totals(filter).await
    }

    /// What desktops can be filtered by.
    pub async fn desktop_choices(&self, accounts: &Accounts) -> Result<DesktopChoices, JournalError> {
        self.driver.journal().desktop_choices(accounts).await
    }

    /// What was ordered in the last so many months. `None` if that has more rows than are answered.
    pub async fn summary(
        &self,
        by: &SummaryBy,
        months: u32,
        accounts: &Accounts,
    ) -> Result<Option<Summary>, JournalError> {
        self.driver.journal().summary(by, months, accounts).await
    }

    /// Whether the journal can be written.
    pub async fn check(&self) -> Result<(), JournalError> {
        self.driver.journal().check_by_writing().await
    }

    /// The number of orders in each state.
    pub async fn counts(&self) -> Result<Vec<(OrderState, i64)>, JournalError> {
        self.driver.journal().counts().await
    }

    /// The numbers of notifications that are not delivered.
    pub async fn notification_counts(&self) -> Result<NotificationCounts, JournalError> {
        self.driver.journal().notification_counts().await
    }

    /// Ends this proxy's leases at a stop. Call it only after the last driver has ended.
    pub async fn release_leases(&self) {
        if let Err(error) = self.driver.journal().release_leases().await {
            tracing::warn!(%error, "the leases cannot be ended; other proxies take over after they expire");
        }
    }

    /// Closes the journal. Call it at the very end.
    pub async fn close(&self) {
        let journal = self.driver.journal();
        journal.keep_position().await;
        journal.checkpoint().await;
        journal.close().await;
    }

    /// The order with its account set. Callers may not name one.
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
