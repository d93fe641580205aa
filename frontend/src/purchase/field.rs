//! What is said below a field: a choice that fell away, and what is wrong.

use leptos::prelude::*;
use shared::form::Field;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Purchase;
use crate::{
    language::use_text,
    text::fill,
    ui::{focus_section, maybe, on_click, words},
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
        purchase.to_mend.with(|errors| errors.iter().find(|error| error.field == field).map(|error| error.code))
    };
    let dropped_text = words(move || {
        purchase.dropped_in(field).map_or_else(String::new, |dropped| match dropped.now {
            Some(now) => fill(t.replaced, &[&dropped.was, &now]),
            None => fill(t.removed, &[&dropped.was]),
        })
    });
    let undo = maybe(move || {
        let offered = purchase.dropped_in(field).is_some() && purchase.can_undo();
        let undo = move |event| {
            focus_section(&event);
            purchase.undo();
        };
        offered
            .then(|| view! { <button type="button" class="quiet" on:click=on_click(undo)>{t.undo}</button> }.into_any())
    });
    view! {
        <p class="field-note" role="status">{dropped_text}</p>
        {undo}
        <p class="field-error" id=error_id(field)>{words(move || error().map_or("", t.code))}</p>
    }
    .into_any()
}

/// Where the error of a field is in the document; the summary links to it.
pub const fn error_id(field: Field) -> &'static str {
    match field {
        Field::Region => "error-region",
        Field::ChargeType => "error-charge-type",
        Field::TypeItem => "error-type",
        Field::Zone => "error-zone",
        Field::VSwitch => "error-v-switch",
        Field::ImageType => "error-image-type",
        Field::Image => "error-image",
        Field::User => "error-user",
        Field::UserGroup => "error-user-group",
        Field::Period => "error-period",
    }
}

/// A field's name in the document: of its group or list.
pub fn field_name(field: Field) -> &'static str {
    error_id(field).strip_prefix("error-").unwrap_or_default()
}

/// A field's name for people.
pub fn field_label(field: Field) -> &'static str {
    let t = use_text();
    match field {
        Field::Region => t.region,
        Field::ChargeType => t.billing,
        Field::TypeItem => t.desktop_type,
        Field::Zone => t.zone,
        Field::VSwitch => t.v_switch,
        Field::ImageType => t.image_type,
        Field::Image => t.image,
        Field::User => t.user,
        Field::UserGroup => t.user_group,
        Field::Period => t.duration,
    }
}

/// Brings a field into sight and the focus to it; whether it is there to take it.
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
