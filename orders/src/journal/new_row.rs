//! Rows of new orders, and their insertion.

use serde::Serialize;
use shared::{
    order::{Order, fields::FieldValues},
    prices::Amount,
};
use sqlx::AnyConnection;

use super::{
    Journal, JournalError, fields,
    history::Position,
    millis, row,
    rows_of_json::{self, Column},
};

/// A new order with what its row has beside it.
#[derive(Clone, Debug)]
pub(super) struct NewRow {
    pub(super) order: Order,
    /// The values of its fields as they were requested: what it takes from a purchase is not among them.
    pub(super) requested: FieldValues,
    /// Who asked, as limits count.
    pub(super) buyer_id: Option<String>,
    /// What limits count of it.
    pub(super) units: u32,
    /// What limits of money count of it, if it has a price.
    pub(super) amount: Option<Amount>,
    pub(super) number: Position,
    pub(super) turn: i64,
    /// Whether this proxy drives it. Otherwise it waits.
    pub(super) is_ours: bool,
}

/// What a new order has in its row.
const NEW: &[Column] = &[
    ("token", "TEXT"),
    ("action", "TEXT"),
    ("region", "TEXT"),
    ("request", "TEXT"),
    ("buyer", "TEXT"),
    ("state", "TEXT"),
    ("in_doubt", "BOOLEAN"),
    ("attempts", "BIGINT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
    ("seq", "BIGINT"),
    ("turn", "BIGINT"),
    ("user_name", "TEXT"),
    ("target", "TEXT"),
    ("search", "TEXT"),
    ("owner", "TEXT"),
    ("buyer_id", "TEXT"),
    ("units", "BIGINT"),
    ("amount", "BIGINT"),
    ("price", "BIGINT"),
    ("currency", "TEXT"),
    ("approve_until", "BIGINT"),
    ("fields", "TEXT"),
    ("fields_requested", "TEXT"),
    ("fields_search", "TEXT"),
    ("lease_until", "BIGINT"),
];

/// The row as the database reads it, with a member for each of [`NEW`].
#[derive(Serialize)]
struct Written<'a> {
    token: &'a str,
    action: &'a str,
    region: &'a str,
    request: String,
    buyer: Option<&'a str>,
    state: &'a str,
    in_doubt: bool,
    attempts: u32,
    created_at: i64,
    updated_at: i64,
    seq: Position,
    turn: i64,
    user_name: Option<&'a str>,
    target: Option<&'a str>,
    search: String,
    owner: &'a str,
    buyer_id: Option<&'a str>,
    units: u32,
    amount: Option<i64>,
    price: Option<i64>,
    currency: Option<String>,
    approve_until: Option<i64>,
    fields: Option<String>,
    fields_requested: Option<String>,
    fields_search: String,
    /// From now on.
    lease_until: i64,
}

impl Journal {
    /// Inserts new orders.
    pub(super) async fn insert(&self, connection: &mut AnyConnection, rows: &[NewRow]) -> Result<(), JournalError> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.iter().map(|row| self.written(row)).collect::<Result<Vec<_>, _>>()?;
        let (names, table) = (rows_of_json::names(NEW), self.database.table_of(NEW));
        let value = |(name, _): &Column| if *name == "lease_until" { "{now} + lease_until" } else { *name };
        let values = NEW.iter().map(value).collect::<Vec<_>>().join(", ");
        let statement = format!("INSERT INTO orders ({names}) SELECT {values} FROM {table}");
        sqlx::query(self.database.timed(&statement)).bind(rows_of_json::written(&rows)?).execute(connection).await?;
        Ok(())
    }

    fn written<'a>(&'a self, row: &'a NewRow) -> Result<Written<'a>, JournalError> {
        let NewRow { order, requested, buyer_id, units, amount, number, turn, is_ours } = row;
        let request = serde_json::to_string(&order.request).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let amount_of = |amount: Amount| i64::try_from(amount.ten_thousandths()).ok();
        let fields_search = fields::searched(&order.fields);
        Ok(Written {
            token: order.token.as_str(),
            action: &order.action,
            region: order.region.as_str(),
            request,
            buyer: order.requested_by.as_deref(),
            state: order.state.as_str(),
            in_doubt: false,
            attempts: order.attempts,
            created_at: order.created_at,
            updated_at: order.updated_at,
            seq: *number,
            turn: *turn,
            user_name: row::parameter(order, "UserName"),
            target: row::parameter(order, "DesktopId"),
            search: row::search(order) + &fields_search,
            owner: if *is_ours { &self.owner } else { "" },
            buyer_id: buyer_id.as_deref(),
            units: *units,
            amount: amount.and_then(amount_of),
            price: order.price.and_then(|price| amount_of(price.amount)),
            currency: order.price.map(|price| price.currency.to_string()),
            approve_until: order.approve_until,
            fields: fields::written(&order.fields)?,
            fields_requested: fields::written(requested)?,
            fields_search,
            // One that waits has a lease that is over.
            lease_until: if *is_ours { millis(self.lease) } else { -1 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{
        rows_of_json::tests::check_members,
        tests::{journal, order},
    };

    #[tokio::test]
    async fn a_new_order_has_what_its_row_has() {
        let (journal, _folder, _) = journal().await;
        let row = NewRow {
            order: super::super::accept::new_order(&order("t-1", "a"), None, 1),
            requested: FieldValues::new(),
            buyer_id: None,
            units: 1,
            amount: None,
            number: 1,
            turn: 1,
            is_ours: true,
        };
        check_members(NEW, &journal.written(&row).unwrap());
    }
}
