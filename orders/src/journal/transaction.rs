//! A write transaction of the journal's database.

use std::ops::{Deref, DerefMut};

use sqlx::{Any, AnyConnection, pool::PoolConnection};
use tokio::sync::SemaphorePermit;

/// A write transaction. Dropping it without a commit closes its connection: SQLite rolls back by itself when the disk
/// is full, and sqlx's connection is unusable after a second rollback.
pub(super) struct Transaction<'a> {
    pub(super) connection: PoolConnection<Any>,
    pub(super) is_over: bool,
    // Declared after the connection, and so dropped after it: the next writer finds the database unlocked.
    pub(super) _turn: Option<SemaphorePermit<'a>>,
    /// Of a write about a single order: its place among those that wait for their turn.
    pub(super) behind: Option<SemaphorePermit<'a>>,
}

impl Transaction<'_> {
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("COMMIT").execute(&mut *self.connection).await?;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = AnyConnection;
    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
