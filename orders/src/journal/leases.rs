//! Leases: which proxy drives which order, and how orders of a silent proxy are taken over. The clock is the
//! database's. A lease only avoids double work. Fencing prevents contradictions: every write about an order is
//! conditional on its owner.

use std::{
    fs::{File, TryLockError},
    time::Duration,
};

use shared::ids::ClientToken;
use tokio::time::{Instant, sleep};

use super::{COLUMNS, Entry, Journal, JournalError, OrderRow, millis};

const UNSETTLED: &str = "state IN ('accepted', 'sending')";
/// Orders that no proxy drives: they wait here, and not in the memory of one.
const WAITING: &str = "owner = ''";

impl Journal {
    /// Takes a shared lock on the lock file of a SQLite database, and keeps it as long as the returned file lives. A
    /// proxy that is alone on the database ends all leases at once, since their owners are gone. With PostgreSQL there
    /// is no lock file, and leases have to expire.
    pub async fn hold_presence(&self) -> Result<Option<File>, JournalError> {
        let Some(path) = self.database.lock_file() else { return Ok(None) };
        let failed = |error| JournalError::Lock(path.clone(), error);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                self.end_all_leases().await?;
                file.unlock().map_err(failed)?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Another proxy that is starting holds the exclusive lock for a moment.
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match file.try_lock_shared() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(Duration::from_millis(20)).await,
                Err(error) => return Err(failed(error.into())),
            }
        }
    }

    async fn end_all_leases(&self) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query(
            "UPDATE orders SET owner = '', lease_until = 0 WHERE state IN ('accepted', 'sending') AND owner > ''",
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE user_writes SET lease_until = 0 WHERE state = 'sending'")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE notification_targets SET owner = '', lease_until = 0").execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Renews this proxy's leases on orders, and returns the orders: one that nobody here drives has to be taken up.
    pub(crate) async fn renew_leases(&self) -> Result<Vec<ClientToken>, JournalError> {
        let statement = self.database.timed(
            "UPDATE orders SET lease_until = {now} + $1 WHERE owner = $2 AND state IN ('accepted', 'sending') \
             RETURNING token",
        );
        let mut transaction = self.database.begin().await?;
        let tokens: Vec<String> = sqlx::query_scalar(statement)
            .bind(millis(self.lease))
            .bind(&*self.owner)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(legible(tokens))
    }

    /// Takes orders for this proxy to drive, so many at most: those whose lease has expired, and then those that wait, in the
    /// order of their turns.
    pub(crate) async fn take_over(&self, limit: u32) -> Result<Vec<Entry>, JournalError> {
        let mut taken = self.take("owner > '' AND lease_until < {now}", limit).await?;
        let left = limit.saturating_sub(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        if left > 0 {
            taken.extend(self.take(WAITING, left).await?);
        }
        Ok(taken)
    }

    /// The condition is written twice, because PostgreSQL evaluates only the outer one again after it has waited for
    /// another proxy.
    async fn take(&self, condition: &str, limit: u32) -> Result<Vec<Entry>, JournalError> {
        let orders = self.database.by_index("orders", "orders_waiting");
        let any = format!("SELECT 1 FROM {orders} WHERE {UNSETTLED} AND {condition} LIMIT 1");
        if sqlx::query(self.database.timed(&any)).fetch_optional(self.pool()).await?.is_none() {
            return Ok(Vec::new());
        }
        let statement = format!(
            "UPDATE orders SET owner = $1, lease_until = {{now}} + $2 WHERE {UNSETTLED} AND {condition} AND token IN \
             (SELECT token FROM {orders} WHERE {UNSETTLED} AND {condition} ORDER BY owner, turn LIMIT $3{}) RETURNING {COLUMNS}",
            self.database.for_update()
        );
        let mut transaction = self.database.begin().await?;
        let rows: Vec<OrderRow> = sqlx::query_as(self.database.timed(&statement))
            .bind(&*self.owner)
            .bind(millis(self.lease))
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(rows.into_iter().filter_map(OrderRow::legible).collect())
    }

    /// Ends all leases of this proxy, so that another proxy can take over without a wait. Call it only after the last
    /// driver has ended.
    pub(crate) async fn release_leases(&self) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        for statement in [
            "UPDATE orders SET owner = '', lease_until = 0 WHERE owner = $1 AND state IN ('accepted', 'sending')",
            "UPDATE user_writes SET lease_until = 0 WHERE owner = $1 AND state = 'sending'",
            "UPDATE notification_targets SET owner = '', lease_until = 0 WHERE owner = $1",
        ] {
            sqlx::query(statement).bind(&*self.owner).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// The tokens that are tokens. One that is none costs no other order.
fn legible(tokens: Vec<String>) -> Vec<ClientToken> {
    let parse = |token: String| {
        let parsed = token.parse().ok();
        if parsed.is_none() {
            tracing::error!("an order is passed over: its token is none");
        }
        parsed
    };
    tokens.into_iter().filter_map(parse).collect()
}
