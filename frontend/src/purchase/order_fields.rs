//! The operator's order fields in the form: their section, what is found wrong before the review, and their lines in it. All of
//! it is in the deferred module: without fields none of it is called.

use leptos::prelude::*;
use shared::{
    Problem,
    order::fields::{ORDER_FIELDS, OrderFieldList},
};

use super::{field::show_field, state::Purchase};
use crate::{
    api,
    checkout::{
        Attempt,
        order_fields::{OrderFields, control, label_of},
    },
    language::{use_order_field_text, use_text},
    reactive::{Loader, on_click},
    ui::{Section, loaded::loaded},
};

/// What the elements of controls are called by, before the key.
const PREFIX: &str = "order-field-";

/// The section. Not inlined, so that it is in the deferred module.
#[inline(never)]
pub fn section(purchase: Purchase) -> AnyView {
    let t = use_order_field_text();
    let list = Loader::<OrderFieldList>::idle().follow(|| Some("order-fields".to_owned()), api::load::<OrderFieldList>);
    let controls = move |list: std::sync::Arc<OrderFieldList>| {
        let state = OrderFields::get();
        state.define(&list.fields);
        let controls = list.fields.iter().map(|field| {
            let (values, filling, checked) = (state.values.clone(), state.clone(), state.clone());
            let (key, filled_key, field_checked) = (field.key.clone(), field.key.clone(), field.clone());
            let value = Signal::derive(move || values.with(|values| values.get(&key).cloned().unwrap_or_default()));
            let filled = Callback::new(move |text| filling.fill(&filled_key, text));
            let wrong = Signal::derive(move || {
                let fault = checked.fault(&field_checked);
                // What the proxy has refused is told, tried or not.
                let is_told = purchase.tried.get() || checked.refused.with(|refused| *refused == field_checked.key);
                fault.filter(|_| is_told)
            });
            control(field, PREFIX, value, filled, wrong)
        });
        controls.collect_view().into_any()
    };
    view! { <Section id="order-fields" title=t.title>{loaded(list, t.title, controls)}</Section> }.into_any()
}

/// Shows the first field that something is wrong with; whether there is one.
#[inline(never)]
pub fn is_stopped() -> bool {
    let state = OrderFields::get();
    // They are not known yet, or could not be loaded: the section says so.
    let name = if state.known.with_untracked(Vec::is_empty) {
        Some("order-fields".to_owned())
    } else {
        untrack(|| state.first_fault()).map(|field| format!("{PREFIX}{}", field.key))
    };
    name.is_some_and(|name| {
        show_field(&name);
        true
    })
}

/// What is wrong, beside the button.
#[inline(never)]
pub fn to_mend() -> Option<AnyView> {
    let (state, common) = (OrderFields::get(), use_text());
    if state.known.with(Vec::is_empty) {
        return Some(view! { <p>{common.wait_for_lists}</p> }.into_any());
    }
    let field = state.first_fault()?;
    let name = format!("{PREFIX}{}", field.key);
    let label = label_of(std::slice::from_ref(&field), &field.key);
    let show = {
        let name = name.clone();
        move |event: leptos::ev::MouseEvent| {
            // Following the link would take the address away from the route.
            event.prevent_default();
            show_field(&name);
        }
    };
    let t = use_order_field_text();
    Some(
        view! { <p>{common.please_fix}</p><ul><li>{t.title}": "<a href=format!("#{name}") on:click=on_click(show)>{label}</a></li></ul> }
            .into_any(),
    )
}

/// Takes a problem from the proxy to the field that it is about; the name of its element, or `None` if it is about none.
#[inline(never)]
pub fn refuse(problem: &Problem) -> Option<String> {
    // Of several orders one names its parameter as `operations[3].OrderFields.ticket`.
    let (before, key) = problem.field.as_deref()?.rsplit_once('.')?;
    let state = OrderFields::get();
    let is_known = before.ends_with(ORDER_FIELDS)
        && state.known.with_untracked(|known| known.iter().any(|field| field.key == key));
    is_known.then(|| {
        state.refused.set(key.to_owned());
        format!("{PREFIX}{key}")
    })
}

/// The values that the attempt is sent with, as lines of the review.
#[inline(never)]
pub fn lines(attempt: Option<&Attempt>) -> Option<AnyView> {
    let values = attempt?.orders.first()?.get(ORDER_FIELDS)?.as_object()?.clone();
    let known = OrderFields::get().known.get_untracked();
    // In the order of the form.
    let place = |key: &String| known.iter().position(|field| field.key == *key).unwrap_or(usize::MAX);
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by_key(|(key, _)| place(key));
    let line = |(key, value): (String, serde_json::Value)| {
        let text = value.as_str().unwrap_or_default().to_owned();
        view! { <div><dt>{label_of(&known, &key)}</dt><dd>{text}</dd></div> }
    };
    Some(view! { <dl class="lines">{values.into_iter().map(line).collect_view()}</dl> }.into_any())
}
