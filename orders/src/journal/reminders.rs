//! Reminders of desktops whose months end soon, by our records: once for each target, desktop and threshold, however many
//! proxies look. A desktop that is renewed has another end, and is told of again.

use sqlx::AssertSqlSafe;

use super::{Journal, JournalError, notifications::tell_once};
use crate::{Details, NotificationEvent};

/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;
/// Desktops of one transaction.
const BATCH: i64 = 200;

/// For each threshold the days that are left to a desktop which is told of it: more than the first, and at most the second.
/// A desktop is told of the nearest one only, also if it was bought or first seen later than the others.
fn windows(days: &[u16]) -> Vec<(u16, u16)> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let before = std::iter::once(0).chain(days.iter().copied());
    before.zip(days.iter().copied()).filter(|(before, days)| before < days).collect()
}

impl Journal {
    /// Writes the reminders that are due at these thresholds, in days, and forgets those of desktops that have ended. How
    /// many are new.
    pub(crate) async fn remind(&self, days: &[u16]) -> Result<usize, JournalError> {
        let mut new = 0;
        for (before, days) in windows(days) {
            while let Some(more) = self.remind_some(before, days).await? {
                new += more;
            }
        }
        let mut transaction = self.database.begin().await?;
        sqlx::query(self.database.timed("DELETE FROM told_once WHERE kept_until < {now}"))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(new)
    }

    /// Some of those of a threshold, and how many of them are new. `None` when there are no more, or another proxy is at them.
    async fn remind_some(&self, before: u16, days: u16) -> Result<Option<usize>, JournalError> {
        let now = self.now();
        let within = |days: u16| now + i64::from(days) * DAY;
        let statement = format!(
            "SELECT token, valid_until FROM orders WHERE action = 'CreateDesktop' AND state = 'placed' \
             AND released = FALSE AND valid_until > $1 AND valid_until <= $2 AND EXISTS (SELECT 1 \
             FROM notification_targets AS target WHERE target.events LIKE '% {} %' AND NOT EXISTS (SELECT 1 FROM told_once \
             WHERE key = 'expiring ' || orders.token || ' ' || orders.valid_until || ' {days} ' || target.name)) \
             ORDER BY valid_until LIMIT {BATCH}",
            NotificationEvent::Expiring.as_str()
        );
        let turn = self.database.read_turn().await?;
        let due = sqlx::query_as(AssertSqlSafe(statement)).bind(within(before)).bind(within(days));
        let due: Vec<(String, i64)> = due.fetch_all(self.pool()).await?;
        drop(turn);
        if due.is_empty() {
            return Ok(None);
        }
        let mut new = 0;
        let mut transaction = self.database.begin().await?;
        for (token, valid_until) in due {
            let key = format!("expiring {token} {valid_until} {days}");
            let details = Details { valid_until: Some(valid_until), days: Some(days), ..Details::default() };
            // One that cannot be read is passed over for good.
            let token = token.parse().ok();
            let once = (key.as_str(), valid_until + DAY);
            let is_new =
                tell_once(&mut transaction, once, NotificationEvent::Expiring, token.as_ref(), now, &details).await?;
            new += usize::from(is_new);
        }
        transaction.commit().await?;
        Ok(Some(new).filter(|new| *new > 0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is left to a desktop, it is told of one threshold at most: the nearest that it has reached.
        #[test]
        fn a_desktop_is_told_of_the_nearest_threshold(days in proptest::collection::vec(0u16..90, 0..5), left in 1u16..100) {
            let told: Vec<_> =
                windows(&days).into_iter().filter(|(before, days)| left > *before && left <= *days).map(|(_, days)| days).collect();
            let nearest = days.iter().copied().filter(|days| *days >= left).min();
            prop_assert_eq!(told, nearest.into_iter().collect::<Vec<_>>());
        }
    }
}
