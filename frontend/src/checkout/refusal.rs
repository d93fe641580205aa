//! Field errors from the server: found by the proxy when an order was sent, or by the cloud when it was carried out.
//! They are stored for this window, so that the orders page can hand them to the form.

use serde_json::Value;
use shared::{
    Problem,
    form::{FieldError, Form},
    ids::ClientToken,
    link::{self, Route},
};

use crate::storage;

/// The storage key of refusals.
const REFUSED: &str = "deskbuy.refused";
/// The storage key of the token of the latest purchase.
const PLACED: &str = "deskbuy.placed";

/// A field error and the form that it was found in.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub error: FieldError,
    /// What was asked for.
    form: Form,
    /// Both as JSON: the named parameter or null, the code, the configuration as a query, the users.
    text: Value,
}

impl Refusal {
    /// The refusal in a problem with a form; `None` if the problem is about no field.
    pub fn of(problem: &Problem, form: &Form) -> Option<Self> {
        let parameter = problem.field.as_deref().map_or(Value::Null, Value::from);
        let users = form.user_names.iter().map(String::as_str).collect();
        Self::read(Value::Array(vec![parameter, problem.code.as_str().into(), link::write_query(form).into(), users]))
    }

    fn read(text: Value) -> Option<Self> {
        let error = FieldError::of(text[0].as_str(), text[1].as_str()?.parse().ok()?)?;
        let mut form = link::parse_query(text[2].as_str()?);
        form.user_names = text[3].as_array()?.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        Some(Self { error, form, text })
    }

    /// Whether it still holds for a form: the field and what it depends on are unchanged.
    pub fn holds(&self, form: &Form) -> bool {
        self.form.agrees(form, self.error.field)
    }
}

/// Stores these refusals in place of all others.
pub fn keep_refusals(refusals: &[Refusal]) {
    storage::write_list(storage::of_window(), REFUSED, refusals.iter().map(|refusal| refusal.text.clone()).collect());
}

/// The stored refusals.
pub fn kept_refusals() -> Vec<Refusal> {
    storage::read_list(storage::of_window(), REFUSED).into_iter().filter_map(Refusal::read).collect()
}

/// Stores the token of the latest purchase, by the route that shows it, and drops the refusals of earlier ones.
pub fn note_placed(route: &Route) {
    let (Route::Order(token) | Route::Batch(token)) = route else { return };
    storage::write_list(storage::of_window(), PLACED, vec![token.as_str().into()]);
    keep_refusals(&[]);
}

/// Whether an order is of the latest purchase from this window, which the form still holds.
pub fn is_latest_purchase(order: &ClientToken) -> bool {
    let placed = storage::read_list(storage::of_window(), PLACED);
    placed.first().and_then(Value::as_str).is_some_and(|token| order.as_str().starts_with(token))
}

#[cfg(test)]
mod tests {
    use shared::{Code, Outcome};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn form() -> Form {
        Form { user_names: vec!["a".to_owned()], ..link::parse_query("?request={\"region\":\"r\",\"imageId\":\"i\"}") }
    }

    #[wasm_bindgen_test]
    fn what_is_kept_is_read_back_until_the_next_purchase() {
        let refusal = |problem: Problem| Refusal::of(&problem, &form());
        let named = refusal(Problem::new(Code::InvalidParameter, Outcome::Rejected).at("UserName")).unwrap();
        let unnamed = refusal(Problem::new(Code::ImageUnavailable, Outcome::Rejected)).unwrap();
        assert!(refusal(Problem::new(Code::InsufficientBalance, Outcome::Rejected)).is_none());
        keep_refusals(&[named.clone(), unnamed.clone()]);
        assert_eq!(kept_refusals(), [named, unnamed]);
        note_placed(&Route::Order("t".parse().unwrap()));
        assert!(kept_refusals().is_empty());
        assert!(is_latest_purchase(&"t-001".parse().unwrap()) && !is_latest_purchase(&"u".parse().unwrap()));
    }

    #[wasm_bindgen_test]
    fn it_holds_for_the_choice_that_was_refused() {
        let unnamed = Refusal::of(&Problem::new(Code::ImageUnavailable, Outcome::Rejected), &form()).unwrap();
        assert!(unnamed.holds(&Form { user_names: Vec::new(), ..form() }));
        assert!(!unnamed.holds(&Form { image_id: "j".parse().ok(), ..form() }));
    }
}
