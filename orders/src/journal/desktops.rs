//! Desktops that were bought through Deskbuy, derived from the orders: the placed purchases, with what later orders did
//! to them. There is no table of desktops.

use std::collections::HashMap;

use shared::{
    Action,
    actions::CreateDesktop,
    ids::{DesktopId, RegionId, TypeItemId},
    order::{Desktop, DesktopChoices, LaterOrder, Operation, Order, OrderState, Sort, fields::FieldValues},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    COLUMNS, Entry, Journal, JournalError, OrderRow,
    conditions::{Conditions, FEW, Walk},
    filter::{BOUGHT, Filter},
    list::Listed,
    narrowest::{Narrowest, Of},
    row::parameter,
    stretches::{Effort, Looked},
};
use crate::{Accounts, account_of};

/// Types of desktops by region and desktop.
pub type DesktopTypes = HashMap<(String, String), TypeItemId>;

/// The most types and accounts that are offered to filter by.
const MOST_CHOICES: u32 = 1_000;
/// So many entries of an index can be put in order in the time of a page.
const MOST_SORTED: i64 = 300_000;

impl Journal {
    /// A page of desktops, newest first or in the order that the filter says.
    pub async fn desktops(&self, filter: &Filter) -> Result<Listed<Desktop>, JournalError> {
        let mut page = self.purchases_with(filter, Effort::PAGE).await?.read(|row| {
            let valid_until = row.valid_until;
            Some(bought(row.legible()?.order, valid_until))
        });
        let skipped = self.add_later_orders(&mut page.rows, &filter.accounts).await?;
        page.skipped.extend(skipped);
        Ok(page)
    }

    /// A page of purchases with this effort.
    pub(super) async fn purchases_with(
        &self,
        filter: &Filter,
        effort: Effort,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let mut conditions = conditions(filter);
        self.with_fields(&mut conditions, filter);
        // Each kind is looked for by itself: so an index gives its rows in the order of the list.
        let kinds = filter.of_released().map_or_else(|| vec![false, true], |released| vec![released]);
        conditions.one_of(kinds.into_iter().map(is_released));
        let most = self.most_desktops(filter).await?;
        if most == 0 {
            return Ok(Listed::nothing());
        }
        match filter.sort {
            Some(sort) => self.sorted_purchases(conditions, filter, sort, most, effort).await,
            None => self.newest_purchases(conditions, filter, most, effort).await,
        }
    }

    /// A page of purchases, newest first, of which there are this many at most.
    async fn newest_purchases(
        &self,
        mut conditions: Conditions,
        filter: &Filter,
        most: i64,
        effort: Effort,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let look = match self.look(&conditions, filter, effort).await? {
            Looked::Found(page) => return Ok(page),
            Looked::On(look) => look,
        };
        match self.by_narrowest(&mut conditions, filter, Of::Desktops).await? {
            Narrowest::Nothing => return Ok(Listed::nothing()),
            Narrowest::Few => return self.rows(conditions, filter.limit).await,
            Narrowest::Many => {}
        }
        if most <= FEW {
            conditions.few_by(filter.type_item.as_ref().map(|_| "orders_types"));
        }
        let is_by_end = filter.valid_since.is_some() || filter.valid_before.is_some();
        // Those that end soon may all be old, and the newest ones would be looked at in vain.
        let ends_have_all = filter.account.is_none() && filter.accounts == Accounts::All && filter.type_item.is_none();
        let are_sorted = most <= FEW || most <= MOST_SORTED && ends_have_all && !conditions.is_search();
        let is_sorted = is_by_end && are_sorted && filter.user.is_none();
        if is_sorted {
            conditions.sorted_by("orders_ends");
        }
        if is_sorted || most <= FEW {
            return self.rows(conditions, filter.limit).await;
        }
        self.look_on(look, &conditions, effort).await
    }

    /// A page of purchases in this order, of which there are this many at most.
    async fn sorted_purchases(
        &self,
        mut conditions: Conditions,
        filter: &Filter,
        sort: Sort,
        most: i64,
        effort: Effort,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let is_few = match self.by_narrowest(&mut conditions, filter, Of::Desktops).await? {
            Narrowest::Nothing => return Ok(Listed::nothing()),
            Narrowest::Few => true,
            Narrowest::Many => most <= FEW,
        };
        if is_few {
            let is_sqlite = self.database.is_file();
            let statement = |conditions: &mut Conditions| {
                conditions.search_by_index(is_sqlite);
                conditions.sorted(sort, filter.before, Walk::Found, filter.limit + 1, is_sqlite)
            };
            return Ok(Listed::sorted_page(self.rows_by(conditions, statement).await?, filter.limit, sort.key));
        }
        // Rows that fit are soon met in the order's index, and a search looks at each; of few they would be looked for in vain.
        conditions.search_row_by_row();
        self.look_along(&conditions, filter, sort, effort).await
    }

    /// The types of the desktops within the accounts, and the accounts that they were bought for: a thousand of each at most. An
    /// index has both.
    pub async fn desktop_choices(&self, accounts: &Accounts) -> Result<DesktopChoices, JournalError> {
        let turn = self.database.read_turn().await?;
        let mut found = Vec::new();
        for column in ["type_item", "account"] {
            let mut conditions = Conditions::default();
            conditions.plain(BOUGHT);
            conditions.plain(&format!("{column} IS NOT NULL"));
            // Not by the index of accounts, which has no types.
            conditions.of_accounts(accounts);
            let table = self.database.by_index("orders", "orders_types");
            let statement =
                format!("SELECT DISTINCT {column} FROM {table} WHERE {} LIMIT {MOST_CHOICES}", conditions.all());
            let query = conditions.bind(sqlx::query_as(AssertSqlSafe(statement)));
            let rows: Vec<(String,)> = query.fetch_all(self.pool()).await?;
            let mut values: Vec<_> = rows.into_iter().map(|(value,)| value).collect();
            values.sort_unstable();
            found.push(values);
        }
        drop(turn);
        let accounts = found.pop().unwrap_or_default();
        Ok(DesktopChoices { types: found.pop().unwrap_or_default(), accounts })
    }

    /// Whether a desktop was bought here within the accounts.
    pub(super) async fn has_desktop(
        connection: &mut AnyConnection,
        region: &RegionId,
        desktop: &DesktopId,
        accounts: &Accounts,
    ) -> Result<bool, JournalError> {
        let mut conditions = purchases([desktop.as_str()], accounts);
        conditions.text("(region || '') = ?", region.as_str());
        let statement = format!("SELECT seq FROM orders WHERE {} LIMIT 1", conditions.all());
        let found: Option<(i64,)> =
            conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_optional(connection).await?;
        Ok(found.is_some())
    }

    /// The types of desktops that were bought here within the accounts, and the values of the order fields of their purchases,
    /// by region and desktop.
    pub(crate) async fn purchases_of(
        &self,
        desktops: &[&DesktopId],
        accounts: &Accounts,
    ) -> Result<HashMap<(String, String), (TypeItemId, FieldValues)>, JournalError> {
        if desktops.is_empty() {
            return Ok(HashMap::new());
        }
        let conditions = purchases(desktops.iter().map(|desktop| desktop.as_str()), accounts);
        let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
        let query = conditions.bind(sqlx::query_as(AssertSqlSafe(statement)));
        // Not a reader's turn: an order waits for it.
        let rows: Vec<OrderRow> = query.fetch_all(self.pool()).await?;
        let purchase = |entry: Entry| match entry.new.operation {
            Operation::Create(request) => {
                let desktop = (entry.order.region.to_string(), entry.order.desktop_id?);
                Some((desktop, (request.type_item_id, entry.order.fields)))
            }
            Operation::Renew(_) | Operation::Delete(_) => None,
        };
        Ok(rows.into_iter().filter_map(OrderRow::legible).filter_map(purchase).collect())
    }

    /// Adds the renewals and releases of the same accounts to these desktops. Returns the tokens of those that cannot be read.
    async fn add_later_orders(
        &self,
        desktops: &mut [Desktop],
        accounts: &Accounts,
    ) -> Result<Vec<String>, JournalError> {
        let mut places = HashMap::new();
        for (index, desktop) in desktops.iter().enumerate() {
            if let Some(id) = &desktop.desktop_id {
                places.insert((desktop.region.to_string(), id.clone()), index);
            }
        }
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let conditions = later_orders(places.keys().map(|(_, id)| id.as_str()), accounts);
        let statement = format!("SELECT {COLUMNS} FROM orders WHERE {} ORDER BY seq", conditions.all());
        let query = conditions.bind(sqlx::query_as(AssertSqlSafe(statement)));
        let turn = self.database.read_turn().await?;
        let rows: Vec<OrderRow> = query.fetch_all(self.pool()).await?;
        drop(turn);
        let Listed { rows, skipped, .. } = Listed { rows, next: None, skipped: Vec::new() }.read(OrderRow::legible);
        for entry in rows {
            let Some(target) = parameter(&entry.order, "DesktopId") else { continue };
            let place = places.get(&(entry.order.region.to_string(), target.to_owned()));
            if let Some(desktop) = place.and_then(|index| desktops.get_mut(*index)) {
                add(desktop, &entry.order, &entry.new.operation);
            }
        }
        Ok(skipped)
    }
}

/// The purchases of these desktops.
pub(super) fn purchases<'a>(desktops: impl IntoIterator<Item = &'a str>, accounts: &Accounts) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.any_of("desktop_id", desktops);
    // As with accounts: not by the index of actions, nor of regions.
    conditions.text("(action || '') = ?", CreateDesktop::NAME);
    conditions.of_accounts(accounts);
    conditions
}

/// The orders that renew or release these desktops.
pub(super) fn later_orders<'a>(desktops: impl IntoIterator<Item = &'a str>, accounts: &Accounts) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.any_of("target", desktops);
    conditions.plain("state <> 'rejected'");
    conditions.of_accounts(accounts);
    conditions
}

/// The conditions of a filter on desktops, without whether they are released.
pub(super) fn conditions(filter: &Filter) -> Conditions {
    let mut conditions = Filter { states: Vec::new(), action: None, ..filter.clone() }.conditions();
    conditions.plain(BOUGHT);
    conditions
}

pub(super) fn is_released(released: bool) -> String {
    format!("released = {}", if released { "TRUE" } else { "FALSE" })
}

fn bought(order: Order, valid_until: Option<i64>) -> Desktop {
    let text = |name| parameter(&order, name).unwrap_or_default().to_owned();
    let period = order.request.get("Period").and_then(|period| match period {
        serde_json::Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|number| number.try_into().ok()),
    });
    Desktop {
        region: order.region.clone(),
        user: text("UserName"),
        type_item_id: text("TypeItemId"),
        zone_id: text("ZoneId"),
        charge_type: text("ChargeType"),
        account: account_of(&order).map(str::to_owned),
        valid_until,
        price: order.price,
        renewals_price: None,
        period,
        // A placed order does not change any more, so this is the time of the purchase.
        created_at: order.updated_at,
        released_at: None,
        renewals: 0,
        renewed_months: 0,
        last_renewal: None,
        under_way: None,
        later_orders: Vec::new(),
        desktop_id: order.desktop_id,
        token: order.token,
        fields: order.fields,
        requested_by: order.requested_by,
    }
}

fn add(desktop: &mut Desktop, order: &Order, operation: &Operation) {
    desktop.later_orders.push(LaterOrder {
        token: order.token.clone(),
        action: order.action.clone(),
        state: order.state,
        months: match operation {
            Operation::Renew(renewal) => Some(renewal.period.months()),
            Operation::Create(_) | Operation::Delete(_) => None,
        },
        at: order.updated_at,
    });
    match (order.state, operation) {
        (OrderState::Placed, Operation::Renew(renewal)) => {
            let months = renewal.period.months();
            desktop.renewals_price = match desktop.renewals {
                0 => order.price,
                _ => desktop.renewals_price.zip(order.price).and_then(|(before, price)| before.plus(price)),
            };
            desktop.renewals += 1;
            desktop.renewed_months += u32::from(months);
            desktop.last_renewal = Some(months);
        }
        (OrderState::Placed, Operation::Delete(_)) => desktop.released_at = Some(order.updated_at),
        (OrderState::AwaitingApproval | OrderState::Accepted | OrderState::Sending | OrderState::Unresolved, _) => {
            desktop.under_way = Some(order.token.clone());
        }
        (OrderState::Placed, Operation::Create(_)) | (OrderState::Rejected, _) => {}
    }
}
