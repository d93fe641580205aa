//! The database under the journal: SQLite in a file, or PostgreSQL for several proxies. Everything in which the two
//! differ is in here; what is written into them is not.

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

/// How long somebody waits for a connection, or for a turn to write.
const PATIENCE: Duration = Duration::from_secs(4);
/// As many readers as a file can use, and with PostgreSQL as many connections as a proxy should take.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// What every connection is set to: it waits a short time for another's lock, because a person waits for the answer; an
/// order that was accepted is on the disk, not merely on its way there.
const SQLITE_SETUP: &str =
    "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// The same, and nothing waits for ever for a lock or on a proxy that stopped in the middle.
const POSTGRES_SETUP: &str = "SET synchronous_commit = on; SET lock_timeout = '4s'; SET statement_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";

/// A database with the journal's schema in it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: AnyPool,
    dialect: Dialect,
    /// SQLite writes one at a time. In a queue here all get their turn; its own way of waiting is to try again after a
    /// while.
    writing: Option<Arc<Semaphore>>,
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// A transaction that will write. One that does not come to its end takes its connection with it: SQLite undoes a
/// transaction by itself when the disk is full, and whoever is told to undo it again is of no use afterwards.
pub(super) struct Transaction<'a> {
    connection: PoolConnection<Any>,
    is_over: bool,
    // After the connection, so that the next one finds the database free.
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
            .acquire_timeout(PATIENCE)
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

    /// Whether one file on this machine holds it all, so that after a commit that failed a look tells what became of
    /// it.
    pub(super) fn is_file(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    /// A statement in which `{now}` is the database's time in milliseconds: of all clocks the one that every proxy can
    /// ask.
    pub(super) fn timed(&self, statement: &'static str) -> AssertSqlSafe<String> {
        let now = match self.dialect {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Dialect::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        };
        AssertSqlSafe(statement.replace("{now}", now))
    }

    /// Begins to write, when it is this one's turn.
    pub(super) async fn begin(&self) -> Result<Transaction<'_>, JournalError> {
        let turn = match &self.writing {
            Some(writing) => Some(match timeout(PATIENCE, writing.acquire()).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) => return Err(sqlx::Error::PoolClosed.into()),
                Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
            }),
            None => None,
        };
        let mut transaction = Transaction { connection: self.pool.acquire().await?, is_over: false, _turn: turn };
        let begin = match self.dialect {
            // The lock at once: one that was asked for later may be refused however long one waits.
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        sqlx::raw_sql(begin).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A file beside the database that tells who uses it, where the database is a file itself.
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

/// The URL with SQLite's word for a file that may not be there yet.
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
