//! Connections of the pool: their settings, and what is asked of one before it is used.

use sqlx::AnyConnection;

use super::hosts::{is_writable, read_only};

/// Settings of each PostgreSQL connection. Timeouts end every wait: for a lock, for a statement, and for a proxy that
/// stopped inside a transaction.
pub(super) const POSTGRES_SETUP: &str = "SET synchronous_commit = on; SET lock_timeout = '4s'; SET statement_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";
/// The same for a pooler that gives a connection of the server to each transaction anew: each use of a connection is a
/// transaction, which has the settings for itself, and begins without what others have prepared on it. A write begins its own
/// inside, which is the same one, with a warning.
const POOLED_BEGIN: &str = "BEGIN; DEALLOCATE ALL; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '4s'; \
     SET LOCAL statement_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '10s'; \
     SET LOCAL client_min_messages = error";
/// Ends it, whether it was committed or not: what only reads has nothing to commit. `ROLLBACK` alone would warn after a commit.
const POOLED_END: &str = "BEGIN; ROLLBACK";

/// How connections are set up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    /// The statements that set a connection up.
    pub(super) setup: &'static str,
    /// Whether it is one to a PostgreSQL server.
    pub(super) is_server: bool,
    /// Whether only a server is of use that can be written.
    pub(super) read_write: bool,
    /// Whether each use of a connection has to be one transaction.
    pub(super) pooled: bool,
}

impl Session {
    /// Sets a new connection up.
    pub(super) async fn begin(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(if self.pooled { POOLED_BEGIN } else { self.setup }).execute(&mut *connection).await?;
        if self.read_write && !is_writable(connection).await? { Err(read_only()) } else { Ok(()) }
    }

    /// Prepares a connection that was used before; whether it can be used again. A server that has become a standby takes no
    /// orders: it is left, and not only when the connection breaks.
    pub(super) async fn resume(self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        if self.pooled {
            sqlx::raw_sql(POOLED_BEGIN).execute(&mut *connection).await?;
        }
        if self.is_server { is_writable(connection).await } else { Ok(true) }
    }

    /// Prepares a connection for its return to the pool; whether it can be used again. After a statement that failed it cannot.
    pub(super) async fn end(self, connection: &mut AnyConnection) -> bool {
        !self.pooled || sqlx::raw_sql(POOLED_END).execute(connection).await.is_ok()
    }
}
