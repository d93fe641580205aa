//! Whether the journal can be written: by a write, since a database that can only be read, or whose disk is full, keeps no
//! order.

use std::time::Duration;

use tokio::time::sleep;

use super::{Journal, JournalError};

/// Time without a connection after which the cause is looked for.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// Writes more than an order does, 128 kB. SQLite drops a write that changes nothing, so each one is another. The row is no ended
/// session, is never read, and goes when the next session ends.
const SQLITE: &str = "INSERT INTO ended_sessions (id, session, ended_at, kept_until) \
     VALUES ('check', hex(randomblob(64000)), -1000000000, 0) ON CONFLICT (id) DO UPDATE SET session = excluded.session";
/// Writes a new version of the row, whatever it says.
const POSTGRES: &str = "UPDATE journal_head SET last = last WHERE one = 1";

impl Journal {
    /// Whether an order could be recorded now. Unlike [`Journal::check`], it changes the database.
    pub async fn check_by_writing(&self) -> Result<(), JournalError> {
        let fault = async {
            sleep(ASK_AFTER).await;
            match self.database.fault().await {
                Some(error) => error,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            written = self.write_a_row() => written,
            error = fault => Err(error.into()),
        }
    }

    async fn write_a_row(&self) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        let statement = if self.database.is_file() { SQLITE } else { POSTGRES };
        sqlx::query(statement).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}
