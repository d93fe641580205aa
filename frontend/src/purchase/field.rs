//! What is said below a field: a choice that fell away, and what is wrong.

use leptos::prelude::*;
use shared::{Code, form::Field};

use super::Purchase;
use crate::{
    language::use_text,
    text::fill,
    ui::{focus_section, maybe, words},
};

/// The notes of a field. Errors wait until buying was tried, except those that `always` names: they are news.
#[component]
pub fn FieldNotes(
    /// The field.
    field: Field,
    /// An error that is shown at once.
    #[prop(optional, into)]
    always: Option<Code>,
) -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let error = move || {
        if let Some(refused) = purchase.refused.get().filter(|refused| refused.field == field) {
            return Some(refused.code);
        }
        let error = purchase.errors.with(|errors| errors.iter().find(|error| error.field == field).copied())?;
        // While lists are on their way, a missing choice is not the person's mistake.
        let shown = (purchase.tried.get() && !purchase.lists.is_loading()) || Some(error.code) == always;
        shown.then_some(error.code)
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
        offered.then(|| view! { <button type="button" class="quiet" on:click=undo>{t.undo}</button> }.into_any())
    });
    view! {
        <p class="field-note" role="status">{dropped_text}</p>
        {undo}
        <p class="field-error" id=error_id(field)>{words(move || error().map_or("", t.code))}</p>
    }
    .into_any()
}

/// Where the error of a field is in the document; the summary links to it.
pub fn error_id(field: Field) -> String {
    format!("error-{}", field_name(field))
}

/// A field's name in the document: of its group or list.
pub const fn field_name(field: Field) -> &'static str {
    match field {
        Field::Region => "region",
        Field::ChargeType => "charge-type",
        Field::TypeItem => "type",
        Field::Zone => "zone",
        Field::VSwitch => "v-switch",
        Field::ImageType => "image-type",
        Field::Image => "image",
        Field::User => "user",
        Field::UserGroup => "user-group",
        Field::Period => "period",
    }
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
