//! The database under the journal: SQLite in a file, or PostgreSQL for several proxies. Every difference between the
//! two is in this file.

use std::{
    ops::{Deref, DerefMut},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    sqlite::SqliteConnectOptions,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::JournalError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Timeout for getting a connection, and for getting the turn to write.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);
/// SQLite: as many readers as a file can use. PostgreSQL: as many connections as one proxy should take.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// Settings of each SQLite connection. The busy timeout is short, because a person waits for the answer. With
/// `synchronous = FULL` an accepted order is on the disk and not only in a buffer.
const SQLITE_SETUP: &str =
    "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// Settings of each PostgreSQL connection. Timeouts end every wait: for a lock, for a statement, and for a proxy that
/// stopped inside a transaction.
const POSTGRES_SETUP: &str = "SET synchronous_commit = on; SET lock_timeout = '4s'; SET statement_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";

/// A database with the journal's schema in it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: AnyPool,
    dialect: Dialect,
    /// Queue of writers, since SQLite has one writer at a time. The queue is fair; SQLite's busy timeout polls, and may
    /// starve a writer.
    writing: Option<Arc<Semaphore>>,
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// A write transaction. Dropping it without a commit closes its connection: SQLite rolls back by itself when the disk
/// is full, and sqlx's connection is unusable after a second rollback.
pub(super) struct Transaction<'a> {
    connection: PoolConnection<Any>,
    is_over: bool,
    // Declared after the connection, and so dropped after it: the next writer finds the database unlocked.
    _turn: Option<SemaphorePermit<'a>>,
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self, JournalError> {
        install_default_drivers();
        let (dialect, file) = if url.starts_with("sqlite:") {
            (Dialect::Sqlite, Some(SqliteConnectOptions::from_str(url)?.get_filename().to_path_buf()))
        } else {
            (Dialect::Postgres, None)
        };
        let (url, connections, setup, migrations) = match dialect {
            Dialect::Sqlite => (made_if_missing(url), SQLITE_CONNECTIONS, SQLITE_SETUP, &SQLITE),
            Dialect::Postgres => (url.to_owned(), POSTGRES_CONNECTIONS, POSTGRES_SETUP, &POSTGRES),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(set_up(connection, setup)))
            .connect_with(AnyConnectOptions::from_str(&url)?)
            .await?;
        migrations.run(&pool).await.map_err(|error| match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => JournalError::Newer,
            error => JournalError::Migration(error),
        })?;
        let writing = (dialect == Dialect::Sqlite).then(|| Arc::new(Semaphore::new(1)));
        Ok(Self { pool, dialect, writing, file })
    }

    pub(super) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Whether the database is one local file, so that a read after a failed commit shows its outcome.
    pub(super) fn is_file(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    /// A statement in which `{now}` is the database's time in milliseconds, the one clock that all proxies share.
    pub(super) fn timed(&self, statement: &'static str) -> AssertSqlSafe<String> {
        let now = match self.dialect {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Dialect::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        };
        AssertSqlSafe(statement.replace("{now}", now))
    }

    /// Begins a write transaction, after waiting for the turn to write.
    pub(super) async fn begin(&self) -> Result<Transaction<'_>, JournalError> {
        let turn = match &self.writing {
            Some(writing) => Some(match timeout(ACQUIRE_TIMEOUT, writing.acquire()).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) => return Err(sqlx::Error::PoolClosed.into()),
                Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
            }),
            None => None,
        };
        let mut transaction = Transaction { connection: self.pool.acquire().await?, is_over: false, _turn: turn };
        let begin = match self.dialect {
            // Takes the write lock at once. An upgrade later in the transaction may be refused without a wait.
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        sqlx::raw_sql(begin).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// The lock file beside a SQLite database. PostgreSQL has none.
    pub(super) fn lock_file(&self) -> Option<PathBuf> {
        let mut path = self.file.clone()?.into_os_string();
        path.push(".lock");
        Some(path.into())
    }
}

async fn set_up(connection: &mut AnyConnection, statements: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(statements).execute(connection).await?;
    Ok(())
}

/// The SQLite URL with the mode that creates a missing file.
fn made_if_missing(url: &str) -> String {
    if url.contains("mode=") {
        return url.to_owned();
    }
    format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' })
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
