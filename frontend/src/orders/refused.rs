//! The way from an order that was refused back to the form: what is wrong is said there, at the field, and a link leads to it.

use leptos::prelude::*;
use shared::{
    link::write_query,
    order::{Order, OrderState},
};

use crate::{
    address::field_href,
    checkout::{Refusal, is_latest_purchase, keep_refusals, keep_users},
    language::use_order_text,
    reactive::on_click,
    text::fill,
};

/// What was wrong with an order, if that is about a field of the form.
fn refusal(order: &Order) -> Option<Refusal> {
    let problem = order.problem.as_ref().filter(|_| order.state == OrderState::Rejected)?;
    Refusal::of(problem, &order.form()?)
}

/// Tells the form what became of its orders. Others, such as last week's, are no news of what stands in it now.
pub fn tell_form(orders: &[Order]) {
    if orders.iter().all(|order| is_latest_purchase(&order.token)) {
        keep_refusals(&orders.iter().filter_map(refusal).collect::<Vec<_>>());
    }
}

/// Links to the fields that orders were refused for, each once.
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
        // The form has something else by now, so it is filled in as it was.
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
