//! Lists of orders: filtered, a page at a time, newest first. Pages use keyset pagination (by order number and not by
//! offset), so new orders shift nothing and late pages cost as much as the first.

use shared::{
    Action,
    actions::CreateDesktop,
    order::{Order, SortKey},
};
use sqlx::AssertSqlSafe;

use super::{
    Journal, JournalError, OrderRow,
    conditions::Conditions,
    filter::{Filter, line},
    narrowest::{Narrowest, Of},
    place::Place,
    stretches::{Effort, Looked},
};
use crate::Accounts;

/// A page of a list. It may have fewer rows than were asked for, or none, and still be followed by others (`stretches.rs`).
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
    /// The page of rows of which there is one more than belong to it, if there is a next page.
    pub(super) fn page(mut rows: Vec<OrderRow>, limit: u32) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_last = rows.len() <= wanted;
        rows.truncate(wanted);
        let next = rows.last().map(|row| row.seq.into()).filter(|_| !is_last);
        Self { rows, next, skipped: Vec::new() }
    }

    /// The same of a sorted list.
    pub(super) fn sorted_page(rows: Vec<OrderRow>, limit: u32, key: SortKey) -> Self {
        let mut page = Self::page(rows, limit);
        if let (SortKey::ValidUntil, Some(next)) = (key, &mut page.next) {
            next.end = page.rows.last().and_then(|row| row.valid_until);
        }
        page
    }

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
        let page = self.orders_with(filter, Effort::PAGE).await?;
        Ok(page.read(|row| Some(row.legible()?.shown_to(filter.approver.as_deref()))))
    }

    /// The same with this effort.
    pub(super) async fn orders_with(&self, filter: &Filter, effort: Effort) -> Result<Listed<OrderRow>, JournalError> {
        let mut conditions = filter.conditions();
        self.with_fields(&mut conditions, filter);
        let look = match self.look(&conditions, filter, effort).await? {
            Looked::Found(page) => return Ok(page),
            Looked::On(look) => look,
        };
        match self.by_narrowest(&mut conditions, filter, Of::Orders).await? {
            Narrowest::Nothing => Ok(Listed::nothing()),
            Narrowest::Few => self.rows(conditions, filter.limit).await,
            Narrowest::Many => {
                let is_of_all = filter.user.is_none() && filter.account.is_none() && filter.accounts == Accounts::All;
                if is_of_all && filter.action.as_deref().is_some_and(|action| action != CreateDesktop::NAME) {
                    conditions.index = Some("orders_action");
                }
                self.look_on(look, &conditions, effort).await
            }
        }
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
        // One more row than requested shows whether there is a next page.
        Ok(Listed::page(self.newest(conditions, limit + 1).await?, limit))
    }

    /// The newest rows.
    pub(super) async fn newest(&self, conditions: Conditions, rows: u32) -> Result<Vec<OrderRow>, JournalError> {
        let is_sqlite = self.database.is_file();
        self.rows_by(conditions, |conditions| conditions.newest(rows, is_sqlite)).await
    }

    /// The rows of a statement that is made of the conditions.
    pub(super) async fn rows_by(
        &self,
        mut conditions: Conditions,
        statement: impl FnOnce(&mut Conditions) -> String,
    ) -> Result<Vec<OrderRow>, JournalError> {
        let _turn = self.database.read_turn().await?;
        if !conditions.find_search(&self.database).await? {
            return Ok(Vec::new());
        }
        let statement = statement(&mut conditions);
        let query = conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        Ok(query.fetch_all(self.pool()).await?)
    }
}
