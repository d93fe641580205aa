//! Why orders are not accepted.

use shared::{Code, limits::Limit};

use super::JournalError;
use crate::FieldRefused;

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
    /// A limit of all accounts together. Its figures are not for one account.
    #[error("the limit of all together is reached")]
    OverallLimit,
    /// A limit of this principal, or of all together.
    #[error("{code}: {} of {} are left", limit.left, limit.limit)]
    Limit {
        /// The code of the problem.
        code: Code,
        /// The index of the order in the request, from 0, where one alone exceeds it.
        index: Option<usize>,
        /// The limit, and what is left of it.
        limit: Limit,
    },
    /// The type of one order may not be bought.
    #[error("the type of operation {index} may not be bought")]
    TypeNotAllowed {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// There is no price for one order, and what may be spent is limited.
    #[error("there is no price for operation {index}, and spending is limited")]
    PriceUnknown {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// The value of an order field of one order is missing or refused.
    #[error("the value of {} of operation {index} is refused: {}", refused.key, refused.code)]
    Field {
        /// Its index in the request, from 0.
        index: usize,
        /// The field, and what is wrong.
        refused: FieldRefused,
    },
    /// The journal failed, and nothing is on disk.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost during the commit, so it is unknown whether the orders are on disk.
    #[error("whether the orders are on disk is not known: {0}")]
    Unknown(sqlx::Error),
}
