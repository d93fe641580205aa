//! Retries rejected orders. The users of a retried order are no longer picked in the form: they were picked for this
//! purchase.

use leptos::prelude::GetUntracked;
use serde_json::{Map, Value};
use shared::{
    Action, Outcome, Problem,
    actions::CreateDesktop,
    ids::ClientToken,
    order::{
        Order,
        fields::{self, ORDER_FIELDS},
    },
    parameters::REGION_ID,
};

use super::parameter;
use crate::{
    api,
    checkout::{Attempt, is_latest_purchase, keep_users, kept_users, order_fields::OrderFields},
    storage,
};

/// The storage key of the tokens of rejected orders that this window has retried.
const RETRIED: &str = "deskbuy.retried";

/// Places rejected orders anew, each under the retry token that is derived from its own.
pub async fn retry(dead: &[Order]) -> Result<(), Problem> {
    let users = begin(dead);
    let answer = api::place(dead.iter().map(retry_order).collect()).await;
    if answer.as_ref().is_err_and(|problem| problem.outcome != Outcome::Unknown) {
        take_back(dead, users);
    }
    answer
}

/// The retries of these, under one name.
pub fn attempt(dead: &[Order], token: ClientToken) -> Attempt {
    Attempt { token, orders: dead.iter().map(retry_order).collect() }
}

/// Notes that these are retried. The users who were picked for them, and are no longer.
fn begin(dead: &[Order]) -> Vec<String> {
    let tokens = dead.iter().map(|order| Value::from(order.token.as_str()));
    note(noted().into_iter().chain(tokens).collect());
    let (users, rest): (Vec<_>, Vec<_>) = kept_users().into_iter().partition(|name| is_picked_for(dead, name));
    keep_users(&rest);
    users
}

/// Nothing is bought for them, so they are picked still, unless others have been bought for meanwhile. Only what is of these
/// orders is taken back: others may be retried at the same time.
fn take_back(dead: &[Order], users: Vec<String>) {
    let is_of_these = |token: &Value| dead.iter().any(|order| token == order.token.as_str());
    note(noted().into_iter().filter(|token| !is_of_these(token)).collect());
    let mut picked = kept_users();
    for name in users {
        if is_picked_for(dead, &name) && !picked.contains(&name) {
            picked.push(name);
        }
    }
    keep_users(&picked);
}

/// Whether one of these orders is for this user, and of the purchase that the form holds.
fn is_picked_for(dead: &[Order], name: &str) -> bool {
    dead.iter().any(|order| is_latest_purchase(&order.token) && parameter(order, "UserName").as_deref() == Some(name))
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
    // A renewal or release takes those of its desktop's purchase. What is no field any more would be refused.
    let known = OrderFields::get().known.get_untracked();
    let is_known = |key: &String| known.is_empty() || known.iter().any(|field| field.key == *key);
    let mut fields = order.fields.clone();
    fields.retain(|key, _| is_known(key));
    if order.action == CreateDesktop::NAME && !fields.is_empty() {
        members.insert(ORDER_FIELDS.to_owned(), fields::write(&fields));
    }
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::link::Route;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::checkout::note_placed;

    fn dead(token: &str, user: &str) -> Vec<Order> {
        let order = json!({ "token": token, "action": "CreateDesktop", "region": "cn-hangzhou", "state": "rejected",
            "attempts": 1, "created_at": 0, "updated_at": 0, "request": { "UserName": user } });
        vec![serde_json::from_value(order).unwrap()]
    }

    #[wasm_bindgen_test]
    fn retries_at_the_same_time_take_back_what_is_theirs() {
        note_placed(&Route::Batch("retry-test".parse().unwrap()));
        let (one, other) = (dead("retry-test-001", "a"), dead("retry-test-002", "b"));
        keep_users(&["a".to_owned(), "b".to_owned(), "c".to_owned()]);
        let (users, others) = (begin(&one), begin(&other));
        assert_eq!((kept_users(), is_retried(&one[0]), is_retried(&other[0])), (vec!["c".to_owned()], true, true));
        take_back(&one, users);
        assert_eq!(
            (kept_users(), is_retried(&one[0]), is_retried(&other[0])),
            (vec!["c".to_owned(), "a".to_owned()], false, true)
        );
        take_back(&other, others);
        assert_eq!(
            (kept_users(), is_retried(&other[0])),
            (vec!["c".to_owned(), "a".to_owned(), "b".to_owned()], false)
        );
        keep_users(&[]);
    }

    #[wasm_bindgen_test]
    fn users_of_an_earlier_purchase_are_not_picked_again() {
        note_placed(&Route::Order("retry-first".parse().unwrap()));
        let order = dead("retry-first", "a");
        keep_users(&["a".to_owned()]);
        let users = begin(&order);
        note_placed(&Route::Order("retry-second".parse().unwrap()));
        take_back(&order, users);
        assert!(kept_users().is_empty());
    }
}
