//! The attempts at an order, with what came back: for the person who has to find out what became of it.

use shared::{Code, ids::ClientToken};
use sqlx::AnyConnection;

use super::{Journal, JournalError};

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// Its number, from 1.
    pub(crate) attempt: u32,
    /// What it proves.
    pub(crate) outcome: AttemptOutcome,
    /// The answer in a line, redacted.
    pub(crate) answer: String,
}

/// What is known of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// It was carried out.
    Confirmed,
    /// It was refused or turned away, and did nothing.
    Refused,
    /// It did not leave the proxy.
    NotSent,
    /// It may have been carried out.
    Unknown,
}

impl AttemptOutcome {
    /// The spelling in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

/// An attempt as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: i64,
    /// When it was sent, or about to be, in milliseconds since 1970 UTC.
    pub sent_at: i64,
    /// When it was known what became of it.
    pub answered_at: Option<i64>,
    /// `confirmed`, `refused`, `not_sent` or `unknown`; none where nobody wrote down what became of it.
    pub outcome: Option<String>,
    /// The code of its problem.
    pub code: Option<String>,
    /// The upstream's `RequestId`.
    pub upstream_request_id: Option<String>,
    /// The answer in a line, redacted.
    pub answer: Option<String>,
}

impl Journal {
    /// The attempts at an order, oldest first. Those of versions that kept none are missing.
    pub async fn attempts(&self, token: &ClientToken) -> Result<Vec<Attempt>, JournalError> {
        Ok(sqlx::query_as(
            "SELECT attempt, sent_at, answered_at, outcome, code, upstream_request_id, answer FROM attempts \
             WHERE token = $1 ORDER BY attempt",
        )
        .bind(token.as_str())
        .fetch_all(self.pool())
        .await?)
    }
}

/// Writes down that an attempt is about to be made.
pub(super) async fn begin(
    connection: &mut AnyConnection,
    token: &ClientToken,
    attempt: u32,
    now: i64,
) -> Result<(), JournalError> {
    sqlx::query("INSERT INTO attempts (token, attempt, sent_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(token.as_str())
        .bind(i64::from(attempt))
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down what became of an attempt.
pub(super) async fn end(
    connection: &mut AnyConnection,
    (token, attempt): (&ClientToken, u32),
    answered: &Answered,
    code: Option<Code>,
    upstream_request_id: Option<&str>,
    now: i64,
) -> Result<(), JournalError> {
    sqlx::query(
        "UPDATE attempts SET answered_at = $1, outcome = $2, code = $3, upstream_request_id = $4, answer = $5 \
         WHERE token = $6 AND attempt = $7",
    )
    .bind(now)
    .bind(answered.outcome.as_str())
    .bind(code.map(Code::as_str))
    .bind(upstream_request_id.map(str::to_owned))
    .bind(answered.answer.as_str())
    .bind(token.as_str())
    .bind(i64::from(attempt))
    .execute(connection)
    .await?;
    Ok(())
}
