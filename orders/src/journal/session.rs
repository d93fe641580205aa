//! Connections of the pool: their settings, and what is asked of one before it is used.

use sqlx::AnyConnection;

use super::hosts::{is_writable, read_only};

/// Settings of each PostgreSQL connection. Timeouts end every wait: for a lock, for a statement, and for a proxy that
/// stopped inside a transaction.
pub(super) const POSTGRES_SETUP: &str = "SET synchronous_commit = on; SET lock_timeout = '4s'; SET statement_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";
/// How connections are set up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    /// The statements that set a connection up.
    pub(super) setup: &'static str,
    /// Whether it is one to a PostgreSQL server.
    pub(super) is_server: bool,
    /// Whether only a server is of use that can be written.
    pub(super) read_write: bool,
}

impl Session {
    /// Sets a new connection up.
    pub(super) async fn begin(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(self.setup).execute(&mut *connection).await?;
        if self.read_write && !is_writable(connection).await? { Err(read_only()) } else { Ok(()) }
    }

    /// Prepares a connection that was used before; whether it can be used again. A server that has become a standby takes no
    /// orders: it is left, and not only when the connection breaks.
    pub(super) async fn resume(self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        if self.is_server { is_writable(connection).await } else { Ok(true) }
    }
}
