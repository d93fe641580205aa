//! The monthly summary, added up by the database: one statement over the months that are asked for, whatever their number of
//! orders.

use shared::{
    calendar::Date,
    order::{Summary, SummaryBy, SummaryRow, fields::is_key},
    prices::{Amount, Currency},
};
use sqlx::AssertSqlSafe;

use super::{Journal, JournalError, conditions::Conditions};
use crate::Accounts;

/// The most rows of a summary: some megabytes.
const MOST_ROWS: usize = 10_000;

/// A row as the database adds it up.
#[derive(sqlx::FromRow)]
struct Counted {
    month: i64,
    kind: Option<String>,
    currency: Option<String>,
    bought: i64,
    renewed: i64,
    amount: i64,
    amount_per_hour: i64,
    unknown: i64,
}

impl Journal {
    /// What was ordered in the last so many months, this one included. `None` if it has more rows than are answered.
    pub async fn summary(
        &self,
        by: &SummaryBy,
        months: u32,
        accounts: &Accounts,
    ) -> Result<Option<Summary>, JournalError> {
        let firsts = firsts(self.now(), months);
        let mut conditions = Conditions::default();
        conditions.accounts(accounts);
        let since = firsts.last().map_or(i64::MAX, |first| first.begin());
        conditions.plain(&format!("created_at >= {since}"));
        // A release costs nothing, and says nothing of what has been paid.
        conditions.plain("state <> 'rejected' AND action <> 'DeleteDesktop'");
        let month = firsts
            .iter()
            .enumerate()
            .map(|(index, first)| format!("WHEN created_at >= {} THEN {index}", first.begin()));
        let of = |condition: &str| format!("CASE WHEN state = 'placed' AND {condition} THEN");
        let sum = |condition: &str| format!("CAST(COALESCE(SUM({} price END), 0) AS BIGINT)", of(condition));
        let statement = format!(
            "SELECT month, kind, currency, COUNT({} 1 END) AS bought, COUNT({} 1 END) AS renewed, {} AS amount, {} AS \
             amount_per_hour, COUNT(CASE WHEN state <> 'placed' THEN 1 END) AS unknown FROM (SELECT CAST(CASE {} END AS BIGINT) \
             AS month, {} AS kind, CASE WHEN price IS NULL THEN NULL ELSE currency END AS currency, action, state, price, months \
             FROM orders WHERE {}) AS counted GROUP BY month, kind, currency LIMIT {}",
            of("action = 'CreateDesktop'"),
            of("action = 'RenewDesktop'"),
            sum("months IS NOT NULL"),
            sum("months IS NULL"),
            month.collect::<Vec<_>>().join(" "),
            self.group(by, accounts),
            conditions.all(),
            MOST_ROWS + 1,
        );
        let query = conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        let turn = self.database.summary_turn().await?;
        let counted: Vec<Counted> = query.fetch_all(self.pool()).await?;
        drop(turn);
        if counted.len() > MOST_ROWS {
            return Ok(None);
        }
        let months: Vec<_> = firsts.into_iter().map(name).collect();
        let mut counted: Vec<_> = counted.into_iter().map(|row| (row.month, shown(row, &months))).collect();
        counted.sort_by(|(month, one), (other_month, other)| {
            let order =
                |row: &SummaryRow| (row.group.is_none(), row.group.clone(), row.currency.is_none(), row.currency);
            month.cmp(other_month).then_with(|| order(one).cmp(&order(other)))
        });
        Ok(Some(Summary { months, rows: counted.into_iter().map(|(_, row)| row).collect() }))
    }

    /// SQL: what an order is grouped by.
    fn group(&self, by: &SummaryBy, accounts: &Accounts) -> String {
        match by {
            SummaryBy::Account => "account".to_owned(),
            SummaryBy::Person => "buyer".to_owned(),
            // A key is no text that could be anything else in SQL.
            SummaryBy::Field(key) => {
                if is_key(key) {
                    self.database.member("fields", key)
                } else {
                    "NULL".to_owned()
                }
            }
            SummaryBy::Type => {
                // The placeholder is that of the accounts' own condition, which is the first.
                let within = match accounts {
                    Accounts::All => "",
                    Accounts::One(Some(_)) => " AND bought.account = $1",
                    Accounts::One(None) => " AND bought.account IS NULL",
                };
                // A renewal names the desktop only. The expressions keep the planner from the indexes of lists.
                format!(
                    "COALESCE(type_item, (SELECT MAX(bought.type_item) FROM orders AS bought WHERE bought.desktop_id = orders.target AND \
                 (bought.region || '') = orders.region AND (bought.action || '') = 'CreateDesktop'{within}))"
                )
            }
        }
    }
}

/// The first days of this month and of those before, newest first.
fn firsts(now: i64, months: u32) -> Vec<Date> {
    let today = Date::of(now);
    let index = today.year * 12 + i64::from(today.month) - 1;
    let first = |back: u32| {
        let index = index - i64::from(back);
        Date { year: index.div_euclid(12), month: u8::try_from(index.rem_euclid(12) + 1).unwrap_or(1), day: 1 }
    };
    (0..months).map(first).collect()
}

/// As `2026-11`.
fn name(first: Date) -> String {
    format!("{:04}-{:02}", first.year, first.month)
}

fn shown(row: Counted, months: &[String]) -> SummaryRow {
    let month = usize::try_from(row.month).ok().and_then(|index| months.get(index)).cloned().unwrap_or_default();
    let currency = row.currency.and_then(|currency| currency.parse::<Currency>().ok());
    let amount = |sum: i64| currency.map(|_| Amount::of_ten_thousandths(u64::try_from(sum).unwrap_or_default()));
    SummaryRow {
        month,
        group: row.kind.filter(|kind| !kind.is_empty()),
        currency,
        bought: row.bought,
        renewed: row.renewed,
        amount: amount(row.amount),
        amount_per_hour: amount(row.amount_per_hour),
        unknown: row.unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_of_the_cloud() {
        let names = |now: i64, months: u32| firsts(now, months).into_iter().map(name).collect::<Vec<_>>();
        // 2025-12-31 15:59:59.999 UTC is the last moment of the year there.
        let turn = Date { year: 2026, month: 1, day: 1 }.begin();
        assert_eq!(names(turn - 1, 2), ["2025-12", "2025-11"]);
        assert_eq!(names(turn, 3), ["2026-01", "2025-12", "2025-11"]);
    }
}
