//! Ended sessions: which sign-in sessions are over before their time, so that every proxy on the journal learns of it. The
//! sessions themselves are in cookies, and nothing else of them is here.

use super::{Journal, JournalError};

/// A session that was ended, or all sessions of a person up to a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedSession {
    /// The session of this identifier.
    One(String),
    /// Those that this person began before this time, in milliseconds since 1970 UTC by the database's clock.
    AllOf(String, i64),
}

/// Rows that are read again at each poll, in milliseconds: other proxies may have committed rows with an earlier time.
const OVERLAP: i64 = 30_000;

impl Journal {
    /// Records that a session is over. The record is kept until `until`, in milliseconds since 1970 UTC, when the
    /// session would have ended anyway.
    pub async fn end_session(&self, id: &str, until: i64) -> Result<(), JournalError> {
        self.insert_ended(Some(id), None, until).await
    }

    /// Ends all sessions that a person has now. The person is named as in the journal.
    pub async fn end_sessions_of(&self, person: &str) -> Result<(), JournalError> {
        self.insert_ended(None, Some(person), i64::MAX).await
    }

    async fn insert_ended(&self, session: Option<&str>, person: Option<&str>, until: i64) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        let statement = self.database.timed("DELETE FROM ended_sessions WHERE kept_until < {now}");
        sqlx::query(statement).execute(&mut *transaction).await?;
        let statement = self.database.timed(
            "INSERT INTO ended_sessions (id, session, person, ended_at, kept_until) VALUES ($1, $2, $3, {now}, $4)",
        );
        sqlx::query(statement)
            .bind(uuid::Uuid::new_v4().to_string())
            .bind(session.map(str::to_owned))
            .bind(person.map(str::to_owned))
            .bind(until)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The sessions that were ended since a position, and the position to go on from. The first one is 0.
    pub async fn ended_sessions(&self, since: i64) -> Result<(Vec<EndedSession>, i64), JournalError> {
        let rows: Vec<(Option<String>, Option<String>, i64)> =
            sqlx::query_as("SELECT session, person, ended_at FROM ended_sessions WHERE ended_at >= $1")
                .bind(since.saturating_sub(OVERLAP))
                .fetch_all(self.pool())
                .await?;
        let last = rows.iter().map(|(_, _, at)| *at).max().unwrap_or(since);
        let ended = rows.into_iter().filter_map(|(session, person, at)| match (session, person) {
            (Some(id), _) => Some(EndedSession::One(id)),
            (None, Some(person)) => Some(EndedSession::AllOf(person, at)),
            (None, None) => None,
        });
        Ok((ended.collect(), last.max(since)))
    }
}
