//! The journal: orders on disk, before the upstream hears of them and through everything that follows. Statements are
//! written so that SQLite and PostgreSQL both take them; what to do with an order is not decided here.

mod row;

#[cfg(test)]
mod tests;

use std::{str::FromStr, time::Duration};

use jiff::Timestamp;
use shared::{
    Code, Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::{NewOrder, Order, OrderEvent, OrderState},
};
use sqlx::{
    SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use row::Row;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another's lock. Short, because a person waits for the answer.
const BUSY: Duration = Duration::from_secs(2);

/// The orders on disk.
#[derive(Clone, Debug)]
pub struct Journal {
    pool: SqlitePool,
}

/// The journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database says no.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the schema: {0}")]
    Migration(MigrateError),
    /// A newer version of this program was here; this one might not understand what it wrote.
    #[error("the journal was written by a newer version of deskbuy")]
    Newer,
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

/// Orders that are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token of this order stands for another one.
    #[error("the token {0} was used for another order")]
    TokenReused(ClientToken),
    /// Nothing is on disk.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An order with what only its driver has to know.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The order as it is shown.
    pub(super) order: Order,
    /// Whether an attempt may have been carried out, and its answer is not known.
    pub(super) in_doubt: bool,
    /// What it asks for.
    pub(super) new: NewOrder,
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
}

impl Journal {
    /// Opens the journal, makes it where there is none, and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, JournalError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An order that was accepted is on the disk, not merely on its way there.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new().max_connections(4).acquire_timeout(BUSY * 2).connect_with(options).await?;
        MIGRATIONS.run(&pool).await.map_err(|error| match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => JournalError::Newer,
            error => JournalError::Migration(error),
        })?;
        Ok(Self { pool })
    }

    /// Writes orders down, all or none. Each comes back with whether it is new; one that is not is as it stands.
    pub async fn accept(&self, orders: &[NewOrder]) -> Result<Vec<(Order, bool)>, AcceptError> {
        let mut transaction = self.pool.begin().await.map_err(JournalError::from)?;
        let mut accepted = Vec::with_capacity(orders.len());
        for order in orders {
            let is_new = insert(&mut transaction, order).await?;
            let entry = select(&mut transaction, &order.token)
                .await?
                .ok_or(JournalError::Corrupt { token: order.token.to_string(), what: "it is gone" })?;
            if !is_new && !is_same(&entry.new, order) {
                return Err(AcceptError::TokenReused(order.token.clone()));
            }
            accepted.push((entry.order, is_new));
        }
        transaction.commit().await.map_err(JournalError::from)?;
        Ok(accepted)
    }

    /// The order of this token.
    pub async fn order(&self, token: &ClientToken) -> Result<Option<Order>, JournalError> {
        Ok(self.entry(token).await?.map(|entry| entry.order))
    }

    /// The newest orders, newest first.
    pub async fn newest(&self, limit: u32) -> Result<Vec<Order>, JournalError> {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM orders ORDER BY created_at DESC, token LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.into_entry()?.order)).collect()
    }

    /// The orders that something remains to be done about, oldest first.
    pub async fn unsettled(&self) -> Result<Vec<ClientToken>, JournalError> {
        let tokens: Vec<String> = sqlx::query_scalar(
            "SELECT token FROM orders WHERE state IN ('accepted', 'sending') ORDER BY created_at, token",
        )
        .fetch_all(&self.pool)
        .await?;
        let parse =
            |token: String| token.parse().map_err(|_| JournalError::Corrupt { token, what: "its token is none" });
        tokens.into_iter().map(parse).collect()
    }

    /// Whether the journal answers.
    pub async fn check(&self) -> Result<(), JournalError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The order of this token, for its driver.
    pub(super) async fn entry(&self, token: &ClientToken) -> Result<Option<Entry>, JournalError> {
        let mut connection = self.pool.acquire().await?;
        select(&mut connection, token).await
    }

    /// Writes down what happened to an order. Which state comes of it is [`OrderState::after`]'s to say, `None` being
    /// an answer that leaves it where it stands. The order as it is then.
    pub(super) async fn record(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        let Order { token, state: from, attempts, .. } = &entry.order;
        let overtaken = || JournalError::Overtaken { token: token.clone(), expected: *from };
        let state = match event {
            Some(event) => from.after(event).ok_or_else(overtaken)?,
            None => *from,
        };
        let now = Timestamp::now().as_millisecond();
        let attempts = attempts + change.attempts;
        let problem = change.problem.as_ref().map(serde_json::to_string).transpose();
        let problem = problem.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let code = change.problem.as_ref().map(|problem| problem.code);

        let mut transaction = self.pool.begin().await?;
        let updated = sqlx::query(
            "UPDATE orders SET state = $1, in_doubt = $2, attempts = $3, problem = $4, updated_at = $5, \
             order_id = COALESCE($6, order_id), desktop_id = COALESCE($7, desktop_id), \
             upstream_request_id = COALESCE($8, upstream_request_id) \
             WHERE token = $9 AND state = $10 AND attempts = $11",
        )
        .bind(state.as_str())
        .bind(change.in_doubt)
        .bind(i64::from(attempts))
        .bind(problem)
        .bind(now)
        .bind(change.order_id.as_ref().map(OrderId::as_str))
        .bind(change.desktop_id.as_ref().map(DesktopId::as_str))
        .bind(&change.upstream_request_id)
        .bind(token.as_str())
        .bind(from.as_str())
        .bind(i64::from(entry.order.attempts))
        .execute(&mut *transaction)
        .await?;
        if updated.rows_affected() != 1 {
            return Err(overtaken());
        }
        let step = Step { token, at: now, event: name(event), state, attempts, code };
        step.insert(&mut transaction, change.upstream_request_id.as_deref()).await?;
        let entry = select(&mut transaction, token).await?.ok_or_else(overtaken)?;
        transaction.commit().await?;
        Ok(entry)
    }
}

/// A line of an order's history.
struct Step<'a> {
    token: &'a ClientToken,
    at: i64,
    event: &'static str,
    state: OrderState,
    attempts: u32,
    code: Option<Code>,
}

impl Step<'_> {
    async fn insert(&self, connection: &mut SqliteConnection, request_id: Option<&str>) -> Result<(), JournalError> {
        sqlx::query(
            "INSERT INTO history (token, at, event, state, attempt, code, upstream_request_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.token.as_str())
        .bind(self.at)
        .bind(self.event)
        .bind(self.state.as_str())
        .bind(i64::from(self.attempts))
        .bind(self.code.map(Code::as_str))
        .bind(request_id)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// Writes a new order. Whether it was new.
async fn insert(connection: &mut SqliteConnection, order: &NewOrder) -> Result<bool, JournalError> {
    let now = Timestamp::now().as_millisecond();
    let request = serde_json::to_string(&order.operation.parameters());
    let request = request.map_err(|error| sqlx::Error::Encode(error.into()))?;
    let inserted = sqlx::query(
        "INSERT INTO orders (token, action, region, request, state, in_doubt, attempts, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (token) DO NOTHING",
    )
    .bind(order.token.as_str())
    .bind(order.operation.action())
    .bind(order.region.as_str())
    .bind(request)
    .bind(OrderState::Accepted.as_str())
    .bind(false)
    .bind(0_i64)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    let is_new = inserted.rows_affected() == 1;
    if is_new {
        let state = OrderState::Accepted;
        let step = Step { token: &order.token, at: now, event: "accepted", state, attempts: 0, code: None };
        step.insert(connection, None).await?;
    }
    Ok(is_new)
}

async fn select(connection: &mut SqliteConnection, token: &ClientToken) -> Result<Option<Entry>, JournalError> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM orders WHERE token = $1").bind(token.as_str()).fetch_optional(connection).await?;
    row.map(Row::into_entry).transpose()
}

/// Whether two orders ask for the same. The account bought for is the proxy's affair and may have changed since.
fn is_same(known: &NewOrder, order: &NewOrder) -> bool {
    let content = |order: &NewOrder| {
        let mut members = order.to_object();
        members.remove("OwnerId");
        members
    };
    content(known) == content(order)
}

const fn name(event: Option<OrderEvent>) -> &'static str {
    match event {
        None => "answered",
        Some(OrderEvent::Sent) => "sent",
        Some(OrderEvent::Confirmed) => "confirmed",
        Some(OrderEvent::Refused) => "refused",
        Some(OrderEvent::GaveUp) => "gave_up",
    }
}
