//! Why orders are not accepted.

use super::JournalError;

/// Why orders are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token of one order stands for another order.
    #[error("the token of operation {index} was used for another order")]
    TokenReused {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// The desktop of one order was not bought here for the principal's account.
    #[error("the desktop of operation {index} is not one of this account")]
    NoSuchDesktop {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// A daily limit of this principal.
    #[error("{wanted} more {what} are beyond the {limit} of a day, of which {left} are left")]
    DailyLimit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u32,
        /// How many are left.
        left: u32,
        /// How many were requested.
        wanted: u32,
    },
    /// The journal failed, and nothing is on disk.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost during the commit, so it is unknown whether the orders are on disk.
    #[error("whether the orders are on disk is not known: {0}")]
    Unknown(sqlx::Error),
}
