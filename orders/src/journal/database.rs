//! The database under the journal: SQLite in a file, or PostgreSQL for several proxies. Every difference between the
//! two is in this file.

use std::{
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use sqlx::{
    Any, AnyPool, AssertSqlSafe,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    sqlite::SqliteConnectOptions,
};
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    time::{sleep, timeout},
};

use super::{
    JournalError,
    file_in_use::FileInUse,
    hosts::Hosts,
    schema::{POSTGRES, SQLITE, Schema},
    session::{POSTGRES_SETUP, Session},
    transaction::Transaction,
};

/// Timeout for getting a connection, and for getting the turn to write.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);
/// Timeout for a write about a single order to be among those that wait for their turn.
const SINGLE_TIMEOUT: Duration = Duration::from_secs(20);
/// So many of these wait for the turn in SQLite.
const SQLITE_SINGLES: usize = 2;
/// Time after which another host is looked for, if there are several.
const TRY_OTHERS_AFTER: Duration = Duration::from_millis(500);
/// Timeout for asking why there is no connection: a refusal comes at once.
const FAULT_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout for each step of closing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(4);
/// SQLite: as many readers as a file can use. PostgreSQL: as many connections as one proxy should take.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// Settings of each SQLite connection. The busy timeout is short, because a person waits for the answer. With
/// `synchronous = FULL` an accepted order is on the disk and not only in a buffer.
const SQLITE_SETUP: &str =
    "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// The same without what would change a database that is not a journal.
const SQLITE_SETUP_EXISTING: &str = "PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// A database with the journal's schema in it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: AnyPool,
    dialect: Dialect,
    /// Where the database is to be found.
    hosts: Arc<Hosts>,
    /// Queue of writers, since SQLite has one writer at a time. The queue is fair; SQLite's busy timeout polls, and may
    /// starve a writer.
    writing: Option<Arc<Semaphore>>,
    /// Bulkhead of writes about single orders, of which a driver has many: so few of them wait for their turn at a time, or for a
    /// connection, that orders which are accepted wait behind few.
    single: Arc<Semaphore>,
    /// Bulkhead of lists and searches: they use half of the connections at most, so that orders always find one.
    reading: Arc<Semaphore>,
    /// Bulkhead of summaries, which read more rows than lists: one at a time, so that lists keep their turns.
    adding_up: Arc<Semaphore>,
    file: Option<PathBuf>,
    /// The same as it is on the disk.
    in_use: Option<Arc<FileInUse>>,
    place: Arc<str>,
    /// Held by who asks why there is no connection.
    asking: Arc<Mutex<()>>,
    /// Whether the database tells which one it is.
    pub(super) tells_origin: Arc<AtomicBool>,
}

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As a proxy does: creates it if it is not there, and brings its schema up to date.
    Migrate,
    /// As a command does: the database has to be a journal with the current schema, and is not changed.
    Existing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Database {
    pub(super) async fn open(url: &str, opening: Opening, connections: Option<u32>) -> Result<Self, JournalError> {
        install_default_drivers();
        let (dialect, file) = if url.starts_with("sqlite:") {
            (Dialect::Sqlite, Some(SqliteConnectOptions::from_str(url)?.get_filename().to_path_buf()))
        } else {
            (Dialect::Postgres, None)
        };
        let place: Arc<str> = place(url, file.as_deref()).into();
        // Before the pool, which would try again and again to open it.
        if file.as_deref().is_some_and(is_something_else) {
            return Err(JournalError::NotOurs(place.to_string()));
        }
        let (url, default, setup, migrations) = match (dialect, opening) {
            (Dialect::Sqlite, Opening::Migrate) => (made_if_missing(url), SQLITE_CONNECTIONS, SQLITE_SETUP, &SQLITE),
            (Dialect::Sqlite, Opening::Existing) => {
                if file.as_ref().is_some_and(|file| !file.is_file()) {
                    return Err(JournalError::Missing(place.to_string()));
                }
                (url.to_owned(), SQLITE_CONNECTIONS, SQLITE_SETUP_EXISTING, &SQLITE)
            }
            (Dialect::Postgres, _) => (url.to_owned(), POSTGRES_CONNECTIONS, POSTGRES_SETUP, &POSTGRES),
        };
        let hosts = Hosts::of(&url)?;
        let options = hosts.first().await?;
        let session = Session { setup, is_server: dialect == Dialect::Postgres, read_write: hosts.read_write };
        let pool = AnyPoolOptions::new()
            .max_connections(connections.unwrap_or(default))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(session.begin(connection)))
            // The question whether it can be written also shows whether the connection still works.
            .test_before_acquire(!session.is_server)
            .before_acquire(move |connection, _| Box::pin(session.resume(connection)))
            .connect_with(options)
            .await?;
        let schema = Schema::of(&pool, migrations).await;
        match (schema, opening) {
            // Without a migration, so that a role which may create nothing can run a current schema.
            (Schema::Current, _) => {}
            (Schema::Other, Opening::Migrate) if dialect == Dialect::Sqlite && has_foreign_tables(&pool).await? => {
                return Err(JournalError::NotOurs(place.to_string()));
            }
            (_, Opening::Migrate) => migrate(&pool, migrations, dialect).await?,
            (Schema::Newer, Opening::Existing) => return Err(JournalError::Newer),
            (Schema::Older, Opening::Existing) => return Err(JournalError::Older(place.to_string())),
            (Schema::Other, Opening::Existing) => return Err(JournalError::NotOurs(place.to_string())),
        }
        let in_use = file.as_deref().and_then(FileInUse::at).map(Arc::new);
        let writing = (dialect == Dialect::Sqlite).then(|| Arc::new(Semaphore::new(1)));
        let readers = usize::try_from(connections.unwrap_or(default) / 2).unwrap_or(1).max(1);
        let reading = Arc::new(Semaphore::new(readers));
        let singles = if dialect == Dialect::Sqlite { SQLITE_SINGLES } else { (readers / 2).max(1) };
        let single = Arc::new(Semaphore::new(singles));
        let hosts = Arc::new(hosts);
        let (adding_up, asking, tells_origin) = (Arc::new(Semaphore::new(1)), Arc::default(), Arc::default());
        Ok(Self {
            pool,
            dialect,
            hosts,
            writing,
            single,
            reading,
            adding_up,
            file,
            in_use,
            place,
            asking,
            tells_origin,
        })
    }

    /// A SQLite file that has the schema already and is in use by nobody.
    pub(super) async fn connect_file(path: &Path) -> Result<Self, JournalError> {
        let options = AnyConnectOptions::from_str(&format!("sqlite://{}?mode=rw", path.display()))?;
        let pool = AnyPoolOptions::new().max_connections(1).connect_with(options).await?;
        let (dialect, place) = (Dialect::Sqlite, path.display().to_string().into());
        let reading = Arc::new(Semaphore::new(1));
        let hosts = Arc::new(Hosts::of("sqlite:")?);
        Ok(Self {
            pool,
            dialect,
            hosts,
            writing: None,
            single: Arc::new(Semaphore::new(1)),
            reading,
            adding_up: Arc::new(Semaphore::new(1)),
            file: None,
            in_use: None,
            place,
            asking: Arc::default(),
            tells_origin: Arc::default(),
        })
    }

    /// Where the database is, without user and password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The SQLite file.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether the database is one local file, so that a read after a failed commit shows its outcome.
    pub(super) fn is_file(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    /// A statement in which `{now}` is the database's time in milliseconds, the one clock that all proxies share.
    pub(super) fn timed(&self, statement: &str) -> AssertSqlSafe<String> {
        let now = match self.dialect {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Dialect::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        };
        AssertSqlSafe(statement.replace("{now}", now))
    }

    /// A table that is read by this index: SQLite has no numbers by which it could choose.
    pub(super) fn by_index(&self, table: &str, index: &str) -> String {
        if self.is_file() { format!("{table} INDEXED BY {index}") } else { table.to_owned() }
    }

    /// A text member of a column that has an object as JSON.
    pub(super) fn member(&self, column: &str, name: &str) -> String {
        if self.is_file() {
            format!("({column} ->> '{name}')")
        } else {
            format!("(CAST({column} AS json) ->> '{name}')")
        }
    }

    /// The end of a statement that chooses rows to change: what another proxy is at is left out.
    pub(super) fn for_update(&self) -> &'static str {
        if self.is_file() { "" } else { " FOR UPDATE SKIP LOCKED" }
    }

    /// The database's time, in milliseconds since 1970 UTC.
    pub(super) async fn time(&self) -> Result<i64, JournalError> {
        let mut connection = self.acquire().await?;
        Ok(sqlx::query_scalar(self.timed("SELECT {now}")).fetch_one(&mut *connection).await?)
    }

    /// A connection. Where there are several hosts, and the one in use gives none, the others are tried: for all who wait.
    async fn acquire(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        if !self.hosts.are_several() {
            return match self.pool.acquire().await {
                Err(sqlx::Error::PoolTimedOut) => Err(self.fault().await.unwrap_or(sqlx::Error::PoolTimedOut)),
                acquired => acquired,
            };
        }
        let turn_to_others = async {
            loop {
                sleep(TRY_OTHERS_AFTER).await;
                self.turn_to_a_host().await;
            }
        };
        let acquired = tokio::select! {
            acquired = self.pool.acquire() => acquired,
            () = turn_to_others => unreachable!("the loop does not end"),
        };
        match acquired {
            Err(error) if !matches!(error, sqlx::Error::PoolClosed) => {
                tracing::warn!(%error, "the database's server does not answer: trying the others");
                self.turn_to_a_host().await;
                self.pool.acquire().await
            }
            acquired => acquired,
        }
    }

    /// Why no connection can be made, if so: a pool tries again until its time is up, and does not tell what it met. `None` while
    /// another one asks the same.
    pub(super) async fn fault(&self) -> Option<sqlx::Error> {
        if self.is_file() {
            return None;
        }
        let _turn = self.asking.try_lock().ok()?;
        timeout(FAULT_TIMEOUT, self.hosts.first()).await.ok()?.err()
    }

    /// Lets new connections go to the first host that can be used, if there is one.
    async fn turn_to_a_host(&self) {
        if let Ok(options) = self.hosts.first().await {
            self.pool.set_connect_options(options);
        }
    }

    /// Writes all of a SQLite database into the one file.
    pub(super) async fn checkpoint(&self) {
        if self.dialect == Dialect::Sqlite {
            let checkpoint = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool);
            if !matches!(timeout(CLOSE_TIMEOUT, checkpoint).await, Ok(Ok(_))) {
                tracing::warn!("the database cannot be written into one file; its log file stays beside it");
            }
        }
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        if timeout(CLOSE_TIMEOUT, self.pool.close()).await.is_err() {
            tracing::warn!("some connections to the database are still in use at the end");
        }
    }

    /// Begins a write transaction, after waiting for the turn to write.
    pub(super) async fn begin(&self) -> Result<Transaction<'_>, JournalError> {
        if let Some(file) = &self.in_use {
            file.check()?;
        }
        let turn = match &self.writing {
            Some(writing) => Some(match timeout(ACQUIRE_TIMEOUT, writing.acquire()).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) => return Err(sqlx::Error::PoolClosed.into()),
                Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
            }),
            None => None,
        };
        let connection = self.acquire().await?;
        let mut transaction = Transaction { connection, is_over: false, _turn: turn, behind: None };
        let begin = match self.dialect {
            // Takes the write lock at once. An upgrade later in the transaction may be refused without a wait.
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        sqlx::raw_sql(begin).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// The same for a write about a single order: most of these wait before they wait for the turn.
    pub(super) async fn begin_single(&self) -> Result<Transaction<'_>, JournalError> {
        let behind = match timeout(SINGLE_TIMEOUT, self.single.acquire()).await {
            Ok(Ok(behind)) => behind,
            Ok(Err(_)) => return Err(sqlx::Error::PoolClosed.into()),
            Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
        };
        let mut transaction = self.begin().await?;
        transaction.behind = Some(behind);
        Ok(transaction)
    }

    /// Waits for the turn to read a list, which ends when the result is dropped.
    pub(super) async fn read_turn(&self) -> Result<SemaphorePermit<'_>, JournalError> {
        turn_of(&self.reading).await
    }

    /// Waits for the turn to add up a summary, and then for that to read.
    pub(super) async fn summary_turn(&self) -> Result<[SemaphorePermit<'_>; 2], JournalError> {
        Ok([turn_of(&self.adding_up).await?, self.read_turn().await?])
    }

    /// The lock file beside a SQLite database. PostgreSQL has none.
    pub(super) fn lock_file(&self) -> Option<PathBuf> {
        let mut path = self.file.clone()?.into_os_string();
        path.push(".lock");
        Some(path.into())
    }
}

/// A reader's turn, or why there is none in time.
async fn turn_of(bulkhead: &Semaphore) -> Result<SemaphorePermit<'_>, JournalError> {
    match timeout(ACQUIRE_TIMEOUT, bulkhead.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_)) => Err(sqlx::Error::PoolClosed.into()),
        Err(_) => Err(JournalError::TooManyReaders),
    }
}

/// Whether there is a file that is no SQLite database. An empty one becomes one.
fn is_something_else(path: &Path) -> bool {
    const BEGINNING: &[u8] = b"SQLite format 3\0";
    let mut found = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut found));
    read.is_ok() && !found.is_empty() && found != BEGINNING
}

/// Where a database is, for people: the file, or host and name without user and password.
fn place(url: &str, file: Option<&Path>) -> String {
    if let Some(file) = file {
        return std::path::absolute(file).unwrap_or_else(|_| file.to_owned()).display().to_string();
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.rsplit_once('@').map_or(rest, |(_, place)| place).to_owned()
}

/// Whether a SQLite file has tables, and none of ours: it is another program's.
async fn has_foreign_tables(pool: &AnyPool) -> Result<bool, JournalError> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'").fetch_all(pool).await?;
    Ok(!names.is_empty() && !names.iter().any(|name| name == "_sqlx_migrations"))
}

/// Brings the schema up to date. On PostgreSQL in one transaction.
async fn migrate(pool: &AnyPool, migrations: &Migrator, dialect: Dialect) -> Result<(), JournalError> {
    let migrated = match dialect {
        Dialect::Sqlite => migrations.run(pool).await,
        Dialect::Postgres => {
            let mut transaction = pool.begin().await?;
            let migrated = migrations.run(&mut *transaction).await;
            if migrated.is_ok() {
                transaction.commit().await?;
            }
            migrated
        }
    };
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => JournalError::Newer,
        error => JournalError::Migration(error),
    })
}

/// The SQLite URL with the mode that creates a missing file.
fn made_if_missing(url: &str) -> String {
    if url.contains("mode=") {
        return url.to_owned();
    }
    format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' })
}
