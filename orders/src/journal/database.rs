//! The database under the journal: SQLite in a file, or PostgreSQL for several proxies. How it is opened is in [`opening`], in
//! which words the two differ in [`dialect`].

mod dialect;
mod opening;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use sqlx::{Any, AnyPool, pool::PoolConnection};
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    time::{sleep, timeout},
};

use super::{JournalError, file_in_use::FileInUse, hosts::Hosts, transaction::Transaction};
use dialect::Dialect;
pub use opening::Opening;

/// Timeout for getting a connection, and for getting the turn to write.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);
/// Timeout for a write about a single order to be among those that wait for their turn.
const SINGLE_TIMEOUT: Duration = Duration::from_secs(20);
/// Time after which another host is looked for, if there are several.
const TRY_OTHERS_AFTER: Duration = Duration::from_millis(500);
/// Timeout for asking why there is no connection: a refusal comes at once.
const FAULT_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout for each step of closing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(4);
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

impl Database {
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

    /// Begins a write transaction, after waiting for the turn to write. Not in a file that is no longer the one opened.
    pub(super) async fn begin(&self) -> Result<Transaction<'_>, JournalError> {
        if let Some(file) = &self.in_use {
            if file.is_shorter() {
                // What comes of it is in the check.
                let _ = self.learn_length(file).await;
            }
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

    /// Asks SQLite how long its file is, which a `VACUUM` has made shorter if nothing else has.
    async fn learn_length(&self, file: &FileInUse) -> Result<(), JournalError> {
        let mut connection = self.acquire().await?;
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await?;
        let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut *connection).await?;
        file.expect_length(u64::try_from(pages.saturating_mul(size)).unwrap_or_default());
        Ok(())
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
