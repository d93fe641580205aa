//! Lists of orders: filtered, a page at a time, newest first. Pages use keyset pagination (by order number and not by
//! offset), so new orders shift nothing and late pages cost as much as the first.

use shared::{Action, actions::CreateDesktop, order::Order};
use sqlx::AssertSqlSafe;

use super::{
    Journal, JournalError, OrderRow,
    conditions::Conditions,
    filter::{Filter, line},
    narrowest::{Narrowest, Of},
    place::Place,
};
use crate::Accounts;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next: Option<Place>,
    /// The tokens of orders that belong to the page and cannot be read.
    pub skipped: Vec<String>,
}

impl<T> Listed<T> {
    /// A page without rows.
    pub(super) const fn nothing() -> Self {
        Self { rows: Vec::new(), next: None, skipped: Vec::new() }
    }
}

impl Listed<OrderRow> {
    /// The page with its rows read. Those that cannot be are counted among the skipped.
    pub(super) fn read<T>(self, read: impl Fn(OrderRow) -> Option<T>) -> Listed<T> {
        let Self { rows, next, mut skipped } = self;
        let row = |row: OrderRow| {
            let token = row.token.clone();
            read(row).or_else(|| {
                skipped.push(token);
                None
            })
        };
        let rows = rows.into_iter().filter_map(row).collect();
        Listed { rows, next, skipped }
    }
}

impl Journal {
    /// A page of orders, newest first.
    pub async fn list(&self, filter: &Filter) -> Result<Listed<Order>, JournalError> {
        let mut conditions = filter.conditions();
        self.with_fields(&mut conditions, filter);
        let is_of_all = filter.user.is_none() && filter.account.is_none() && filter.accounts == Accounts::All;
        match self.by_narrowest(&mut conditions, filter, Of::Orders).await? {
            Narrowest::Nothing => return Ok(Listed::nothing()),
            Narrowest::Few => {}
            Narrowest::Many => {
                if is_of_all && filter.action.as_deref().is_some_and(|action| action != CreateDesktop::NAME) {
                    conditions.index = Some("orders_action");
                }
            }
        }
        let page = self.rows(conditions, filter.limit).await?;
        Ok(page.read(|row| Some(row.legible()?.shown_to(filter.approver.as_deref()))))
    }

    /// Adds the conditions of [`Filter::fields`].
    pub(super) fn with_fields(&self, conditions: &mut Conditions, filter: &Filter) {
        for (key, value) in filter.known_fields() {
            conditions.search(&line(value));
            conditions.text(&format!("{} = ?", self.database.member("fields", key)), value);
        }
    }

    /// A page of rows, newest first.
    pub(super) async fn rows(&self, conditions: Conditions, limit: u32) -> Result<Listed<OrderRow>, JournalError> {
        let is_sqlite = self.database.is_file();
        self.rows_by(conditions, limit, |conditions, rows| conditions.newest(rows, is_sqlite)).await
    }

    /// A page of the rows of a statement, which is made of the conditions and a number of rows.
    pub(super) async fn rows_by(
        &self,
        mut conditions: Conditions,
        limit: u32,
        statement: impl FnOnce(&mut Conditions, u32) -> String,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let turn = self.database.read_turn().await?;
        if !conditions.find_search(&self.database).await? {
            return Ok(Listed::nothing());
        }
        // One more row than requested shows whether there is a next page.
        let statement = statement(&mut conditions, limit + 1);
        let query = conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        let mut rows: Vec<OrderRow> = query.fetch_all(self.pool()).await?;
        drop(turn);
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_last = rows.len() <= wanted;
        rows.truncate(wanted);
        let next = rows.last().map(|row| row.seq.into()).filter(|_| !is_last);
        Ok(Listed { rows, next, skipped: Vec::new() })
    }
}
