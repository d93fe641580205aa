//! Placing an order exactly once. An attempt gets its token when the review opens, and is kept until an answer has come, so
//! that a double click, a reload or a closed window cannot buy twice: in the browser's storage, and in memory for where
//! that is forbidden, full or cleared.

use std::cell::RefCell;

use js_sys::Date;
use serde_json::{Map, Value, json};
use shared::{
    Outcome, Problem,
    form::{Field, Form},
    ids::ClientToken,
    json,
    link::Route,
    order::NewOrder,
};

use super::browser;
use crate::{api, storage};

/// The storage key of attempts without an answer.
const KEY: &str = "deskbuy.unanswered";
/// The storage key of the tokens of those that this window has sent.
const SENT: &str = "deskbuy.sent";
/// How long they are stored, in milliseconds: far longer than the proxy's deadline for an order.
const KEPT: f64 = 24.0 * 3_600_000.0;

thread_local! {
    /// The attempts of this page's life without an answer, as they are stored.
    static MEMORY: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// A purchase under review.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Names the purchase; the tokens of its orders are made from it.
    pub token: ClientToken,
    /// What goes to the proxy.
    pub orders: Vec<Map<String, Value>>,
}

impl Attempt {
    /// An attempt at the orders that `make` builds from a token. If orders of the same content were sent and not
    /// answered, it has their token, so that sending again cannot buy twice. `None` without a source of randomness.
    pub fn new<E>(make: impl Fn(&ClientToken) -> Result<Vec<NewOrder>, E>) -> Option<Result<Self, E>> {
        let attempt = |token: ClientToken| {
            let orders = make(&token)?.iter().map(NewOrder::to_object).collect();
            Ok(Self { token, orders })
        };
        let fresh = match attempt(new_token()?) {
            Ok(fresh) => fresh,
            Err(errors) => return Some(Err(errors)),
        };
        let content = fresh.content();
        match unanswered().into_iter().find(|kept| kept.content == content) {
            Some(kept) => Some(attempt(kept.token)),
            None => Some(Ok(fresh)),
        }
    }

    /// Sends the orders, and gives the route that shows them. They may arrive even if no answer does, so the attempt is
    /// kept until there is one. If another window has sent the same since the review opened, and has no answer either,
    /// this is the same order.
    pub async fn place(mut self) -> Result<Route, Problem> {
        let content = self.content();
        let sent = unanswered().into_iter().find(|kept| kept.content == content);
        if let Some(sent) = &sent {
            self.rename(&sent.token);
        }
        self.remember();
        let placed = api::place(self.orders.clone()).await;
        let (is_settled, mut answer) = settle(placed, sent.is_some());
        if is_settled {
            forget(&self.token);
        } else if sent.is_some() && api::has_order(&self.token.of_batch(0, self.orders.len())).await {
            forget(&self.token);
            answer = Ok(());
        }
        answer.map(|()| self.route())
    }

    fn rename(&mut self, token: &ClientToken) {
        self.token = token.clone();
        let count = self.orders.len();
        for (index, order) in self.orders.iter_mut().enumerate() {
            order.insert("ClientToken".to_owned(), token.of_batch(index, count).as_str().into());
        }
    }

    /// The form that requests just these orders.
    pub fn form(&self) -> Form {
        let mut form = Form::default();
        let first = self.orders.first();
        for field in Field::ALL {
            if let Some(value) = first.and_then(|order| order.get(*field.parameters().first()?)) {
                form.read(*field, value);
            }
        }
        form.user_names = self.users();
        form
    }

    /// The users who get a desktop.
    pub fn users(&self) -> Vec<String> {
        self.orders.iter().filter_map(|order| Some(order.get("UserName")?.as_str()?.to_owned())).collect()
    }

    /// The content of the orders without their tokens.
    fn content(&self) -> String {
        let mut orders = self.orders.clone();
        for order in &mut orders {
            order.remove("ClientToken");
        }
        Value::from_iter(orders).to_string()
    }

    fn remember(&self) {
        forget(&self.token);
        let orders = self.orders.len();
        let item = json!({ "token": self.token, "content": self.content(), "orders": orders, "at": Date::now() });
        MEMORY.with_borrow_mut(|memory| memory.push(item.clone()));
        let mut kept = storage::read_list(storage::lasting(), KEY);
        kept.push(item);
        storage::write_list(storage::lasting(), KEY, kept);
        let mut sent = storage::read_list(storage::of_window(), SENT);
        sent.push(self.token.as_str().into());
        storage::write_list(storage::of_window(), SENT, sent);
    }

    /// Where its orders are shown.
    pub fn route(&self) -> Route {
        route_of(&self.token, self.orders.len())
    }
}

/// Whether an answer tells what became of a purchase, and the answer about the purchase. A refusal speaks of its own request
/// only: if an earlier request of the same purchase had no answer, that one may have been carried out.
fn settle(answer: Result<(), Problem>, was_sent: bool) -> (bool, Result<(), Problem>) {
    match answer {
        Ok(()) => (true, Ok(())),
        Err(problem) if was_sent => (false, Err(Problem { outcome: Outcome::Unknown, ..problem })),
        Err(problem) => (problem.outcome != Outcome::Unknown, Err(problem)),
    }
}

/// An attempt of which no answer came.
pub struct Unanswered {
    /// Its token.
    pub token: ClientToken,
    /// The token of its first order.
    pub first: ClientToken,
    /// Where its orders are shown, if the proxy has them.
    pub route: Route,
    content: String,
}

impl Unanswered {
    /// The users that it is for.
    pub fn users(&self) -> Vec<String> {
        let orders: Vec<Value> = json::read(&self.content).unwrap_or_default();
        orders.iter().filter_map(|order| order["UserName"].as_str().map(str::to_owned)).collect()
    }
}

/// The attempts of which no answer came, in any window.
pub fn unanswered() -> Vec<Unanswered> {
    let read = |item: &Value| {
        let token: ClientToken = item["token"].as_str()?.parse().ok()?;
        let orders = usize::try_from(item["orders"].as_u64()?).ok()?;
        let fresh = Date::now() - item["at"].as_f64()? < KEPT;
        let (first, route) = (token.of_batch(0, orders), route_of(&token, orders));
        fresh.then(|| Some(Unanswered { token, first, route, content: item["content"].as_str()?.to_owned() }))?
    };
    let mut kept = storage::read_list(storage::lasting(), KEY);
    for item in MEMORY.with_borrow(Clone::clone) {
        if kept.iter().all(|stored| stored["token"] != item["token"]) {
            kept.push(item);
        }
    }
    kept.iter().filter_map(read).collect()
}

/// Whether an attempt is still without an answer.
pub fn is_unanswered(token: &ClientToken) -> bool {
    unanswered().iter().any(|kept| kept.token == *token)
}

/// Whether this window has sent it, before a reload or since.
pub fn is_sent_here(token: &ClientToken) -> bool {
    let in_memory = MEMORY.with_borrow(|memory| memory.iter().any(|item| item["token"] == token.as_str()));
    in_memory || storage::read_list(storage::of_window(), SENT).iter().any(|sent| sent == token.as_str())
}

/// Removes a stored attempt: it was answered, or its orders have been found.
pub fn forget(token: &ClientToken) {
    MEMORY.with_borrow_mut(|memory| memory.retain(|item| item["token"] != token.as_str()));
    let mut kept = storage::read_list(storage::lasting(), KEY);
    kept.retain(|item| {
        item["token"] != token.as_str() && item["at"].as_f64().is_some_and(|at| Date::now() - at < KEPT)
    });
    storage::write_list(storage::lasting(), KEY, kept);
    let mut sent = storage::read_list(storage::of_window(), SENT);
    sent.retain(|sent| sent != token.as_str());
    storage::write_list(storage::of_window(), SENT, sent);
}

fn route_of(token: &ClientToken, orders: usize) -> Route {
    if orders == 1 { Route::Order(token.clone()) } else { Route::Batch(token.clone()) }
}

/// A new token: a UUID, random but for the browser's number at its beginning. `crypto.randomUUID` is missing on plain http, as on a company's network.
pub fn new_token() -> Option<ClientToken> {
    let mut bytes = [0_u8; 16];
    leptos::prelude::window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
    }
    let number = browser::number(&text);
    text.replace_range(..number.len(), &number);
    text.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Code;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn purchase(user: &str, token: &ClientToken) -> NewOrder {
        let json = json!({"Action":"CreateDesktop","RegionId":"cn-hangzhou","TypeItemId":"t","ChargeType":"POSTPAY",
            "VpcId":"v","ZoneId":"z","VSwitchId":"s","ImageId":"i","UserName":user,"UserGroup":"Users",
            "ClientToken":token});
        NewOrder::from_object(json.as_object().unwrap().clone()).unwrap()
    }

    fn attempt(users: &[&str]) -> Attempt {
        let buy = |token: &ClientToken| {
            let count = users.len();
            let each = users.iter().enumerate().map(|(index, user)| purchase(user, &token.of_batch(index, count)));
            Ok::<_, ()>(each.collect())
        };
        Attempt::new(buy).unwrap().unwrap()
    }

    #[wasm_bindgen_test]
    fn tokens_are_random_uuids() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.as_str().len(), 36);
        assert_eq!(one.as_str().as_bytes()[14], b'4');
    }

    #[wasm_bindgen_test]
    fn only_a_purchase_without_an_answer_keeps_its_token() {
        let sent = attempt(&["a"]);
        assert_ne!(attempt(&["a"]).token, sent.token, "not sent, so nothing to remember");
        sent.remember();
        assert_eq!(attempt(&["a"]), sent);
        assert_ne!(attempt(&["b"]).token, sent.token);
        assert_ne!(attempt(&["a", "b"]).token, sent.token);
        forget(&sent.token);
        assert_ne!(attempt(&["a"]).token, sent.token);
    }

    #[wasm_bindgen_test]
    fn a_refused_repeat_settles_nothing() {
        let refused = |outcome| Problem::new(Code::Throttled, outcome);
        let unknown = Err(refused(Outcome::Unknown));
        assert_eq!(settle(Ok(()), false), (true, Ok(())));
        assert_eq!(settle(Ok(()), true), (true, Ok(())));
        assert_eq!(settle(Err(refused(Outcome::NotSent)), false), (true, Err(refused(Outcome::NotSent))));
        assert_eq!(settle(Err(refused(Outcome::NotSent)), true), (false, unknown.clone()));
        assert_eq!(settle(unknown.clone(), false), (false, unknown.clone()));
        assert_eq!(settle(unknown.clone(), true), (false, unknown));
    }

    #[wasm_bindgen_test]
    fn what_storage_has_lost_is_still_known() {
        let sent = attempt(&["e"]);
        sent.remember();
        storage::write_list(storage::lasting(), KEY, Vec::new());
        assert_eq!(attempt(&["e"]), sent);
        forget(&sent.token);
        assert_ne!(attempt(&["e"]).token, sent.token);
    }

    #[wasm_bindgen_test]
    fn what_is_reviewed_is_what_is_sent() {
        let form = attempt(&["a", "b"]).form();
        assert_eq!(form.user_names, ["a", "b"]);
        assert_eq!(form.region.unwrap().as_str(), "cn-hangzhou");
        assert_eq!(form.zone_id.unwrap().as_str(), "z");
    }

    #[wasm_bindgen_test]
    fn a_batch_without_an_answer_is_found_by_its_first_order() {
        let sent = attempt(&["c", "d"]);
        sent.remember();
        let kept = unanswered().into_iter().find(|kept| kept.token == sent.token).unwrap();
        assert_eq!(kept.first, sent.token.of_batch(0, 2));
        assert_eq!(kept.route, Route::Batch(sent.token.clone()));
        forget(&sent.token);
        assert!(unanswered().iter().all(|kept| kept.token != sent.token));
    }
}
