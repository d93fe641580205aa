//! The notes below a field: a dropped choice with its undo, and the field error. Also moves the focus to a field.

use leptos::prelude::*;
use shared::form::Field;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::state::Purchase;
use crate::{
    language::use_text,
    reactive::{maybe, on_click, words},
    text::fill,
};

/// The notes of a field.
#[component]
pub fn FieldNotes(
    /// The field.
    field: Field,
) -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let error = move || {
        purchase.field_errors.with(|errors| errors.iter().find(|error| error.field == field).map(|error| error.code))
    };
    let dropped_text = words(move || {
        purchase.dropped_in(field).map_or_else(String::new, |dropped| match dropped.now {
            Some(now) => fill(t.replaced, &[&dropped.was, &now]),
            None => fill(t.removed, &[&dropped.was]),
        })
    });
    let undo = maybe(move || {
        let offered = purchase.dropped_in(field).is_some() && purchase.can_undo();
        offered.then(|| {
            view! { <button type="button" class="quiet" on:click=on_click(move |_| purchase.undo())>{t.undo}</button> }
                .into_any()
        })
    });
    view! {
        <p class="field-note" role="status">{dropped_text}</p>
        {undo}
        <p class="field-error" id=field.error_id()>{words(move || error().map_or("", t.code))}</p>
    }
    .into_any()
}

/// Scrolls to a field and focuses it; whether its control was there.
pub fn show_field(name: &str) -> bool {
    // A group takes the focus at its chosen button or its first; a list and a select at themselves.
    let selectors = [
        format!("input[name='{name}']:checked"),
        format!("input[name='{name}']:not(:disabled)"),
        format!("#{name}"),
        format!("#error-{name}"),
    ];
    let found = selectors.iter().enumerate().find_map(|(index, selector)| {
        let element = document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok()?;
        Some((index, element))
    });
    let Some((index, element)) = found else { return false };
    element.scroll_into_view_with_bool(true);
    let _ = element.focus();
    index < 3
}
