//! Why the journal cannot be used, in words for people who cannot see the log, and whether waiting may help.

use sqlx::migrate::MigrateError;

use super::JournalError;

/// A prepared statement is there already, or is gone: another connection of the server than before.
const POOLED: [&str; 2] = ["42P05", "26000"];
const BY_TRANSACTION: &str = "a pooler gives each transaction another connection (pgbouncer=true in the URL)";

impl JournalError {
    /// The cause, without names of hosts and files.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Replaced(_) => "the database file was removed or replaced",
            Self::Migration(MigrateError::Execute(error))
                if code(error).is_some_and(|code| POOLED.contains(&&*code)) =>
            {
                BY_TRANSACTION
            }
            Self::Migration(_) | Self::Newer | Self::Older(_) | Self::NotOurs(_) => "the database has another schema",
            Self::TooManyReaders => "too many lists and searches are under way",
            Self::Missing(_) => "the database file is not there",
            Self::Lock(..) => "the lock file cannot be used",
            Self::Corrupt { .. } => "a row cannot be read",
            Self::Overtaken { .. } => "another proxy was faster",
            Self::Database(sqlx::Error::PoolTimedOut) => "no connection to the database was free in time",
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::Tls(_)) => "the database cannot be reached",
            Self::Database(error) => match code(error).as_deref() {
                // Codes of SQLite are numbers, with the kind in the lowest byte; those of PostgreSQL have five letters.
                Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544" | "25006") => "the database is read-only",
                Some("13" | "53100") => "the disk is full",
                Some("53300") => "the database has no connection left",
                Some("10" | "778" | "14") => "the database file cannot be written",
                Some("5" | "6" | "55P03" | "57014") => "the database is busy",
                Some("57P01" | "57P02" | "57P03") => "the database is starting or stopping",
                Some(code) if POOLED.contains(&code) => BY_TRANSACTION,
                Some("28P01" | "28000" | "3D000" | "42501") => "the database does not let the proxy in",
                _ => "the database failed",
            },
        }
    }

    /// Whether the database cannot be reached or written now, whatever the request.
    pub(super) fn is_unavailable(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        match self {
            Self::Database(Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed) => true,
            Self::Database(error) => match code(error).as_deref() {
                // A lock or a statement that took too long.
                Some("5" | "6" | "55P03" | "57014") => true,
                _ => self.may_pass(),
            },
            _ => false,
        }
    }

    /// Whether the database may be there later: it starts, or has no connection left.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => true,
            Self::Database(error) => matches!(code(error).as_deref(), Some("53300" | "57P01" | "57P02" | "57P03")),
            _ => false,
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
