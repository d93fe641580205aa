//! The outbox of notifications. Rows about an order are written by a trigger in the transaction that changes its state,
//! whoever changes it; the others by [`tell`]. One proxy at a time delivers to a target, under a lease of its own.

use std::{collections::HashMap, time::Duration};

use shared::{Problem, ids::ClientToken, order::Order};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{COLUMNS, Journal, JournalError, OrderRow, list::Conditions, millis};
use crate::{DeadNotification, Details, Notification, NotificationCounts, NotificationEvent};

/// What is said of a notification whose target is gone.
const NO_TARGET: &str = "the settings have no such target any more";

/// A row of the outbox.
#[derive(sqlx::FromRow)]
struct NotificationRow {
    seq: i64,
    id: String,
    event: String,
    token: Option<String>,
    at: i64,
    details: Option<String>,
    attempts: i64,
}

impl Journal {
    /// Replaces the targets by those of this proxy's settings. What waits for one that is gone is dead.
    pub async fn set_notification_targets(
        &self,
        targets: &[(String, Vec<NotificationEvent>)],
    ) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        let known: Vec<(String,)> =
            sqlx::query_as("SELECT name FROM notification_targets").fetch_all(&mut *transaction).await?;
        for (name,) in known.into_iter().filter(|(name,)| !targets.iter().any(|(target, _)| target == name)) {
            sqlx::query("DELETE FROM notification_targets WHERE name = $1")
                .bind(name)
                .execute(&mut *transaction)
                .await?;
        }
        for (name, events) in targets {
            let events = events.iter().fold(" ".to_owned(), |list, event| list + event.as_str() + " ");
            sqlx::query(
                "INSERT INTO notification_targets (name, events) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET events = excluded.events",
            )
            .bind(name.clone())
            .bind(events)
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query(
            "UPDATE notifications SET state = 'dead', fault = $1 WHERE state = 'waiting' \
             AND target NOT IN (SELECT name FROM notification_targets)",
        )
        .bind(NO_TARGET)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes or renews this proxy's right to deliver to a target. Whether it has it.
    pub(crate) async fn claim_target(&self, target: &str, lease: Duration) -> Result<bool, JournalError> {
        let statement = self.database.timed(
            "UPDATE notification_targets SET owner = $1, lease_until = {now} + $2 \
             WHERE name = $3 AND (owner = $1 OR lease_until < {now})",
        );
        let mut transaction = self.database.begin().await?;
        let claimed = sqlx::query(statement)
            .bind(&*self.owner)
            .bind(millis(lease))
            .bind(target.to_owned())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// The next notifications for a target: of each order the first that waits, and of these those that failed least.
    pub(crate) async fn due_notifications(
        &self,
        target: &str,
        limit: usize,
    ) -> Result<Vec<Notification>, JournalError> {
        let statement = self.database.timed(
            "SELECT seq, id, event, token, at, details, attempts FROM notifications WHERE target = $1 AND state = 'waiting' \
             AND due_at <= {now} AND NOT EXISTS (SELECT 1 FROM notifications AS earlier WHERE earlier.target = $1 \
             AND earlier.state = 'waiting' AND earlier.token = notifications.token AND earlier.seq < notifications.seq) \
             ORDER BY attempts, seq LIMIT $2",
        );
        let mut connection = self.pool().acquire().await?;
        let rows: Vec<NotificationRow> = sqlx::query_as(statement)
            .bind(target.to_owned())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *connection)
            .await?;
        let mut orders = HashMap::new();
        if rows.iter().any(|row| row.token.is_some()) {
            let mut conditions = Conditions::default();
            conditions.any_of("token", rows.iter().filter_map(|row| row.token.as_deref()));
            let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
            let query = conditions.bind(sqlx::query_as(AssertSqlSafe(statement)));
            let found: Vec<OrderRow> = query.fetch_all(&mut *connection).await?;
            orders.extend(found.into_iter().filter_map(OrderRow::legible).map(|entry| {
                let order = entry.order;
                (order.token.to_string(), order)
            }));
        }
        Ok(rows.into_iter().filter_map(|row| row.read(&orders)).collect())
    }

    /// Removes what was delivered, by whichever proxy.
    pub(crate) async fn delivered(&self, notifications: &[Notification]) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        for notification in notifications {
            sqlx::query("DELETE FROM notifications WHERE seq = $1")
                .bind(notification.seq)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Records a failed attempt. The next one is after `pause`; without one there is none, and the notification is dead.
    pub(crate) async fn not_delivered(
        &self,
        notification: &Notification,
        fault: &str,
        pause: Option<Duration>,
    ) -> Result<(), JournalError> {
        let statement = self.database.timed(
            "UPDATE notifications SET attempts = attempts + 1, fault = $1, state = $2, due_at = {now} + $3 \
             WHERE seq = $4 AND attempts = $5",
        );
        let mut transaction = self.database.begin().await?;
        sqlx::query(statement)
            .bind(fault.to_owned())
            .bind(if pause.is_some() { "waiting" } else { "dead" })
            .bind(millis(pause.unwrap_or_default()))
            .bind(notification.seq)
            .bind(i64::from(notification.attempts))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The numbers of notifications that are not delivered.
    pub async fn notification_counts(&self) -> Result<NotificationCounts, JournalError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, COUNT(*) FROM notifications GROUP BY state").fetch_all(self.pool()).await?;
        let count = |wanted: &str| rows.iter().find(|(state, _)| state == wanted).map_or(0, |(_, number)| *number);
        Ok(NotificationCounts { waiting: count("waiting"), dead: count("dead") })
    }

    /// The notifications that are tried no more, oldest first.
    pub async fn dead_notifications(&self, limit: u32) -> Result<Vec<DeadNotification>, JournalError> {
        Ok(sqlx::query_as(
            "SELECT id, target, event, token, at, attempts, fault FROM notifications WHERE state = 'dead' \
             ORDER BY seq LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await?)
    }

    /// Lets dead notifications be tried again: one, or all whose targets there are. How many.
    pub async fn retry_notifications(&self, id: Option<&str>) -> Result<u64, JournalError> {
        let statement = "UPDATE notifications SET state = 'waiting', attempts = 0, due_at = 0 WHERE state = 'dead' \
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
            Some(id) => sqlx::query(AssertSqlSafe(format!("{statement} AND id = $1"))).bind(id.to_owned()),
            None => sqlx::query(AssertSqlSafe(statement.to_owned())),
        };
        let changed = changed.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected())
    }
}

impl NotificationRow {
    /// The notification. One that cannot be read costs no other.
    fn read(self, orders: &HashMap<String, Order>) -> Option<Notification> {
        let Ok(event) = self.event.parse() else {
            // Of a newer version, which delivers it.
            tracing::error!(id = self.id, event = self.event, "a notification is passed over: its event is not known");
            return None;
        };
        let details = self.details.as_deref().unwrap_or("{}");
        let details = match event {
            NotificationEvent::Expiring | NotificationEvent::LimitReached => serde_json::from_str(details).ok(),
            _ => {
                let problem = serde_json::from_str::<Problem>(details).ok();
                Some(Details { code: problem.map(|problem| problem.code), ..Details::default() })
            }
        };
        Some(Notification {
            seq: self.seq,
            id: self.id,
            event,
            at: self.at,
            order: self.token.and_then(|token| orders.get(&token).cloned()),
            details: details.unwrap_or_default(),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
        })
    }
}

/// Writes down something that is told once by its key, for each target that is told of the event. Whether it is new; it is
/// not where nobody is told.
pub(super) async fn tell_once(
    connection: &mut AnyConnection,
    (key, kept_until): (&str, i64),
    event: NotificationEvent,
    token: Option<&ClientToken>,
    at: i64,
    details: &Details,
) -> Result<bool, JournalError> {
    let statement = format!("SELECT name FROM notification_targets WHERE events LIKE '% {} %'", event.as_str());
    let targets: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&mut *connection).await?;
    if targets.is_empty() {
        return Ok(false);
    }
    let kept = sqlx::query("INSERT INTO told_once (key, kept_until) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(key.to_owned())
        .bind(kept_until)
        .execute(&mut *connection)
        .await?;
    if kept.rows_affected() == 0 {
        return Ok(false);
    }
    let details = serde_json::to_string(details).map_err(|error| sqlx::Error::Encode(error.into()))?;
    for (target,) in targets {
        sqlx::query(
            "INSERT INTO notifications (id, target, event, token, at, details) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(uuid::Uuid::new_v4().simple().to_string())
        .bind(target)
        .bind(event.as_str())
        .bind(token.map(|token| token.as_str().to_owned()))
        .bind(at)
        .bind(details.clone())
        .execute(&mut *connection)
        .await?;
    }
    Ok(true)
}
