//! What is used of a limit: what the database counts, and what the same transaction is about to add.

use std::collections::HashMap;

use shared::{
    limits::{Quantity, Span, Unit, Whose},
    prices::{Amount, Currency},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    JournalError,
    limit_rules::{DAY, Rule},
    new_row::NewRow,
};
use crate::Principal;

/// A month of 30 days, in milliseconds.
const MONTH: i64 = 30 * DAY;

/// What the database counts, each number once: a transaction that adds orders excludes all others that do.
pub(super) struct Used {
    now: i64,
    counted: HashMap<(String, i64, Option<String>, Option<String>), i64>,
}

impl Used {
    /// What is used up to a time, in milliseconds since 1970.
    pub(super) fn until(now: i64) -> Self {
        Self { now, counted: HashMap::new() }
    }

    /// What is used of a limit, `staged` rows included, which the database does not have yet.
    pub(super) async fn of(
        &mut self,
        connection: &mut AnyConnection,
        rule: &Rule,
        principal: &Principal,
        staged: &[NewRow],
    ) -> Result<Quantity, JournalError> {
        let counted = self.counted(connection, rule, principal).await?;
        let is_counted = |row: &&NewRow| match rule.whose {
            Whose::Person => row.buyer_id.is_some() && row.buyer_id == principal.id,
            Whose::Everybody => row.units > 0,
        };
        let added = staged.iter().filter(is_counted).map(|row| of_row(rule, row)).fold(0, u64::saturating_add);
        let used = u64::try_from(counted).unwrap_or_default().saturating_add(added);
        Ok(match rule.unit {
            Unit::Amount => Quantity::Money(Amount::of_ten_thousandths(used)),
            _ => Quantity::Number(u32::try_from(used).unwrap_or(u32::MAX)),
        })
    }

    /// What the database counts.
    async fn counted(
        &mut self,
        connection: &mut AnyConnection,
        rule: &Rule,
        principal: &Principal,
    ) -> Result<i64, JournalError> {
        let since = self.now - if rule.per == Span::Month { MONTH } else { DAY };
        let (id, name) = match rule.whose {
            Whose::Person => (principal.id.clone(), principal.name.clone()),
            Whose::Everybody => (None, None),
        };
        let key = (statement(rule), since, id, name);
        if let Some(counted) = self.counted.get(&key) {
            return Ok(*counted);
        }
        let (statement, since, id, name) = key.clone();
        let mut query = sqlx::query_as(AssertSqlSafe(statement)).bind(since);
        if rule.whose == Whose::Person {
            query = query.bind(id).bind(name);
        }
        let (counted,): (i64,) = query.fetch_one(connection).await?;
        self.counted.insert(key, counted);
        Ok(counted)
    }
}

/// The query of what counts. It has the time from which on, and whose.
fn statement(rule: &Rule) -> String {
    // Rows of earlier versions have neither units nor an amount.
    let counted = match rule.unit {
        Unit::Desktops => "CASE WHEN action = 'CreateDesktop' THEN 1 ELSE 0 END".to_owned(),
        Unit::Releases => "CASE WHEN action = 'DeleteDesktop' THEN 1 ELSE 0 END".to_owned(),
        Unit::Amount => amount_in(rule.currency),
        Unit::DesktopsAndMonths | Unit::Users | Unit::Months => {
            "COALESCE(units, CASE WHEN action = 'CreateDesktop' THEN 1 ELSE 0 END)".to_owned()
        }
    };
    // Rows of earlier versions have no identifier. An index has what costs something by its time.
    let whose = match rule.whose {
        Whose::Person => "(buyer_id = $2 OR (buyer_id IS NULL AND buyer = $3))",
        Whose::Everybody => "units > 0",
    };
    format!(
        "SELECT CAST(COALESCE(SUM({counted}), 0) AS BIGINT) FROM orders WHERE created_at > $1 AND state <> 'rejected' \
         AND {whose}"
    )
}

/// What was ordered in this currency. Sums of several have no meaning, and a price list may change to another.
fn amount_in(currency: Option<Currency>) -> String {
    match currency {
        // Three letters, by its type.
        Some(currency) => format!("CASE WHEN COALESCE(currency, '{currency}') = '{currency}' THEN amount ELSE 0 END"),
        None => "amount".to_owned(),
    }
}

/// What a row counts, as [`statement`] would once it is in the database.
fn of_row(rule: &Rule, row: &NewRow) -> u64 {
    let is_action = |action: &str| u64::from(row.order.action == action);
    match rule.unit {
        Unit::Desktops => is_action("CreateDesktop"),
        Unit::Releases => is_action("DeleteDesktop"),
        Unit::DesktopsAndMonths | Unit::Users | Unit::Months => row.units.into(),
        Unit::Amount => {
            let is_other = |currency| row.order.price.is_some_and(|price| price.currency != currency);
            let amount = row.amount.filter(|_| !rule.currency.is_some_and(is_other));
            amount.map_or(0, Amount::ten_thousandths)
        }
    }
}
