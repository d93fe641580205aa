//! Retries rejected orders. The users of a retried order are no longer picked in the form: they were picked for this
//! purchase.

use serde_json::{Map, Value};
use shared::{Outcome, Problem, order::Order, parameters::REGION_ID};

use super::parameter;
use crate::{
    api,
    checkout::{is_latest_purchase, keep_users, kept_users},
    storage,
};

/// The storage key of the tokens of rejected orders that this window has retried.
const RETRIED: &str = "deskbuy.retried";

/// Places rejected orders anew, each under the retry token that is derived from its own.
pub async fn retry(dead: &[Order]) -> Result<(), Problem> {
    let (noted, picked) = (noted(), kept_users());
    let tokens = dead.iter().map(|order| Value::from(order.token.as_str()));
    note(noted.iter().cloned().chain(tokens).collect());
    let of_these = |name: &String| {
        dead.iter().any(|order| is_latest_purchase(&order.token) && parameter(order, "UserName").as_ref() == Some(name))
    };
    let rest: Vec<String> = picked.iter().filter(|name| !of_these(name)).cloned().collect();
    keep_users(&rest);
    let answer = api::place(dead.iter().map(retry_order).collect()).await;
    // Nothing is bought for them, so they are picked still, unless others have been meanwhile.
    if answer.as_ref().is_err_and(|problem| problem.outcome != Outcome::Unknown) {
        note(noted);
        if kept_users() == rest {
            keep_users(&picked);
        }
    }
    answer
}

/// Whether this window has retried an order.
pub fn is_retried(order: &Order) -> bool {
    noted().iter().any(|token| token == order.token.as_str())
}

fn noted() -> Vec<Value> {
    storage::read_list(storage::of_window(), RETRIED)
}

fn note(tokens: Vec<Value>) {
    storage::write_list(storage::of_window(), RETRIED, tokens);
}

/// A rejected order as a new one.
fn retry_order(order: &Order) -> Map<String, Value> {
    let mut members = order.request.clone();
    members.insert("Action".to_owned(), order.action.as_str().into());
    members.insert(REGION_ID.to_owned(), order.region.as_str().into());
    members.insert("ClientToken".to_owned(), order.token.retry_token().as_str().into());
    members
}
