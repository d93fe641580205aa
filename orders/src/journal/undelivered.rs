//! Notifications that are not delivered: their numbers, and what an operator does with those that were given up.

use std::time::Duration;

use super::{Journal, JournalError};
use crate::{DeadNotification, NotificationCounts};

impl Journal {
    /// The numbers of notifications that are not delivered.
    pub async fn notification_counts(&self) -> Result<NotificationCounts, JournalError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, COUNT(*) FROM notifications GROUP BY state").fetch_all(self.pool()).await?;
        let count = |wanted: &str| rows.iter().find(|(state, _)| state == wanted).map_or(0, |(_, number)| *number);
        let oldest: Option<i64> = sqlx::query_scalar("SELECT MIN(since) FROM notifications WHERE state = 'waiting'")
            .fetch_one(self.pool())
            .await?;
        let oldest = oldest.map(|since| Duration::from_millis((self.now() - since).max(0).unsigned_abs()));
        Ok(NotificationCounts { waiting: count("waiting"), dead: count("dead"), oldest: oldest.unwrap_or_default() })
    }

    /// The notifications that are tried no more, oldest first.
    pub async fn dead_notifications(&self, limit: u32) -> Result<Vec<DeadNotification>, JournalError> {
        Ok(sqlx::query_as(
            "SELECT id, target, event, token, at, attempts, fault FROM notifications WHERE state = 'dead' \
             ORDER BY since, seq LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await?)
    }

    /// Lets dead notifications be tried again: one, or all whose targets there are. How many.
    pub async fn retry_notifications(&self, id: Option<&str>) -> Result<u64, JournalError> {
        let statement = "UPDATE notifications SET state = 'waiting', attempts = 0, due_at = 0, since = {now} WHERE state = 'dead' \
             AND target IN (SELECT name FROM notification_targets)";
        self.change_dead(statement, id).await
    }

    /// Removes dead notifications: one, or all. How many.
    pub async fn discard_notifications(&self, id: Option<&str>) -> Result<u64, JournalError> {
        self.change_dead("DELETE FROM notifications WHERE state = 'dead'", id).await
    }

    async fn change_dead(&self, statement: &str, id: Option<&str>) -> Result<u64, JournalError> {
        let mut transaction = self.database.begin().await?;
        let changed = match id {
            Some(id) => sqlx::query(self.database.timed(&format!("{statement} AND id = $1"))).bind(id.to_owned()),
            None => sqlx::query(self.database.timed(statement)),
        };
        let changed = changed.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected())
    }
}
