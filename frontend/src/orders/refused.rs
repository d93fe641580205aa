//! From a rejected order back to the form: the field error is shown at its field, and a link leads there.

use leptos::prelude::*;
use shared::{
    link::write_query,
    order::{Order, OrderState},
};

use super::{parameter, retry::is_retried};
use crate::{
    address::field_href,
    checkout::{Refusal, is_latest_purchase, keep_refusals, keep_users, kept_users},
    language::use_order_text,
    reactive::on_click,
    text::fill,
};

/// The field error of a rejected order, if it is about a field of the form.
fn refusal(order: &Order) -> Option<Refusal> {
    let problem = order.problem.as_ref().filter(|_| order.state == OrderState::Rejected)?;
    Refusal::of(problem, &order.form()?)
}

/// Hands the field errors of these orders to the form, if they are of the latest purchase. The form no longer holds
/// older ones.
pub fn tell_form(orders: &[Order]) {
    if orders.iter().all(|order| is_latest_purchase(&order.token)) {
        let rejected = || orders.iter().filter(|order| order.state == OrderState::Rejected && !is_retried(order));
        keep_refusals(&rejected().filter_map(refusal).collect::<Vec<_>>());
        // Nothing was bought for them, so they are picked still.
        let user = |order: &Order| parameter(order, "UserName");
        let users: Vec<String> = rejected().filter_map(user).collect();
        let all: Vec<String> = orders.iter().filter_map(user).collect();
        let of_these = |name: &String| all.contains(name);
        if !users.is_empty() && kept_users().iter().all(of_these) {
            keep_users(&users);
        }
    }
}

/// Links to the fields with errors, each once.
pub fn links(orders: &[Order]) -> AnyView {
    let mut seen = Vec::new();
    let mut link = |order: &Order| {
        let refusal = refusal(order)?;
        let field = refusal.error.field;
        if seen.contains(&field) {
            return None;
        }
        seen.push(field);
        let text = fill(use_order_text().fix_in_form, &[use_order_text().label(field)]);
        let href = field_href(field.id());
        if is_latest_purchase(&order.token) {
            return Some(view! { <p><a href=href>{text}</a></p> }.into_any());
        }
        // The form holds another purchase by now, so it is filled in with this one.
        let form = order.form()?;
        let fill_in = move |_| {
            keep_users(&form.user_names);
            keep_refusals(std::slice::from_ref(&refusal));
        };
        let href = format!("{}{href}", write_query(&order.form()?));
        Some(view! { <p><a href=href on:click=on_click(fill_in)>{text}</a></p> }.into_any())
    };
    orders.iter().filter_map(&mut link).collect_view().into_any()
}
