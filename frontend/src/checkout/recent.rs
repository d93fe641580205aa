//! Asks the proxy's journal for orders that were placed minutes ago and do the same: purchases of the same content, from a
//! duplicated tab, by the way back, by buying the same again; and renewals of the same desktops, by whomever.

use std::collections::HashSet;

use serde_json::{Map, Value};
use shared::{
    Action, Problem,
    actions::{CreateDesktop, RenewDesktop},
    ids::ClientToken,
    link::Route,
    order::{Order, OrderState, Orders, fields::ORDER_FIELDS},
    parameters::REGION_ID,
    reads,
};

use super::{Attempt, browser, unanswered};
use crate::{
    api, storage,
    text::{Text, fill},
};

/// The storage key of the order that is to be bought again.
const AGAIN: &str = "deskbuy.again";

/// How far back it looks, in seconds.
const WITHIN: u32 = 1800;
/// In what the orders of a batch differ.
const USER: &str = "UserName";
/// What a renewal names.
const DESKTOP: &str = "DesktopId";
/// Pages of the journal that are read at most.
const PAGES: usize = 15;
/// Bytes of the longest filter that the proxy takes.
const LONGEST_FILTER: usize = 256;

/// An order that does what is about to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The user who gets the desktop; of a renewal, the desktop.
    pub what: String,
    /// Who asked for it, where people sign in.
    pub by: Option<String>,
    /// Whether it was placed from this browser.
    pub is_ours: bool,
    /// How many minutes ago it was accepted, by the proxy's clock.
    pub minutes: i64,
    /// Where it is shown.
    pub route: Route,
}

impl Recent {
    /// When it was accepted, in words.
    pub fn ago(&self, t: &Text) -> String {
        match self.minutes {
            0 => t.deferred().moments_ago.to_owned(),
            minutes => fill(t.deferred().minutes_ago, &[&minutes.to_string()]),
        }
    }
}

/// Those purchases, newest first, without the attempt's own.
pub async fn recent(attempt: &Attempt) -> Result<Vec<Recent>, Problem> {
    let Some(first) = attempt.orders.first().filter(|order| buys(order)) else { return Ok(Vec::new()) };
    let mut target = format!("orders?limit=200&action={}&within={WITHIN}", CreateDesktop::NAME);
    if let (1, Some(user)) = (attempt.orders.len(), first.get("UserName").and_then(Value::as_str)) {
        // A filter takes so many bytes; what it lets through is compared below.
        if user.len() <= LONGEST_FILTER {
            target.push_str("&user=");
            target.push_str(&reads::encode(user));
        }
    }
    let same = |order: &Order| {
        !is_of(order, &attempt.token) && is_known(order) && attempt.orders.iter().any(|wanted| is_same(order, wanted))
    };
    find(&target, USER, same).await
}

/// The renewals of these desktops, newest first, without the attempt's own; before there is one, without what this browser has
/// sent and would send again. Those of all people count, known by name or not.
pub async fn renewals(desktops: &HashSet<String>, attempt: Option<&Attempt>) -> Result<Vec<Recent>, Problem> {
    let ours: Vec<_> = match attempt {
        Some(attempt) => vec![attempt.token.clone()],
        None => unanswered().into_iter().map(|kept| kept.token).collect(),
    };
    let target = format!("orders?limit=200&action={}&within={WITHIN}", RenewDesktop::NAME);
    let same = |order: &Order| {
        let desktop = order.request.get(DESKTOP).and_then(Value::as_str);
        desktop.is_some_and(|id| desktops.contains(id)) && !ours.iter().any(|token| is_of(order, token))
    };
    find(&target, DESKTOP, same).await
}

/// The desktops that an attempt renews.
pub fn renewed(attempt: &Attempt) -> HashSet<String> {
    let renews = |order: &&Map<String, Value>| order.get("Action").and_then(Value::as_str) == Some(RenewDesktop::NAME);
    let desktop = |order: &Map<String, Value>| order.get(DESKTOP).and_then(Value::as_str).map(str::to_owned);
    attempt.orders.iter().filter(renews).filter_map(desktop).collect()
}

/// The orders of a target that do the same and were not rejected. `what` is the parameter that names whom or what they are for.
async fn find(target: &str, what: &str, same: impl Fn(&Order) -> bool) -> Result<Vec<Recent>, Problem> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let page: Orders = api::get(format!("{target}{cursor}")).await?;
        let now = page.now.unwrap_or_default();
        let same = |order: &&Order| order.state != OrderState::Rejected && same(order);
        found.extend(page.orders.iter().filter(same).map(|order| Recent {
            what: order.request.get(what).and_then(Value::as_str).unwrap_or_default().to_owned(),
            by: order.requested_by.clone(),
            is_ours: browser::made_here(&order.token),
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

/// Whether an order is one of the attempt's.
fn is_of(order: &Order, attempt: &ClientToken) -> bool {
    order.token.as_str().starts_with(attempt.as_str())
}

/// Whether an order is the same person's: placed from this browser, or bought again from its page. Where people sign in,
/// the orders of all people count, and the notice names the person. A browser that keeps no cookies asks about all.
fn is_known(order: &Order) -> bool {
    let again = storage::read_list(storage::of_window(), AGAIN);
    order.requested_by.is_some()
        || browser::made_here(&order.token)
        || browser::forgets()
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
            // Order fields say what an order is booked to, and may be changed later.
            "Action" | "ClientToken" | ORDER_FIELDS => true,
            REGION_ID => value.as_str() == Some(order.region.as_str()),
            _ => order.request.get(name) == Some(value),
        })
}
