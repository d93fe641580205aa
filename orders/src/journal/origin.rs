//! Which database the journal is in. A restored backup, or a replica that was promoted before it had every commit, is
//! behind the facts: an order that it has as *accepted* may have been sent, and one that it knows a refusal of may have
//! been carried out since. Its unfinished orders are put in doubt.

use std::{fs, path::Path, sync::atomic::Ordering};

use shared::{
    Code, Outcome, Problem,
    order::{HistoryEvent, OrderState},
};
use sqlx::{AnyConnection, AssertSqlSafe};
use tracing::warn;

use super::{
    COLUMNS, Journal, JournalError, OrderRow,
    database::Database,
    history::{HistoryLine, take_numbers},
};

/// The origin of a SQLite file in use, and of a copy that [`Journal::backup`] made.
const LIVE: &str = "live";
const BACKUP: &str = "backup";
/// The origin of a PostgreSQL database, in SQL.
const POSTGRES_ORIGIN: &str = "(SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()) || '/' || \
     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || CAST(CAST(CAST('orders' AS regclass) AS oid) AS TEXT)";
const NOTE: &str = "The journal was restored, or its database was replaced by another: this may have been sent.";

/// Why no backup was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// PostgreSQL has tools of its own.
    #[error(
        "PostgreSQL is backed up by its own tools, while proxies run: pg_basebackup with archived WAL, or pg_dump. A \
         journal restored from either is recognised as one"
    )]
    Postgres,
    /// The file is there already.
    #[error("{0} exists already; a backup overwrites nothing")]
    Exists(String),
    /// The file cannot be written.
    #[error("the backup cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Journal {
    /// Compares the database with the one of last time, and puts its unfinished orders in doubt if it is another one.
    pub(crate) async fn check_origin(&self) -> Result<(), JournalError> {
        check(&self.database, false).await
    }

    /// Keeps the number of the last line of the history beside a SQLite file, by which an older copy of it is recognised.
    pub(crate) async fn keep_position(&self) {
        let Some(path) = self.database.lock_file() else { return };
        match self.position().await {
            Ok(position) => {
                if let Err(error) = fs::write(&path, position.to_string()) {
                    warn!(%error, "the position of the journal cannot be kept in its lock file");
                }
            }
            Err(error) => warn!(%error, "the position of the journal cannot be read"),
        }
    }

    /// Writes a copy of the journal as it is now into a new file, while proxies run. A journal opened from it puts its
    /// unfinished orders in doubt. SQLite only.
    pub async fn backup(&self, file: &Path) -> Result<(), BackupError> {
        let Some(journal) = self.database.file() else { return Err(BackupError::Postgres) };
        if file.exists() {
            return Err(BackupError::Exists(file.display().to_string()));
        }
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let partial = Path::new(&partial);
        if partial.exists() {
            fs::remove_file(partial)?;
        }
        // It holds names of people: nobody reads it who may not read the journal, not even while it is written.
        let mut options = fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.write(true).create_new(true).open(partial)?;
        let text = partial.to_str().ok_or_else(|| std::io::Error::other("its name is no text"))?;
        let failed = |error: sqlx::Error| BackupError::Journal(error.into());
        sqlx::query("VACUUM INTO $1").bind(text).execute(self.pool()).await.map_err(failed)?;
        let copy = Database::connect_file(partial).await?;
        let marked = sqlx::query("UPDATE journal_origin SET origin = $1").bind(BACKUP).execute(copy.pool()).await;
        copy.close().await;
        marked.map_err(failed)?;
        fs::set_permissions(partial, fs::metadata(journal)?.permissions())?;
        fs::File::open(partial)?.sync_all()?;
        fs::rename(partial, file)?;
        Ok(())
    }
}

/// As [`Journal::check_origin`]. When it `is_opened`, a file in use has its lock file beside it; one without is a copy.
pub(super) async fn check(database: &Database, is_opened: bool) -> Result<(), JournalError> {
    let Some(now) = current(database).await else { return Ok(()) };
    let known: Option<String> =
        sqlx::query_scalar("SELECT origin FROM journal_origin WHERE one = 1").fetch_optional(database.pool()).await?;
    let lock_file = database.lock_file();
    let is_copy = is_opened && known.as_deref() == Some(LIVE) && lock_file.as_ref().is_some_and(|path| !path.exists());
    let is_behind = match &known {
        // The first start of this version, maybe with a copy that an earlier one made.
        None => is_older_copy(database).await?,
        Some(known) => *known != now,
    };
    if known.as_deref() == Some(&*now) && !is_copy && !is_older_copy(database).await? {
        return Ok(());
    }
    let at = database.time().await?;
    let mut transaction = database.begin().await?;
    // Locks out all who add or change orders.
    let last = take_numbers(&mut transaction, 0).await?;
    let seen: Option<String> =
        sqlx::query_scalar("SELECT origin FROM journal_origin WHERE one = 1").fetch_optional(&mut *transaction).await?;
    if seen != known && seen.as_deref() == Some(&*now) {
        // Another proxy, or another task of this one, has done it meanwhile.
        return Ok(());
    }
    if is_behind || known.is_some() {
        let orders = put_in_doubt(database, &mut transaction, at, last).await?;
        // A new one that has not been in use yet has no lock file either.
        if orders > 0 || !is_copy {
            warn!(
                orders,
                "this journal may be behind the facts: it was restored, or its database was replaced. Its \
                unfinished orders are in doubt, and orders after the backup are unknown here"
            );
        }
    }
    sqlx::query(
        "INSERT INTO journal_origin (one, origin) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET origin = excluded.origin",
    )
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    if let Some(path) = lock_file.filter(|path| is_copy || path.exists()) {
        let position: i64 =
            sqlx::query_scalar("SELECT last FROM journal_head WHERE one = 1").fetch_one(database.pool()).await?;
        let _ = fs::write(path, position.to_string());
    }
    Ok(())
}

/// Whether a file knows less than it once did.
async fn is_older_copy(database: &Database) -> Result<bool, JournalError> {
    let kept = database.lock_file().and_then(|path| fs::read_to_string(path).ok());
    let Some(kept) = kept.and_then(|text| text.trim().parse::<i64>().ok()) else { return Ok(false) };
    let last: i64 =
        sqlx::query_scalar("SELECT last FROM journal_head WHERE one = 1").fetch_one(database.pool()).await?;
    Ok(last < kept)
}

/// What tells the database from another one with the same tables. Of PostgreSQL the cluster, its timeline, which every
/// promotion and every restore to a point in time begins anew, and the table; nothing where it does not tell.
async fn current(database: &Database) -> Option<String> {
    if database.is_file() {
        return Some(LIVE.to_owned());
    }
    let statement = format!("SELECT {POSTGRES_ORIGIN}");
    let origin: Result<String, _> = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(database.pool()).await;
    match &origin {
        Ok(_) => database.tells_origin.store(true, Ordering::Relaxed),
        Err(error) if is_not_told(error) => database.tells_origin.store(false, Ordering::Relaxed),
        // A connection that was cut, or a standby, which may be the failover itself: what was known stays.
        Err(_) => {}
    }
    origin
        .inspect_err(
            |error| warn!(%error, "the database does not tell which one it is: a failover cannot be recognised"),
        )
        .ok()
}

/// Whether the database does not tell its origin to this role, or at all: SQLSTATE 42501 and 42883.
fn is_not_told(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["42501", "42883"].contains(&&*code))
}

/// Whether the database is still the one that was checked, as seen by a transaction that is about to write down that an
/// order is sent.
pub(super) async fn is_same(database: &Database, connection: &mut AnyConnection) -> Result<bool, JournalError> {
    if database.is_file() || !database.tells_origin.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let statement = format!("SELECT CAST(origin = {POSTGRES_ORIGIN} AS INTEGER) FROM journal_origin WHERE one = 1");
    let same: Option<i32> = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_optional(connection).await?;
    Ok(same == Some(1))
}

/// Puts the unfinished orders in doubt. How many there are.
async fn put_in_doubt(
    database: &Database,
    connection: &mut AnyConnection,
    now: i64,
    last: i64,
) -> Result<usize, JournalError> {
    let driven =
        in_doubt(database, connection, now, last, "state IN ('accepted', 'sending')", OrderState::Sending).await?;
    // What awaits approval here may have been approved and sent since. It is not sent without an approver's word, so only a
    // person can find out.
    let last = last + i64::try_from(driven).unwrap_or_default();
    let waiting =
        in_doubt(database, connection, now, last, "state = 'awaiting_approval'", OrderState::Unresolved).await?;
    Ok(driven + waiting)
}

/// Puts the orders of this condition in doubt, in this state.
async fn in_doubt(
    database: &Database,
    connection: &mut AnyConnection,
    now: i64,
    last: i64,
    unfinished: &str,
    state: OrderState,
) -> Result<usize, JournalError> {
    let statement = format!("SELECT {COLUMNS} FROM orders WHERE {unfinished} ORDER BY seq");
    let rows: Vec<OrderRow> = sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&mut *connection).await?;
    let problem = Problem::new(Code::OutcomeUnknown, Outcome::Unknown).because(NOTE);
    let problem = serde_json::to_string(&problem).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let statement = format!(
        "UPDATE orders SET state = '{}', in_doubt = TRUE, problem = $1, updated_at = $2 WHERE {unfinished}",
        state.as_str()
    );
    sqlx::query(AssertSqlSafe(statement)).bind(problem).bind(now).execute(&mut *connection).await?;
    let orders = rows.len();
    take_numbers(connection, i64::try_from(orders).unwrap_or_default()).await?;
    let entries: Vec<_> = rows.into_iter().filter_map(OrderRow::legible).collect();
    let line = |order| HistoryLine {
        at: now,
        event: HistoryEvent::Answered,
        state,
        code: Some(Code::OutcomeUnknown),
        note: Some(NOTE),
        ..HistoryLine::of(order)
    };
    let lines: Vec<_> = entries.iter().map(|entry| line(&entry.order)).zip(last + 1..).collect();
    HistoryLine::insert_all(database, connection, &lines).await?;
    Ok(orders)
}
