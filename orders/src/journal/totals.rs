//! Totals of desktops: how many there are by a filter, and how many of them end soon. The database counts as it writes, by the
//! day on which months end, so that only desktops that end on the days of the limits are looked at. What a search or a user
//! finds is counted row by row.

use shared::{
    ids::{OwnerId, RegionId, TypeItemId},
    order::DesktopTotals,
};
use sqlx::AssertSqlSafe;

use super::{
    Journal, JournalError,
    conditions::Conditions,
    desktops::{conditions, is_released},
    filter::{BOUGHT, Filter},
    narrowest::{Narrowest, Of},
};
use crate::Accounts;

/// A day in milliseconds.
const DAY: i64 = 24 * 3_600_000;

impl Journal {
    /// How many desktops there are by a filter, and how many of them end soon.
    pub async fn desktop_totals(&self, filter: &Filter) -> Result<DesktopTotals, JournalError> {
        let filter = Filter { before: None, ..filter.clone() };
        let now = self.now();
        let is_counted = matches!(&filter, Filter { user: None, search: None, since: None, until: None, .. });
        if !is_counted || !filter.fields.is_empty() {
            return self.counted_by_row(&filter, now).await;
        }
        let is_within = filter.valid_since.is_some() || filter.valid_before.is_some();
        let first = filter.valid_since.unwrap_or(0);
        let end = filter.valid_before.unwrap_or(i64::MAX).max(first);
        let limits = [now, now + 7 * DAY, now + 30 * DAY, now + 60 * DAY].map(|limit| limit.clamp(first, end));
        let (counted, of_orders) = counted(&filter);
        let sum = |condition: &str| format!("CAST(COALESCE(SUM(CASE WHEN {condition} THEN number END), 0) AS BIGINT)");
        let mut columns = vec![sum("1 = 1"), sum("released = FALSE"), sum("released = FALSE AND subscription = TRUE")];
        // How many end before each of these: on the days before, and on the day itself.
        for limit in [first, end].into_iter().chain(limits) {
            let day = limit / DAY;
            let before = sum(&format!("released = FALSE AND last_day >= 0 AND last_day < {day}"));
            columns.push(match filter.of_released() {
                Some(true) => before,
                _ => format!(
                    "{before} + (SELECT COUNT(*) FROM orders WHERE {BOUGHT} AND {} AND valid_until >= {} AND \
                     valid_until < {limit}{of_orders})",
                    is_released(false),
                    day * DAY,
                ),
            });
        }
        let statement = format!("SELECT {} FROM desktop_counts WHERE {}", columns.join(", "), counted.all());
        let query = counted.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        let turn = self.database.read_turn().await?;
        let (all, in_use, subscriptions, first, end, now, in_7_days, in_30_days, in_60_days): Row =
            query.fetch_one(self.pool()).await?;
        drop(turn);
        let ending = end - first;
        Ok(DesktopTotals {
            desktops: if is_within { ending } else { all },
            in_use: if is_within { ending } else { in_use },
            subscriptions: if is_within { ending } else { subscriptions },
            expired: now - first,
            within_7_days: in_7_days - now,
            within_30_days: in_30_days - now,
            within_60_days: in_60_days - now,
        })
    }

    /// How many desktops there are at most by a filter: those that end on the days of its limits are all counted, and what a
    /// search, a user or the time of a purchase leaves out is not looked at.
    pub(super) async fn most_desktops(&self, filter: &Filter) -> Result<i64, JournalError> {
        let (mut counted, _) = counted(filter);
        for (condition, limit) in [("last_day >=", filter.valid_since), ("last_day <=", filter.valid_before)] {
            if let Some(limit) = limit {
                counted.plain(&format!("last_day >= 0 AND {condition} {}", limit / DAY));
            }
        }
        let statement =
            format!("SELECT CAST(COALESCE(SUM(number), 0) AS BIGINT) FROM desktop_counts WHERE {}", counted.all());
        let _turn = self.database.read_turn().await?;
        let (most,): (i64,) =
            counted.bind_planned(sqlx::query_as(AssertSqlSafe(statement))).fetch_one(self.pool()).await?;
        Ok(most)
    }

    async fn counted_by_row(&self, filter: &Filter, now: i64) -> Result<DesktopTotals, JournalError> {
        let mut conditions = conditions(filter);
        self.with_fields(&mut conditions, filter);
        if let Some(released) = filter.of_released() {
            conditions.plain(&is_released(released));
        }
        if self.by_narrowest(&mut conditions, filter, Of::Desktops).await? == Narrowest::Nothing {
            return Ok(DesktopTotals::default());
        }
        let turn = self.database.read_turn().await?;
        conditions.find_search(&self.database).await?;
        conditions.search_by_index(self.database.is_file());
        let within = |days: i64| format!("valid_until >= {now} AND valid_until < {}", now + days * DAY);
        let count = |condition: &str| format!("COUNT(CASE WHEN released = FALSE AND {condition} THEN 1 END)");
        let counts = [
            "1 = 1".to_owned(),
            "months IS NOT NULL".to_owned(),
            format!("valid_until < {now}"),
            within(7),
            within(30),
            within(60),
        ];
        let counts: Vec<_> = counts.iter().map(|condition| count(condition)).collect();
        let statement = format!(
            "SELECT COUNT(*), {} FROM {} WHERE {}",
            counts.join(", "),
            conditions.table(self.database.is_file()),
            conditions.all()
        );
        let query = conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        let (desktops, in_use, subscriptions, expired, within_7_days, within_30_days, within_60_days) =
            query.fetch_one(self.pool()).await?;
        drop(turn);
        Ok(DesktopTotals { desktops, in_use, subscriptions, expired, within_7_days, within_30_days, within_60_days })
    }
}

type Row = (i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// The conditions of a filter on the counts, and the same on orders.
fn counted(filter: &Filter) -> (Conditions, String) {
    let (mut conditions, mut of_orders) = (Conditions::default(), String::new());
    let one = match &filter.accounts {
        Accounts::One(account) => Some(account.as_ref().map_or("", OwnerId::as_str)),
        Accounts::All => None,
    };
    for (column, text) in [
        ("account", one),
        ("account", filter.account.as_ref().map(OwnerId::as_str)),
        ("region", filter.region.as_ref().map(RegionId::as_str)),
        ("type_item", filter.type_item.as_ref().map(TypeItemId::as_str)),
    ] {
        if let Some(text) = text {
            let place = conditions.equals(column, text);
            // Not by the indexes of these columns, which do not know when months end.
            of_orders.extend([" AND COALESCE(", column, ", '') = ", &place]);
        }
    }
    if let Some(released) = filter.of_released() {
        conditions.plain(&is_released(released));
    }
    (conditions, of_orders)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accept, journal, order};
    use super::*;

    #[tokio::test]
    async fn what_is_counted_as_it_is_written_is_what_the_rows_say() {
        let (journal, _folder, _) = journal().await;
        let orders: Vec<_> = (0..60).map(|n| order(&format!("t-{n}"), "u")).collect();
        accept(&journal, &orders).await;
        let change = async |statement: String| {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(journal.pool()).await.unwrap();
        };
        // Regions, accounts and types come with orders; here rows are given others before they are placed.
        change("UPDATE orders SET region = 'cn-beijing' WHERE seq % 3 = 0".to_owned()).await;
        let set = |name: &str, value: &str, rows: &str| {
            format!("UPDATE orders SET request = json_set(request, '$.{name}', '{value}') WHERE {rows}")
        };
        change(set("OwnerId", "42", "seq % 4 = 0")).await;
        change(set("TypeItemId", "large", "seq % 5 = 0")).await;
        change("UPDATE orders SET request = json_remove(request, '$.Period') WHERE seq % 7 = 0".to_owned()).await;
        change("UPDATE orders SET state = 'placed', desktop_id = 'd-' || seq WHERE seq > 3".to_owned()).await;
        let now = journal.now();
        // On the days of the limits and beside them, before and after their moment.
        let ends = format!(
            "UPDATE orders SET valid_until = {now} + CASE seq % 5 WHEN 0 THEN 0 WHEN 1 THEN 7 WHEN 2 THEN 30 WHEN 3 THEN 60 \
             ELSE -1 END * {DAY} + (seq % 9 - 4) * 3600000 * 5 WHERE valid_until IS NOT NULL"
        );
        change(ends).await;
        change(
            "UPDATE orders SET released = TRUE, valid_until = NULL WHERE seq % 11 = 0 AND state = 'placed'".to_owned(),
        )
        .await;
        // Not placed after all, by an operator's finding.
        change("UPDATE orders SET state = 'unresolved' WHERE seq = 8".to_owned()).await;

        let of = |account: Option<&str>| Accounts::One(account.map(|id| id.parse().unwrap()));
        let mut looked_at = 0;
        for accounts in [Accounts::All, of(Some("42")), of(None), of(Some("7"))] {
            for region in [None, Some("cn-beijing"), Some("cn-shanghai")] {
                for type_item in [None, Some("large")] {
                    for released in [None, Some(false), Some(true)] {
                        for (valid_since, valid_before) in
                            [(None, None), (Some(now), Some(now + 30 * DAY)), (None, Some(now)), (Some(now + 9), None)]
                        {
                            let filter = Filter {
                                accounts: accounts.clone(),
                                region: region.map(|id| id.parse().unwrap()),
                                type_item: type_item.map(|id| id.parse().unwrap()),
                                released,
                                valid_since,
                                valid_before,
                                ..Filter::default()
                            };
                            let by_row = journal.counted_by_row(&filter, journal.now()).await.unwrap();
                            assert_eq!(journal.desktop_totals(&filter).await.unwrap(), by_row, "{filter:?}");
                            looked_at += by_row.desktops;
                        }
                    }
                }
            }
        }
        assert!(looked_at > 500, "{looked_at}");
    }
}
