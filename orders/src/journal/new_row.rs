//! Rows of new orders, and their insertion.

use shared::{
    order::{Order, fields::FieldValues},
    prices::Amount,
};
use sqlx::AnyConnection;

use super::{
    Journal, JournalError, fields,
    history::Position,
    insert::{chunks, places},
    millis, row,
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

impl Journal {
    /// Inserts new orders.
    pub(super) async fn insert(&self, connection: &mut AnyConnection, rows: &[NewRow]) -> Result<(), JournalError> {
        const WIDTH: usize = 26;
        for rows in chunks(rows) {
            let values: Vec<_> =
                (0..rows.len()).map(|row| places(row, WIDTH, |last| format!("{{now}} + {last}"))).collect();
            let statement = format!(
                "INSERT INTO orders (token, action, region, request, buyer, state, in_doubt, attempts, created_at, \
                 updated_at, seq, turn, user_name, target, search, owner, buyer_id, units, amount, price, currency, \
                 approve_until, fields, fields_requested, fields_search, lease_until) VALUES {}",
                values.join(", ")
            );
            let mut query = sqlx::query(self.database.timed(&statement));
            for NewRow { order, requested, buyer_id, units, amount, number, turn, is_ours } in rows {
                let request = serde_json::to_string(&order.request);
                let request = request.map_err(|error| sqlx::Error::Encode(error.into()))?;
                query = query
                    .bind(order.token.as_str())
                    .bind(order.action.as_str())
                    .bind(order.region.as_str())
                    .bind(request)
                    .bind(order.requested_by.clone())
                    .bind(order.state.as_str())
                    .bind(false)
                    .bind(i64::from(order.attempts))
                    .bind(order.created_at)
                    .bind(order.updated_at)
                    .bind(*number)
                    .bind(*turn)
                    .bind(row::parameter(order, "UserName").map(str::to_owned))
                    .bind(row::parameter(order, "DesktopId").map(str::to_owned))
                    .bind(row::search(order) + &fields::searched(&order.fields))
                    .bind(if *is_ours { self.owner.to_string() } else { String::new() })
                    .bind(buyer_id.clone())
                    .bind(i64::from(*units))
                    .bind(amount.and_then(|amount| i64::try_from(amount.ten_thousandths()).ok()))
                    .bind(order.price.and_then(|price| i64::try_from(price.amount.ten_thousandths()).ok()))
                    .bind(order.price.map(|price| price.currency.to_string()))
                    .bind(order.approve_until)
                    .bind(fields::written(&order.fields)?)
                    .bind(fields::written(requested)?)
                    .bind(fields::searched(&order.fields))
                    // One that waits has a lease that is over.
                    .bind(if *is_ours { millis(self.lease) } else { -1 });
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}
