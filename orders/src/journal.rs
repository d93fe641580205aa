//! The journal: orders in SQLite or PostgreSQL, written before the upstream receives them and after each step. This
//! file records what happens to an order; opening, leases, lists and writes about users each have a file of their own.
//! Statements are valid in both databases. The journal stores; the driver decides.

mod accept;
mod accept_error;
mod approvals;
mod attempts;
mod audit;
mod cause;
mod clock;
mod conditions;
mod counts;
mod database;
mod desktops;
mod ended_sessions;
mod error;
mod fields;
mod file_in_use;
mod filter;
mod history;
mod hosts;
mod late;
mod leases;
mod limit_rules;
mod limits;
mod list;
mod narrowest;
mod new_row;
mod notifications;
mod origin;
mod place;
mod reminders;
mod request;
mod row;
mod rows_of_json;
mod schema;
mod session;
mod short_search;
mod stretches;
mod summary;
mod totals;
mod transaction;
mod undelivered;
mod used;
mod user_writes;
mod users;
mod writable;

#[cfg(test)]
pub(crate) mod tests;

use std::{sync::Arc, time::Duration};

use shared::{
    Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::{HistoryEvent, NewOrder, Order, OrderEvent, OrderState},
};
use sqlx::AnyPool;

use crate::units;
pub(super) use accept::Accepted;
pub use accept_error::AcceptError;
pub use approvals::DecideError;
pub(super) use approvals::Decided;
pub(super) use attempts::Answered;
pub use attempts::{Attempt, AttemptOutcome};
use clock::Clock;
use database::Database;
pub use database::Opening;
pub use desktops::DesktopTypes;
pub use ended_sessions::EndedSession;
pub use error::JournalError;
pub use fields::ChangeFieldsError;
pub use filter::Filter;
use history::HistoryLine;
pub use history::Position;
pub(super) use limits::counted;
pub use list::Listed;
use new_row::NewRow;
pub use origin::BackupError;
pub use place::Place;
pub(super) use request::Request;
use row::{COLUMNS, OrderRow};
pub use schema::schema_version;
pub use user_writes::{NewUserWrite, UserWrite, UserWriteState};
pub(super) use users::folded;

/// The orders on disk. Clones share one database.
#[derive(Clone, Debug)]
pub struct Journal {
    database: Database,
    /// The name of this proxy in its leases. It is new after each start, so that a restarted process has to take over
    /// its earlier orders like those of any other proxy.
    owner: Arc<str>,
    lease: Duration,
    clock: Arc<Clock>,
    /// The key of the marks of users in audit lines; none where a command has opened the journal.
    audit_key: Option<ring::hmac::Key>,
}

/// An order with what only its driver needs.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The order as the API shows it, without its history.
    pub(super) order: Order,
    /// Whether an attempt may have been carried out although its answer is unknown.
    pub(super) in_doubt: bool,
    /// The order's content.
    pub(super) new: NewOrder,
    /// Its place among the waiting orders.
    pub(super) turn: i64,
    /// Since when it may be driven, in milliseconds since 1970 UTC: when it was accepted, or approved.
    pub(super) since: i64,
    /// Who asked, by the identifier that limits count by.
    pub(super) buyer_id: Option<String>,
    /// Whether an approver has approved it.
    is_approved: bool,
    /// The proxy that drives it, or drove it last.
    owner: String,
}

/// What to record about an order after an event.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// Whether an attempt may have been carried out although its answer is unknown.
    pub(super) in_doubt: bool,
    /// Number of attempts to add.
    pub(super) attempts: u32,
    /// The upstream's order.
    pub(super) order_id: Option<OrderId>,
    /// The desktop.
    pub(super) desktop_id: Option<DesktopId>,
    /// The upstream's `RequestId`. Without one the known one stays.
    pub(super) upstream_request_id: Option<String>,
    /// The problem of the last attempt. Replaces the one before, also by none.
    pub(super) problem: Option<Problem>,
    /// A note for the history only.
    pub(super) note: Option<String>,
    /// What became of the attempt that this is about.
    pub(super) answered: Option<Answered>,
}

impl Journal {
    /// Opens the journal, creates it if it does not exist, and migrates its schema. `lease` is the time after which
    /// other proxies take over the orders of a silent one.
    pub async fn open(url: &str, lease: Duration) -> Result<Self, JournalError> {
        Self::open_as(url, lease, Opening::Migrate, None).await
    }

    /// Opens the journal, with at most so many connections if that is given.
    pub async fn open_as(
        url: &str,
        lease: Duration,
        opening: Opening,
        connections: Option<u32>,
    ) -> Result<Self, JournalError> {
        let database = Database::open(url, opening, connections).await?;
        let mut audit_key = None;
        if opening == Opening::Migrate {
            origin::check(&database, true).await?;
            audit_key = Some(audit::key(&database).await?);
        }
        let clock = Arc::new(Clock::new(database.time().await?));
        Ok(Self { database, owner: uuid::Uuid::new_v4().to_string().into(), lease, clock, audit_key })
    }

    /// Writes all of a journal in SQLite into the one file, so that a copy of it has everything.
    pub(crate) async fn checkpoint(&self) {
        self.database.checkpoint().await;
    }

    /// Closes the journal, of which no clone may be used afterwards.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Where the journal is, without user and password.
    #[must_use]
    pub fn place(&self) -> &str {
        self.database.place()
    }

    fn pool(&self) -> &AnyPool {
        self.database.pool()
    }

    /// The duration of a lease. Each record about an order begins a new one.
    pub(super) fn lease(&self) -> Duration {
        self.lease
    }

    /// Whether the journal can be written. A database that can only be read keeps no order.
    pub async fn check(&self) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query("UPDATE journal_head SET last = last WHERE one = 1").execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The order of this token, without its history.
    pub async fn order(&self, token: &ClientToken) -> Result<Option<Order>, JournalError> {
        Ok(self.entry(token).await?.map(|entry| entry.order))
    }

    /// The order of this token, for its driver.
    pub(super) async fn entry(&self, token: &ClientToken) -> Result<Option<Entry>, JournalError> {
        let row: Option<OrderRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM orders WHERE token = $1")))
                .bind(token.as_str())
                .fetch_optional(self.pool())
                .await?;
        row.map(OrderRow::into_entry).transpose()
    }

    /// Whether this proxy holds the order's lease.
    pub(super) fn is_ours(&self, entry: &Entry) -> bool {
        *entry.owner == *self.owner
    }

    /// Records an event of an order and renews this proxy's lease on it. [`OrderState::after`] gives the new state;
    /// without an event the state stays. Returns the order as recorded.
    pub(super) async fn record(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        let state = match event {
            Some(event) => entry.order.state.after(event).ok_or_else(|| overtaken(entry))?,
            None => entry.order.state,
        };
        self.write(entry, entry, state, event.into(), change, Fence::Lease).await
    }

    /// Writes an order as it is after a change of `entry`, in place of the row that was found as `found`.
    async fn write(
        &self,
        found: &Entry,
        entry: &Entry,
        state: OrderState,
        event: HistoryEvent,
        change: Change,
        fence: Fence,
    ) -> Result<Entry, JournalError> {
        let after = after(entry, state, &change, self.now());
        let problem = after.order.problem.as_ref().map(serde_json::to_string).transpose();
        let problem = problem.map_err(|error| sqlx::Error::Encode(error.into()))?;

        let mut transaction = self.database.begin_single().await?;
        // First, so that two who write about several orders do not wait for each other.
        let number = history::take_numbers(&mut transaction, 1).await?;
        // The owner is part of the condition (fencing): after a takeover only the new owner sends. So is the doubt, which may
        // have been raised meanwhile. Identifiers that were recorded before stay.
        let lease = if fence == Fence::Lease { ", lease_until = {now} + $16" } else { "" };
        let statement = format!(
            "UPDATE orders SET state = $1, in_doubt = $2, attempts = $3, problem = $4, updated_at = $5, order_id = \
             COALESCE($6, order_id), desktop_id = COALESCE($7, desktop_id), upstream_request_id = \
             COALESCE($8, upstream_request_id), search = $9 || fields_search, approved_at = COALESCE(approved_at, $15){lease} \
             WHERE token = $10 AND state = $11 AND attempts = $12 AND owner = $13 AND in_doubt = $14"
        );
        let mut query = sqlx::query(self.database.timed(&statement))
            .bind(state.as_str())
            .bind(after.in_doubt)
            .bind(i64::from(after.order.attempts))
            .bind(problem)
            .bind(after.order.updated_at)
            .bind(after.order.order_id.clone())
            .bind(after.order.desktop_id.clone())
            .bind(after.order.upstream_request_id.clone())
            .bind(row::search(&after.order))
            .bind(found.order.token.as_str())
            .bind(found.order.state.as_str())
            .bind(i64::from(found.order.attempts))
            .bind(found.owner.as_str())
            .bind(found.in_doubt)
            // A journal that is behind may have lost it.
            .bind(entry.is_approved.then_some(entry.since));
        if fence == Fence::Lease {
            query = query.bind(millis(self.lease));
        }
        if query.execute(&mut *transaction).await?.rows_affected() != 1 {
            return Err(overtaken(found));
        }
        // In a database that is behind, what an order was never sent for, or refused, may be wrong.
        let depends_on_the_past = [HistoryEvent::Sent, HistoryEvent::Refused, HistoryEvent::GaveUp].contains(&event);
        if depends_on_the_past && !origin::is_same(&self.database, &mut transaction).await? {
            drop(transaction);
            self.check_origin().await?;
            return Err(overtaken(found));
        }
        let (token, attempt, now) = (&after.order.token, after.order.attempts, after.order.updated_at);
        let request_id = change.upstream_request_id.as_deref();
        if event == HistoryEvent::Sent {
            attempts::begin(&mut transaction, token, attempt, now).await?;
        }
        if let Some(answered) = &change.answered {
            let code = change.problem.as_ref().map(|problem| problem.code);
            // That of the entry that was sent, which the order may have left behind.
            attempts::end(&mut transaction, (token, answered.attempt), answered, code, request_id, now).await?;
        }
        let line = HistoryLine {
            event,
            upstream_request_id: request_id,
            note: change.note.as_deref(),
            ..HistoryLine::of(&after.order)
        };
        line.insert(&self.database, &mut transaction, number).await?;
        transaction.commit().await?;
        Ok(after)
    }
}

/// Whether a write about an order needs this proxy's lease, and renews it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fence {
    Lease,
    None,
}

fn overtaken(entry: &Entry) -> JournalError {
    JournalError::Overtaken { token: entry.order.token.clone(), expected: entry.order.state }
}

/// The order with the change applied.
fn after(entry: &Entry, state: OrderState, change: &Change, now: i64) -> Entry {
    let id = |new: Option<&str>, known: &Option<String>| new.map(str::to_owned).or_else(|| known.clone());
    let order = &entry.order;
    Entry {
        order: Order {
            state,
            attempts: order.attempts + change.attempts,
            problem: change.problem.clone(),
            order_id: id(change.order_id.as_ref().map(OrderId::as_str), &order.order_id),
            desktop_id: id(change.desktop_id.as_ref().map(DesktopId::as_str), &order.desktop_id),
            upstream_request_id: id(change.upstream_request_id.as_deref(), &order.upstream_request_id),
            updated_at: now,
            ..order.clone()
        },
        in_doubt: change.in_doubt,
        ..entry.clone()
    }
}

/// Milliseconds, the database's unit of time.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}
