//! Rows of the table `orders`, and their conversion to orders.

use std::collections::HashMap;

use serde_json::{Map, Value};
use shared::{
    ids::ClientToken,
    order::{NewOrder, Order, OrderPrice, OrderState, fields::FieldValues},
    prices::Amount,
    typed::meant,
};

use super::{Entry, JournalError};

/// The columns that [`OrderRow`] reads. Booleans are cast to numbers, since the two databases represent them differently.
pub(super) const COLUMNS: &str = "token, action, region, request, buyer, state, CAST(in_doubt AS INTEGER) AS in_doubt, \
     attempts, order_id, desktop_id, upstream_request_id, problem, created_at, updated_at, seq, turn, owner, price, \
     currency, valid_until, approve_until, approved_at, buyer_id, fields, fields_requested";

/// Known orders by their tokens: as requested, and as they stand.
pub(super) type Known = HashMap<ClientToken, (NewOrder, Order)>;

/// The columns as the database returns them.
#[derive(sqlx::FromRow)]
pub(super) struct OrderRow {
    pub(super) token: String,
    action: String,
    region: String,
    request: String,
    buyer: Option<String>,
    state: String,
    in_doubt: i64,
    attempts: i64,
    order_id: Option<String>,
    desktop_id: Option<String>,
    upstream_request_id: Option<String>,
    problem: Option<String>,
    created_at: i64,
    updated_at: i64,
    /// The cursor position.
    pub(super) seq: i64,
    turn: i64,
    owner: String,
    price: Option<i64>,
    currency: Option<String>,
    /// Of a purchase: until when its months last, in milliseconds since 1970 UTC.
    pub(super) valid_until: Option<i64>,
    approve_until: Option<i64>,
    approved_at: Option<i64>,
    buyer_id: Option<String>,
    fields: Option<String>,
    fields_requested: Option<String>,
}

/// The values of order fields as the journal kept them. What cannot be read costs the order nothing.
fn read_fields(text: Option<&str>) -> FieldValues {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl OrderRow {
    /// The order, if it can be read. One that cannot costs no other.
    pub(super) fn legible(self) -> Option<Entry> {
        self.into_entry().map_err(|error| tracing::error!(%error, "an order is passed over")).ok()
    }

    /// The order, or the column that cannot be read.
    pub(super) fn into_entry(self) -> Result<Entry, JournalError> {
        let corrupt = |what| JournalError::Corrupt { token: self.token.clone(), what };
        let token: ClientToken = self.token.parse().map_err(|_| corrupt("its token is none"))?;
        let request: Map<String, Value> = serde_json::from_str(&self.request).map_err(|_| corrupt("request"))?;
        let mut members = request.clone();
        let own = [("Action", &self.action), ("RegionId", &self.region), ("ClientToken", &self.token)];
        members.extend(own.map(|(name, value)| (name.to_owned(), value.as_str().into())));
        let new = NewOrder::from_object(members).map_err(|_| corrupt("request"))?;
        let new = NewOrder { fields: read_fields(self.fields_requested.as_deref()), ..new };
        let problem = self.problem.as_deref().map(serde_json::from_str).transpose();
        let order = Order {
            token,
            action: self.action.clone(),
            region: new.region.clone(),
            state: self.state.parse().map_err(|()| corrupt("state"))?,
            request,
            fields: read_fields(self.fields.as_deref()),
            requested_by: self.buyer.clone(),
            order_id: self.order_id.clone(),
            desktop_id: self.desktop_id.clone(),
            upstream_request_id: self.upstream_request_id.clone(),
            price: self.price(),
            problem: problem.map_err(|_| corrupt("problem"))?,
            attempts: self.attempts.try_into().map_err(|_| corrupt("attempts"))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            approve_until: None,
            decidable: false,
            fields_editable: false,
            history: Vec::new(),
        };
        let awaits = order.state == OrderState::AwaitingApproval;
        Ok(Entry {
            order: Order { approve_until: self.approve_until.filter(|_| awaits), ..order },
            in_doubt: self.in_doubt != 0,
            new,
            turn: self.turn,
            since: self.approved_at.unwrap_or(self.created_at),
            buyer_id: self.buyer_id.clone(),
            is_approved: self.approved_at.is_some(),
            owner: self.owner.clone(),
        })
    }

    /// The price, if there was one. One that cannot be read costs the order nothing.
    fn price(&self) -> Option<OrderPrice> {
        let currency = self.currency.as_deref()?.parse().ok()?;
        let amount = Amount::of_ten_thousandths(self.price?.try_into().ok()?);
        Some(OrderPrice { currency, amount })
    }
}

/// A string parameter of an order's request.
pub(super) fn parameter<'a>(order: &'a Order, name: &str) -> Option<&'a str> {
    order.request.get(name)?.as_str()
}

/// The text that a search looks in: the names by which people know an order, one a line, in lower case. The values of its fields
/// come after it.
pub(super) fn search(order: &Order) -> String {
    let texts = [
        Some(order.token.as_str()),
        parameter(order, "UserName"),
        parameter(order, "TypeItemId"),
        parameter(order, "DesktopId").or(order.desktop_id.as_deref()),
        order.order_id.as_deref(),
    ];
    texts.into_iter().flatten().map(in_both_widths).collect::<Vec<_>>().join("\n")
}

/// A text in lower case as a search finds it: as it is, and on a line of its own with ASCII letters for full-width ones, which is
/// how people type it.
pub(super) fn in_both_widths(text: &str) -> String {
    let (text, meant) = (text.to_lowercase(), meant(text).to_lowercase());
    if meant == text { text } else { format!("{text}\n{meant}") }
}
