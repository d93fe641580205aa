//! Lists of orders: filtered, a page at a time, newest first. Pages use keyset pagination (by order number and not by
//! offset), so new orders shift nothing and late pages cost as much as the first.

use shared::{
    Action,
    actions::CreateDesktop,
    ids::{OwnerId, RegionId, TypeItemId},
    order::{
        Order, OrderState, Sort,
        fields::{FieldValues, is_key},
    },
};
use sqlx::AssertSqlSafe;

use super::{
    Journal, JournalError, OrderRow,
    conditions::Conditions,
    narrowest::{Narrowest, Of},
    place::Place,
};
use crate::Accounts;

/// Filter and page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The accounts that the principal may see.
    pub accounts: Accounts,
    /// States; empty for all.
    pub states: Vec<OrderState>,
    /// Of this action.
    pub action: Option<String>,
    /// In this region.
    pub region: Option<RegionId>,
    /// For this user.
    pub user: Option<String>,
    /// Text in user, desktop, order, token or type, case-insensitive.
    pub search: Option<String>,
    /// With these values of order fields, exactly.
    pub fields: FieldValues,
    /// Accepted at this time or later, in milliseconds since 1970 UTC.
    pub since: Option<i64>,
    /// Accepted before this time.
    pub until: Option<i64>,
    /// Desktops only: `true` for released ones, `false` for the others.
    pub released: Option<bool>,
    /// Desktops only: of this type.
    pub type_item: Option<TypeItemId>,
    /// For this account, among those that the principal may see.
    pub account: Option<OwnerId>,
    /// Desktops only, of those that are not released: the months last until then or later.
    pub valid_since: Option<i64>,
    /// Desktops only, of those that are not released: the months last until before then.
    pub valid_before: Option<i64>,
    /// Who asks, by the identifier that limits count by, if it may approve orders of others.
    pub approver: Option<String>,
    /// Desktops only: their order; without it newest first.
    pub sort: Option<Sort>,
    /// Cursor: only what comes behind this.
    pub before: Option<Place>,
    /// Page size.
    pub limit: u32,
}

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

/// A value of an order field as a search finds it: the values are in what a search looks into, each on a line of its own.
fn line(value: &str) -> String {
    format!("\n{}", value.to_lowercase())
}

impl Filter {
    fn known_fields(&self) -> impl Iterator<Item = (&String, &String)> {
        self.fields.iter().filter(|(key, _)| is_key(key))
    }

    /// The texts that are searched for: [`Filter::search`], and the values of [`Filter::fields`].
    pub(super) fn searched(&self) -> Vec<String> {
        let search = self.search.iter().map(|text| text.to_lowercase());
        search.chain(self.known_fields().map(|(_, value)| line(value))).collect()
    }

    /// The conditions of the filter on the table of orders, without [`Filter::released`] and [`Filter::fields`].
    pub(super) fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.accounts(&self.accounts);
        conditions.one_of(self.states.iter().map(|state| format!("state = '{}'", state.as_str())));
        let texts =
            [("action = ?", self.action.as_deref()), ("region = ?", self.region.as_ref().map(RegionId::as_str))];
        let more = [
            ("user_name = ?", self.user.as_deref()),
            ("type_item = ?", self.type_item.as_ref().map(TypeItemId::as_str)),
            ("account = ?", self.account.as_ref().map(OwnerId::as_str)),
        ];
        for (condition, text) in texts.into_iter().chain(more) {
            if let Some(text) = text {
                conditions.text(condition, text);
            }
        }
        if let Some(search) = &self.search {
            conditions.search(&search.to_lowercase());
        }
        for (condition, number) in [("valid_until >= ?", self.valid_since), ("valid_until < ?", self.valid_before)] {
            if let Some(number) = number {
                conditions.number(condition, number);
            }
        }
        if let Some(since) = self.since {
            conditions.since(since);
        }
        if let Some(until) = self.until {
            conditions.until(until);
        }
        if let Some(before) = self.before.filter(|_| self.sort.is_none()) {
            conditions.before(before.position);
        }
        conditions
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
        let query = conditions.bind(sqlx::query_as(AssertSqlSafe(statement)));
        let mut rows: Vec<OrderRow> = query.fetch_all(self.pool()).await?;
        drop(turn);
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_last = rows.len() <= wanted;
        rows.truncate(wanted);
        let next = rows.last().map(|row| row.seq.into()).filter(|_| !is_last);
        Ok(Listed { rows, next, skipped: Vec::new() })
    }
}
