//! The journal: orders in SQLite or PostgreSQL, written before the upstream receives them and after each step. This
//! file records what happens to an order; opening, leases, lists and writes about users each have a file of their own.
//! Statements are valid in both databases. The journal stores; the driver decides.

mod accept;
mod cause;
mod counts;
mod daily_limits;
mod database;
mod desktops;
mod ended_sessions;
mod history;
mod leases;
mod list;
mod row;
mod user_writes;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use shared::{
    Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::{NewOrder, Order, OrderEvent, OrderState},
};
use sqlx::AnyPool;

pub use accept::AcceptError;
pub use daily_limits::units;
use database::Database;
pub use database::Opening;
pub use ended_sessions::EndedSession;
use history::HistoryLine;
pub use history::Position;
pub use list::{Filter, Listed};
use row::{COLUMNS, OrderRow};
pub use user_writes::{NewUserWrite, UserWrite, UserWriteState};

/// The orders on disk. Clones share one database.
#[derive(Clone, Debug)]
pub struct Journal {
    database: Database,
    /// The name of this proxy in its leases. It is new after each start, so that a restarted process has to take over
    /// its earlier orders like those of any other proxy.
    owner: Arc<str>,
    lease: Duration,
}

/// The journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema migration failed.
    #[error("the schema: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// A newer version of this program wrote the journal. This version might not understand it.
    #[error("the journal was written by a newer version of deskbuy")]
    Newer,
    /// The lock file beside a SQLite database, which shows whether a proxy uses it.
    #[error("the lock file {0}: {1}")]
    Lock(std::path::PathBuf, std::io::Error),
    /// An earlier version wrote the journal.
    #[error(
        "the journal {0} was written by an earlier version of deskbuy: deskbuy migrate, or a start, brings it up to date"
    )]
    Older(String),
    /// There is no such file.
    #[error("there is no file {0}")]
    Missing(String),
    /// The database holds something else, or nothing.
    #[error("{0} is not a journal of deskbuy")]
    NotOurs(String),
    /// The SQLite file was removed or replaced while it was open.
    #[error("the file {0} was removed or replaced; a restart opens the one that is there now")]
    Replaced(std::path::PathBuf),
    /// A row that this program would not write.
    #[error("the order {token} cannot be read: {what}")]
    Corrupt {
        /// The order's token.
        token: String,
        /// The part that cannot be read.
        what: &'static str,
    },
    /// The order is not in the expected state, so another proxy or command has changed it.
    #[error("the order {token} is no longer {}", expected.as_str())]
    Overtaken {
        /// The order's token.
        token: ClientToken,
        /// The expected state.
        expected: OrderState,
    },
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
        Ok(Self { database, owner: uuid::Uuid::new_v4().to_string().into(), lease })
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
        let from = entry.order.state;
        let overtaken = || JournalError::Overtaken { token: entry.order.token.clone(), expected: from };
        let state = match event {
            Some(event) => from.after(event).ok_or_else(overtaken)?,
            None => from,
        };
        let after = after(entry, state, &change);
        let problem = after.order.problem.as_ref().map(serde_json::to_string).transpose();
        let problem = problem.map_err(|error| sqlx::Error::Encode(error.into()))?;

        let mut transaction = self.database.begin().await?;
        // The owner is part of the condition (fencing): after a takeover only the new owner can write.
        let statement = self.database.timed(
            "UPDATE orders SET state = $1, in_doubt = $2, attempts = $3, problem = $4, updated_at = $5, order_id = $6, \
             desktop_id = $7, upstream_request_id = $8, search = $9, lease_until = {now} + $10 \
             WHERE token = $11 AND state = $12 AND attempts = $13 AND owner = $14",
        );
        let updated = sqlx::query(statement)
            .bind(state.as_str())
            .bind(after.in_doubt)
            .bind(i64::from(after.order.attempts))
            .bind(problem)
            .bind(after.order.updated_at)
            .bind(after.order.order_id.clone())
            .bind(after.order.desktop_id.clone())
            .bind(after.order.upstream_request_id.clone())
            .bind(row::search(&after.order))
            .bind(millis(self.lease))
            .bind(entry.order.token.as_str())
            .bind(from.as_str())
            .bind(i64::from(entry.order.attempts))
            .bind(entry.owner.as_str())
            .execute(&mut *transaction)
            .await?;
        if updated.rows_affected() != 1 {
            return Err(overtaken());
        }
        let line = HistoryLine {
            event: event.into(),
            upstream_request_id: change.upstream_request_id.as_deref(),
            note: change.note.as_deref(),
            ..HistoryLine::of(&after.order)
        };
        let number = history::take_numbers(&mut transaction, 1).await?;
        line.insert(&mut transaction, number).await?;
        transaction.commit().await?;
        Ok(after)
    }
}

/// The order with the change applied.
fn after(entry: &Entry, state: OrderState, change: &Change) -> Entry {
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
            updated_at: Timestamp::now().as_millisecond(),
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
