//! The outbox of notifications. A trigger writes those about an order, in the transaction that changes its state;
//! [`tell_once`] writes the others. One proxy at a time delivers to a target, under a lease of the target.

use std::{collections::HashMap, time::Duration};

use shared::{Problem, ids::ClientToken, order::Order};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{COLUMNS, Journal, JournalError, OrderRow, conditions::Conditions, millis};
use crate::{Details, Notification, NotificationEvent};

/// What is said of a notification whose target is gone.
const NO_TARGET: &str = "the settings have no such target any more";
/// How long a target fails before what has waited as long is dead.
const LONGEST_FAILURE: Duration = Duration::from_hours(6);
/// How long what is dead is kept.
const DEAD_KEPT: Duration = Duration::from_hours(30 * 24);

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
    /// Says that this proxy's settings have these targets. Of the events, the proxy that started last decides.
    pub async fn set_notification_targets(
        &self,
        targets: &[(String, Vec<NotificationEvent>)],
    ) -> Result<(), JournalError> {
        let statement = "INSERT INTO notification_targets (name, events, seen_at) VALUES ($1, $2, {now}) \
             ON CONFLICT (name) DO UPDATE SET events = excluded.events, seen_at = excluded.seen_at";
        let mut targets: Vec<_> = targets.iter().collect();
        // So that two proxies that start do not wait for each other.
        targets.sort_by_key(|(name, _)| name);
        let mut transaction = self.database.begin().await?;
        for (name, events) in targets {
            sqlx::query(self.database.timed(statement))
                .bind(name.clone())
                .bind(spelt(events))
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Says again that this proxy's settings have a target, also where the database has been replaced by one without it.
    pub(crate) async fn see_target(&self, name: &str, events: &[NotificationEvent]) -> Result<(), JournalError> {
        let statement = "INSERT INTO notification_targets (name, events, seen_at) VALUES ($1, $2, {now}) \
             ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at";
        let mut transaction = self.database.begin().await?;
        sqlx::query(self.database.timed(statement))
            .bind(name.to_owned())
            .bind(spelt(events))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Removes targets that no proxy has had in its settings for so long; what waits for them is dead. And removes what has
    /// been dead for a month.
    pub(crate) async fn clear_notifications(&self, unseen: Duration) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        let gone: Vec<(String,)> = sqlx::query_as(
            self.database.timed("DELETE FROM notification_targets WHERE seen_at < {now} - $1 RETURNING name"),
        )
        .bind(millis(unseen))
        .fetch_all(&mut *transaction)
        .await?;
        for (name,) in &gone {
            sqlx::query("UPDATE notifications SET state = 'dead', fault = $1 WHERE target = $2 AND state = 'waiting'")
                .bind(NO_TARGET)
                .bind(name.clone())
                .execute(&mut *transaction)
                .await?;
        }
        let removed =
            sqlx::query(self.database.timed("DELETE FROM notifications WHERE state = 'dead' AND since < {now} - $1"))
                .bind(millis(DEAD_KEPT))
                .execute(&mut *transaction)
                .await?;
        transaction.commit().await?;
        for (name,) in gone {
            tracing::warn!(to = name, "a target of notifications is forgotten: no proxy's settings have it any more");
        }
        if removed.rows_affected() > 0 {
            tracing::warn!(
                notifications = removed.rows_affected(),
                days = DEAD_KEPT.as_secs() / 86_400,
                "notifications that were given up are removed after a month"
            );
        }
        Ok(())
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
    /// Reminders that are not true any more are removed.
    pub(crate) async fn due_notifications(
        &self,
        target: &str,
        limit: usize,
    ) -> Result<Vec<Notification>, JournalError> {
        loop {
            let (due, untrue) = self.some_due(target, limit).await?;
            if untrue.is_empty() {
                return Ok(due);
            }
            let mut transaction = self.database.begin().await?;
            for seq in untrue {
                remove(&mut transaction, seq).await?;
            }
            transaction.commit().await?;
        }
    }

    /// Some that are due, and the places of reminders that are not true any more.
    async fn some_due(&self, target: &str, limit: usize) -> Result<(Vec<Notification>, Vec<i64>), JournalError> {
        let mut connection = self.pool().acquire().await?;
        let rows: Vec<NotificationRow> = sqlx::query_as(self.database.timed(&due_statement()))
            .bind(target.to_owned())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *connection)
            .await?;
        let ends = ends(&mut connection, &rows).await?;
        let now = self.now();
        let is_true = |row: &NotificationRow| {
            row.event != NotificationEvent::Expiring.as_str()
                || row.token.as_ref().and_then(|token| ends.get(token)).is_some_and(|ends| {
                    *ends > now && row.read_details(NotificationEvent::Expiring).valid_until == Some(*ends)
                })
        };
        let (rows, untrue): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_true);
        let untrue = untrue.iter().map(|row| row.seq).collect();
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
        Ok((rows.into_iter().filter_map(|row| row.read(&orders)).collect(), untrue))
    }

    /// Removes what was delivered, by whichever proxy.
    pub(crate) async fn delivered(&self, target: &str, notifications: &[Notification]) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        for notification in notifications {
            remove(&mut transaction, notification.seq).await?;
        }
        sqlx::query("UPDATE notification_targets SET failing_since = 0 WHERE name = $1 AND failing_since > 0")
            .bind(target.to_owned())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Records a failed attempt at these, each with the pause until its next one; without one there is none, and the
    /// notification is dead. Where the target has failed for hours, all that has waited as long is dead: how many.
    pub(crate) async fn not_delivered(
        &self,
        target: &str,
        notifications: &[(&Notification, Option<Duration>)],
        fault: &str,
        is_counted: bool,
    ) -> Result<u64, JournalError> {
        let failed = "UPDATE notifications SET attempts = attempts + $1, fault = $2, state = $3, due_at = {now} + $4 \
             WHERE seq = $5 AND attempts = $6";
        let mut transaction = self.database.begin().await?;
        for (notification, pause) in notifications {
            sqlx::query(self.database.timed(failed))
                .bind(i64::from(is_counted))
                .bind(fault.to_owned())
                .bind(if pause.is_some() { "waiting" } else { "dead" })
                .bind(millis(pause.unwrap_or_default()))
                .bind(notification.seq)
                .bind(i64::from(notification.attempts))
                .execute(&mut *transaction)
                .await?;
        }
        let failing = "UPDATE notification_targets SET failing_since = {now} WHERE name = $1 AND failing_since = 0";
        sqlx::query(self.database.timed(failing)).bind(target.to_owned()).execute(&mut *transaction).await?;
        let given_up = self.database.timed(
            "UPDATE notifications SET state = 'dead', fault = $1 WHERE target = $2 AND state = 'waiting' \
             AND since < {now} - $3 AND EXISTS (SELECT 1 FROM notification_targets WHERE name = $2 \
             AND failing_since > 0 AND failing_since < {now} - $3)",
        );
        let given_up = sqlx::query(given_up)
            .bind(fault.to_owned())
            .bind(target.to_owned())
            .bind(millis(LONGEST_FAILURE))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(given_up.rows_affected())
    }
}

/// The statement that finds what is due. What a newer version has written is for it to deliver, and holds up nothing here.
pub(super) fn due_statement() -> String {
    let known: Vec<_> = NotificationEvent::ALL.iter().map(|event| format!("'{}'", event.as_str())).collect();
    let known = known.join(", ");
    format!(
        "SELECT seq, id, event, token, at, details, attempts FROM notifications WHERE target = $1 AND state = 'waiting' \
         AND due_at <= {{now}} AND event IN ({known}) AND NOT EXISTS (SELECT 1 FROM notifications AS earlier \
         WHERE earlier.target = $1 AND earlier.state = 'waiting' AND earlier.token = notifications.token \
         AND earlier.seq < notifications.seq AND earlier.event IN ({known})) ORDER BY attempts, seq LIMIT $2"
    )
}

/// Until when the months of those desktops last that these rows remind of. Without those that are released.
async fn ends(connection: &mut AnyConnection, rows: &[NotificationRow]) -> Result<HashMap<String, i64>, JournalError> {
    let reminders = rows.iter().filter(|row| row.event == NotificationEvent::Expiring.as_str());
    let tokens: Vec<_> = reminders.filter_map(|row| row.token.as_deref()).collect();
    if tokens.is_empty() {
        return Ok(HashMap::new());
    }
    let mut conditions = Conditions::default();
    conditions.any_of("token", tokens);
    let statement = format!(
        "SELECT token, valid_until FROM orders WHERE {} AND valid_until IS NOT NULL AND released = FALSE",
        conditions.all()
    );
    let found: Vec<(String, i64)> =
        conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_all(connection).await?;
    Ok(found.into_iter().collect())
}

async fn remove(connection: &mut AnyConnection, seq: i64) -> Result<(), JournalError> {
    sqlx::query("DELETE FROM notifications WHERE seq = $1").bind(seq).execute(connection).await?;
    Ok(())
}

/// Events between blanks.
fn spelt(events: &[NotificationEvent]) -> String {
    events.iter().fold(" ".to_owned(), |list, event| list + event.as_str() + " ")
}

impl NotificationRow {
    /// The notification. An order that cannot be read is told of by its token.
    fn read(self, orders: &HashMap<String, Order>) -> Option<Notification> {
        let event = self.event.parse().ok()?;
        let details = self.read_details(event);
        Some(Notification {
            seq: self.seq,
            id: self.id,
            event,
            at: self.at,
            order: self.token.as_ref().and_then(|token| orders.get(token).cloned()),
            token: self.token,
            details,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
        })
    }

    fn read_details(&self, event: NotificationEvent) -> Details {
        let details = self.details.as_deref().unwrap_or("{}");
        let details = match event {
            NotificationEvent::Expiring | NotificationEvent::LimitReached => serde_json::from_str(details).ok(),
            _ => {
                let problem = serde_json::from_str::<Problem>(details).ok();
                Some(Details { code: problem.map(|problem| problem.code), ..Details::default() })
            }
        };
        details.unwrap_or_default()
    }
}

/// Writes down something that is told once by its key to each target that is told of the event. Whether it is new to one.
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
    let mut is_new = false;
    let details = serde_json::to_string(details).map_err(|error| sqlx::Error::Encode(error.into()))?;
    for (target,) in targets {
        let kept = sqlx::query("INSERT INTO told_once (key, kept_until) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(format!("{key} {target}"))
            .bind(kept_until)
            .execute(&mut *connection)
            .await?;
        if kept.rows_affected() == 0 {
            continue;
        }
        is_new = true;
        sqlx::query(
            "INSERT INTO notifications (id, target, event, token, at, since, details) VALUES ($1, $2, $3, $4, $5, $5, $6)",
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
    Ok(is_new)
}
