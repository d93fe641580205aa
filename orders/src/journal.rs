//! The journal: orders on disk, before the upstream hears of them and through everything that follows. Statements are
//! written so that SQLite and PostgreSQL both take them; what to do with an order is not decided here. This file holds
//! what writes orders down; opening, leases, lists and the writes about users each have a file of their own.

mod accept;
mod counts;
mod database;
mod desktops;
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
use database::Database;
use history::Line;
pub use history::Position;
pub use list::{Filter, Listed};
use row::{COLUMNS, Row};
pub use user_writes::{NewUserWrite, UserWrite, UserWriteState};

/// The orders on disk. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Journal {
    database: Database,
    /// What this proxy calls itself in its leases: another name after each start, so that nobody takes over from
    /// itself without waiting.
    owner: Arc<str>,
    lease: Duration,
}

/// The journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database says no.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the schema: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// A newer version of this program was here; this one might not understand what it wrote.
    #[error("the journal was written by a newer version of deskbuy")]
    Newer,
    /// The file beside the database that tells who uses it.
    #[error("the lock file {0}: {1}")]
    Lock(std::path::PathBuf, std::io::Error),
    /// What is written there is not what this program writes.
    #[error("the order {token} cannot be read: {what}")]
    Corrupt {
        /// Which order.
        token: String,
        /// What about it.
        what: &'static str,
    },
    /// The order is not in the state that it was thought to be in, so somebody else is changing it.
    #[error("the order {token} is no longer {}", expected.as_str())]
    Overtaken {
        /// Which order.
        token: ClientToken,
        /// The state it was thought to be in.
        expected: OrderState,
    },
}

/// An order with what only its driver has to know.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The order as it is shown, without its history.
    pub(super) order: Order,
    /// Whether an attempt may have been carried out, and its answer is not known.
    pub(super) in_doubt: bool,
    /// What it asks for.
    pub(super) new: NewOrder,
    /// Its place among those who wait.
    pub(super) turn: i64,
    /// The proxy that drives it, or the last that did.
    owner: String,
}

/// What to write about an order after something happened to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// Whether an attempt may have been carried out without our knowing.
    pub(super) in_doubt: bool,
    /// Attempts to add.
    pub(super) attempts: u32,
    /// The upstream's order.
    pub(super) order_id: Option<OrderId>,
    /// The desktop.
    pub(super) desktop_id: Option<DesktopId>,
    /// The upstream's `RequestId`; what was known stays where there is none.
    pub(super) upstream_request_id: Option<String>,
    /// What went wrong; what was written before goes.
    pub(super) problem: Option<Problem>,
    /// For the history only.
    pub(super) note: Option<String>,
}

impl Journal {
    /// Opens the journal, makes it where there is none, and brings its schema up to date. `lease` is how long an order
    /// is left to a proxy that is not heard of.
    pub async fn open(url: &str, lease: Duration) -> Result<Self, JournalError> {
        let database = Database::open(url).await?;
        Ok(Self { database, owner: uuid::Uuid::new_v4().to_string().into(), lease })
    }

    fn pool(&self) -> &AnyPool {
        self.database.pool()
    }

    /// How long an order is this proxy's after something was written about it.
    pub(super) fn lease(&self) -> Duration {
        self.lease
    }

    /// Whether the journal answers.
    pub async fn check(&self) -> Result<(), JournalError> {
        sqlx::query("SELECT 1").execute(self.pool()).await?;
        Ok(())
    }

    /// The order of this token, without its history.
    pub async fn order(&self, token: &ClientToken) -> Result<Option<Order>, JournalError> {
        Ok(self.entry(token).await?.map(|entry| entry.order))
    }

    /// The order of this token, for its driver.
    pub(super) async fn entry(&self, token: &ClientToken) -> Result<Option<Entry>, JournalError> {
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM orders WHERE token = $1")))
                .bind(token.as_str())
                .fetch_optional(self.pool())
                .await?;
        row.map(Row::into_entry).transpose()
    }

    /// Whether an order is this proxy's to drive.
    pub(super) fn is_ours(&self, entry: &Entry) -> bool {
        *entry.owner == *self.owner
    }

    /// Writes down what happened to an order, and makes it this proxy's for another lease. Which state comes of it is
    /// [`OrderState::after`]'s to say, `None` being an answer that leaves it where it stands. The order as it is then.
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
        // The owner is part of the condition: whoever took the order over has the say.
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
        let line = Line {
            event: event.into(),
            upstream_request_id: change.upstream_request_id.as_deref(),
            note: change.note.as_deref(),
            ..Line::of(&after.order)
        };
        let number = history::take_numbers(&mut transaction, 1).await?;
        line.insert(&mut transaction, number).await?;
        transaction.commit().await?;
        Ok(after)
    }
}

/// The order as it is once the change is written.
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

/// As the database counts.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}
