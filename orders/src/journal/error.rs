//! Why the journal cannot be read or written.

use shared::{ids::ClientToken, order::OrderState};

/// The journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema migration failed.
    #[error("the schema: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// A newer version of this program wrote the journal. This version might not understand it.
    #[error("the journal was written by a newer version of deskbuy")]
    Newer,
    /// The lock file beside a SQLite database, which shows whether a proxy uses it.
    #[error("the lock file {0}: {1}")]
    Lock(std::path::PathBuf, std::io::Error),
    /// An earlier version wrote the journal.
    #[error(
        "the journal {0} was written by an earlier version of deskbuy: deskbuy migrate, or a start, brings it up to date"
    )]
    Older(String),
    /// There is no such file.
    #[error("there is no file {0}")]
    Missing(String),
    /// The database holds something else, or nothing.
    #[error("{0} is not a journal of deskbuy")]
    NotOurs(String),
    /// The SQLite file was removed or replaced while it was open.
    #[error("the file {0} was removed or replaced; a restart opens the one that is there now")]
    Replaced(std::path::PathBuf),
    /// Lists and searches have waited too long for their turn. Orders are not concerned.
    #[error("too many lists and searches at the same time")]
    TooManyReaders,
    /// A row that this program would not write.
    #[error("the order {token} cannot be read: {what}")]
    Corrupt {
        /// The order's token.
        token: String,
        /// The part that cannot be read.
        what: &'static str,
    },
    /// The order is not in the expected state, so another proxy or command has changed it.
    #[error("the order {token} is no longer {}", expected.as_str())]
    Overtaken {
        /// The order's token.
        token: ClientToken,
        /// The expected state.
        expected: OrderState,
    },
}
