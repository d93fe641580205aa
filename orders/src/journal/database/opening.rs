//! How a database is opened: as which of the two, with which settings, and what of it has to be a journal of ours.

use std::{io::Read, path::Path, str::FromStr, sync::Arc};

use sqlx::{
    AnyPool, Connection, SqliteConnection,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    migrate::{MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};
use tokio::sync::Semaphore;

use super::{
    super::{
        JournalError,
        file_in_use::FileInUse,
        hosts::Hosts,
        schema::{POSTGRES, SQLITE, Schema},
        session::{POSTGRES_SETUP, Session},
    },
    ACQUIRE_TIMEOUT, Database,
    dialect::Dialect,
};

/// So many of these wait for the turn in SQLite.
const SQLITE_SINGLES: usize = 2;
/// SQLite: as many readers as a file can use. PostgreSQL: as many connections as one proxy should take.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// Settings of each SQLite connection. The busy timeout is short, because a person waits for the answer. With
/// `synchronous = FULL` an accepted order is on the disk and not only in a buffer.
const SQLITE_SETUP: &str =
    "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// The same without what would change a database that is not a journal.
const SQLITE_SETUP_EXISTING: &str = "PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// PostgreSQL: one proxy after the other migrates, and waits for the one before it longer than for anything else. The lock is
/// held until the end of the transaction; its number is ours alone.
const MIGRATION_TURN: &str = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '60s'; \
     SELECT CAST(pg_advisory_xact_lock(20260320) AS TEXT); SET LOCAL lock_timeout = '4s'; SET LOCAL statement_timeout = '10s'";

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As a proxy does: creates it if it is not there, and brings its schema up to date.
    Migrate,
    /// As a command does: the database has to be a journal with the current schema, and is not changed.
    Existing,
}

impl Database {
    pub(in super::super) async fn open(
        url: &str,
        opening: Opening,
        connections: Option<u32>,
    ) -> Result<Self, JournalError> {
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
        // Before a connection that is set up for a journal, which changes the file.
        if let Some(file) = &file
            && is_another_programs(file).await
        {
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
        let (is_server, pooled) = (dialect == Dialect::Postgres, hosts.pooled);
        let session = Session { setup, is_server, read_write: hosts.read_write, pooled };
        let pool = AnyPoolOptions::new()
            .max_connections(connections.unwrap_or(default))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(session.begin(connection)))
            // The question whether it can be written also shows whether the connection still works.
            .test_before_acquire(!session.is_server)
            .before_acquire(move |connection, _| Box::pin(session.resume(connection)))
            .after_release(move |connection, _| Box::pin(async move { Ok(session.end(connection).await) }))
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
        if file.is_some() {
            // A file that is missing from here on was taken away. Beside a new one SQLite would remove the log, which has the
            // newest orders.
            pool.set_connect_options(AnyConnectOptions::from_str(&url.replace("mode=rwc", "mode=rw"))?);
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
    pub(in super::super) async fn connect_file(path: &Path) -> Result<Self, JournalError> {
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

/// The tables of a SQLite file.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'";

/// Whether a SQLite file has tables, and none of ours: it is another program's.
async fn has_foreign_tables(pool: &AnyPool) -> Result<bool, JournalError> {
    Ok(are_foreign(&sqlx::query_scalar(TABLES).fetch_all(pool).await?))
}

/// The same, found out without changing the file. One that cannot be read so far is opened, and looked at once more.
async fn is_another_programs(file: &Path) -> bool {
    if !file.metadata().is_ok_and(|found| found.len() > 0) {
        return false;
    }
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let Ok(mut connection) = SqliteConnection::connect_with(&options).await else { return false };
    let names: Result<Vec<String>, _> = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await;
    names.is_ok_and(|names| are_foreign(&names))
}

fn are_foreign(tables: &[String]) -> bool {
    !tables.is_empty() && !tables.iter().any(|name| name == "_sqlx_migrations")
}

/// Brings the schema up to date. On PostgreSQL in one transaction.
async fn migrate(pool: &AnyPool, migrations: &Migrator, dialect: Dialect) -> Result<(), JournalError> {
    let migrated = match dialect {
        Dialect::Sqlite => migrations.run(pool).await,
        Dialect::Postgres => {
            let mut transaction = pool.begin().await?;
            // The migrator's own lock ends before the commit, and another proxy would create the same tables.
            sqlx::raw_sql(MIGRATION_TURN).execute(&mut *transaction).await?;
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
