//! The journal: orders in SQLite or PostgreSQL, written before the upstream receives them and after each step. This
//! file records what happens to an order; opening, leases, lists and writes about users each have a file of their own.
//! Statements are valid in both databases. The journal stores; the driver decides.

mod accept;
mod accept_error;
mod attempts;
mod cause;
mod clock;
mod counts;
mod daily_limits;
mod database;
mod desktops;
mod ended_sessions;
mod history;
mod hosts;
mod insert;
mod leases;
mod list;
mod origin;
mod row;
mod user_writes;
mod users;
mod writable;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use shared::{
    Code, Outcome, Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::{HistoryEvent, NewOrder, Order, OrderEvent, OrderState},
};
use sqlx::AnyPool;

use accept::NewRow;
pub(super) use accept::{Accepted, Request};
pub use accept_error::AcceptError;
pub(super) use attempts::Answered;
pub use attempts::{Attempt, AttemptOutcome};
use clock::Clock;
pub use daily_limits::units;
use database::Database;
pub use database::{Opening, schema_version};
pub use ended_sessions::EndedSession;
use history::HistoryLine;
pub use history::Position;
pub use list::{Filter, Listed};
pub use origin::BackupError;
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
    clock: Arc<Clock>,
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
    /// Lists and searches have waited too long for their turn. Orders are not concerned.
    #[error("too many lists and searches at the same time")]
    TooManyReaders,
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
        if opening == Opening::Migrate {
            origin::check(&database).await?;
        }
        let clock = Arc::new(Clock::new(database.time().await?));
        Ok(Self { database, owner: uuid::Uuid::new_v4().to_string().into(), lease, clock })
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

    /// Records what became of an attempt that this proxy made, although another one drives the order by now: a lease is a
    /// right to send, and not a right to know. Where nothing has happened since, or the journal is behind, that is all;
    /// what was carried out is placed whatever has happened since; and anything else is a line of the history. Returns the
    /// order as it stands.
    pub(super) async fn record_late(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        let found = self.entry(&entry.order.token).await?;
        let Some(now) = found else {
            self.put_back(entry).await?;
            return Box::pin(self.record_late(entry, event, change)).await;
        };
        let note = "The answer to an attempt of a proxy that had lost its lease.";
        let change = Change { note: change.note.or_else(|| Some(note.to_owned())), ..change };
        let (ours, state) = (&entry.order, now.order.state);
        let is_behind = now.order.attempts < ours.attempts;
        let is_unchanged =
            (state, now.order.attempts, now.order.updated_at) == (ours.state, ours.attempts, ours.updated_at);
        if is_behind || is_unchanged {
            // What else a journal has lost that is behind, nobody knows: a refusal settles nothing there.
            let (event, change) = match event {
                Some(OrderEvent::Refused) if is_behind => {
                    let note = change.note.clone();
                    (None, Change { answered: change.answered, note, ..in_doubt(LOST) })
                }
                event => (event, change),
            };
            let after = event.map_or(Some(ours.state), |event| ours.state.after(event));
            let after = after.ok_or_else(|| overtaken(entry))?;
            let entry = Entry { owner: now.owner.clone(), ..entry.clone() };
            return self.write(&now, &entry, after, event.into(), change, Fence::None).await;
        }
        // What is named already stays.
        let (order_id, desktop_id) = (&now.order.order_id, &now.order.desktop_id);
        let change = Change {
            order_id: change.order_id.filter(|_| order_id.is_none()),
            desktop_id: change.desktop_id.filter(|_| desktop_id.is_none()),
            ..change
        };
        let is_confirmed = event == Some(OrderEvent::Confirmed);
        if let Some(placed) = state.after_late_confirmation().filter(|_| is_confirmed) {
            return self.write(&now, &now, placed, event.into(), change, Fence::None).await;
        }
        let told = Change { in_doubt: now.in_doubt, attempts: 0, problem: now.order.problem.clone(), ..change };
        self.write(&now, &now, state, None.into(), told, Fence::None).await
    }

    /// Brings a journal up to date that has lost what was recorded about an order that this proxy drives, as a database
    /// does that fails over to a replica without the last commits. The order is in doubt afterwards. Whether it was behind.
    pub(super) async fn catch_up(&self, entry: &Entry) -> Result<bool, JournalError> {
        let Some(now) = self.entry(&entry.order.token).await? else {
            self.put_back(entry).await?;
            return Ok(true);
        };
        let is_behind = now.order.attempts < entry.order.attempts;
        if is_behind {
            let entry = Entry { owner: now.owner.clone(), ..entry.clone() };
            self.write(&now, &entry, OrderState::Sending, None.into(), in_doubt(LOST), Fence::None).await?;
        }
        Ok(is_behind)
    }

    /// Records an order again that the journal has lost.
    async fn put_back(&self, entry: &Entry) -> Result<Entry, JournalError> {
        let mut transaction = self.database.begin().await?;
        let number = history::take_numbers(&mut transaction, 1).await?;
        // Whose limit it counts for is lost.
        let (order, units) = (entry.order.clone(), units(&entry.new.operation));
        let row = NewRow { order, buyer_id: None, units, number, turn: entry.turn };
        self.insert(&mut transaction, &[row]).await?;
        HistoryLine { note: Some(LOST), ..HistoryLine::of(&entry.order) }.insert(&mut transaction, number).await?;
        transaction.commit().await?;
        let stored = self.entry(&entry.order.token).await?.ok_or_else(|| overtaken(entry))?;
        self.write(&stored, &stored, OrderState::Sending, None.into(), in_doubt(LOST), Fence::None).await
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

        let mut transaction = self.database.begin().await?;
        // First, so that two who write about several orders do not wait for each other.
        let number = history::take_numbers(&mut transaction, 1).await?;
        // The owner is part of the condition (fencing): after a takeover only the new owner sends. Identifiers that somebody
        // else has learnt stay.
        let lease = if fence == Fence::Lease { ", lease_until = {now} + $14" } else { "" };
        let statement = format!(
            "UPDATE orders SET state = $1, in_doubt = $2, attempts = $3, problem = $4, updated_at = $5, order_id = \
             COALESCE($6, order_id), desktop_id = COALESCE($7, desktop_id), upstream_request_id = \
             COALESCE($8, upstream_request_id), search = $9{lease} \
             WHERE token = $10 AND state = $11 AND attempts = $12 AND owner = $13"
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
            .bind(found.owner.as_str());
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
        line.insert(&mut transaction, number).await?;
        transaction.commit().await?;
        Ok(after)
    }
}

/// The note about what a journal has lost.
const LOST: &str = "The journal had lost what was recorded before, so whether it was carried out is not known.";

fn in_doubt(note: &str) -> Change {
    let problem = Some(Problem::new(Code::OutcomeUnknown, Outcome::Unknown));
    Change { in_doubt: true, problem, note: Some(note.to_owned()), ..Change::default() }
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
