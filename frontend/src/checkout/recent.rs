//! Asks the proxy's journal for orders of the same content that were placed minutes ago: from a duplicated tab, by the way
//! back, by buying the same again.

use serde_json::{Map, Value};
use shared::{
    Action, Problem,
    actions::CreateDesktop,
    ids::ClientToken,
    link::Route,
    order::{Order, OrderState, Orders},
    parameters::REGION_ID,
    reads,
};

use super::{Attempt, browser};
use crate::{api, storage};

/// The storage key of the order that is to be bought again.
const AGAIN: &str = "deskbuy.again";

/// How far back it looks, in seconds.
const WITHIN: u32 = 1800;
/// In what the orders of a batch differ.
const USER: &str = "UserName";
/// Pages of the journal that are read at most.
const PAGES: usize = 15;
/// Bytes of the longest filter that the proxy takes.
const LONGEST_FILTER: usize = 256;

/// An order that buys what is about to be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The user who gets the desktop.
    pub user: String,
    /// Who asked for it, where people sign in.
    pub by: Option<String>,
    /// How many minutes ago it was accepted, by the proxy's clock.
    pub minutes: i64,
    /// Where it is shown.
    pub route: Route,
}

/// Those orders, newest first, without the attempt's own.
pub async fn recent(attempt: &Attempt) -> Result<Vec<Recent>, Problem> {
    let mut found = Vec::new();
    let Some(first) = attempt.orders.first().filter(|order| buys(order)) else { return Ok(found) };
    let mut target = format!("orders?limit=200&action={}&within={WITHIN}", CreateDesktop::NAME);
    if let (1, Some(user)) = (attempt.orders.len(), first.get("UserName").and_then(Value::as_str)) {
        // A filter takes so many bytes; what it lets through is compared below.
        if user.len() <= LONGEST_FILTER {
            target.push_str("&user=");
            target.push_str(&reads::encode(user));
        }
    }
    let mut cursor = String::new();
    for _ in 0..PAGES {
        let page: Orders = api::get(format!("{target}{cursor}")).await?;
        let now = page.now.unwrap_or_default();
        let same = |order: &&Order| {
            let itself = order.token.as_str().starts_with(attempt.token.as_str());
            !itself
                && is_known(order)
                && order.state != OrderState::Rejected
                && attempt.orders.iter().any(|wanted| is_same(order, wanted))
        };
        found.extend(page.orders.iter().filter(same).map(|order| Recent {
            user: order.request.get("UserName").and_then(Value::as_str).unwrap_or_default().to_owned(),
            by: order.requested_by.clone(),
            minutes: (now - order.created_at).max(0) / 60_000,
            route: Route::Order(order.token.clone()),
        }));
        match page.next {
            Some(next) => cursor = format!("&cursor={}", reads::encode(&next)),
            None => break,
        }
    }
    Ok(found)
}

/// Whether an order is the same person's: placed from this browser, or bought again from its page. Where people sign in,
/// the orders of all people count, and the notice names the person.
fn is_known(order: &Order) -> bool {
    let again = storage::read_list(storage::of_window(), AGAIN);
    order.requested_by.is_some()
        || browser::made_here(&order.token)
        || again.iter().any(|token| token == order.token.as_str())
}

/// Notes that an order is to be bought again.
pub fn note_again(token: &ClientToken) {
    storage::write_list(storage::of_window(), AGAIN, vec![token.as_str().into()]);
}

fn buys(order: &Map<String, Value>) -> bool {
    order.get("Action").and_then(Value::as_str) == Some(CreateDesktop::NAME)
}

/// Whether an order has the region and the parameters that are about to be sent.
fn is_same(order: &Order, wanted: &Map<String, Value>) -> bool {
    // The user first: of five hundred orders most differ in it.
    order.request.get(USER) == wanted.get(USER)
        && wanted.iter().all(|(name, value)| match name.as_str() {
            "Action" | "ClientToken" => true,
            REGION_ID => value.as_str() == Some(order.region.as_str()),
            _ => order.request.get(name) == Some(value),
        })
}
