//! The desktop type: a filter by family, and a row for each type. What the rows say is in
//! [`shared::document::type_list`]; the document has the same list before the module is there, in markup of its own.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    actions::{DesktopTypeItem, DesktopTypeItems},
    document::type_list,
    form::Field,
};

use super::{field::FieldNotes, state::Purchase};
use crate::{
    language::use_text,
    reactive::{Load, words},
    text::fill,
    ui::{
        Fact, RadioGroup, Section,
        loaded::{empty, loaded, skeleton, skipped},
        terms,
    },
};

/// The fields that this section draws.
pub const FIELDS: &[Field] = &[Field::TypeItem];

/// The section.
#[component]
pub fn DesktopType() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let family = RwSignal::new(String::new());
    view! {
        <Section id=type_list::SECTION title=t.label(Field::TypeItem) help=terms(t.document.help_types)>
            {loaded(purchase.lists.types, t.label(Field::TypeItem), move |types| list(purchase, types, family))}
            <FieldNotes field=Field::TypeItem />
        </Section>
    }
}

fn list(purchase: Purchase, types: Arc<DesktopTypeItems>, family: RwSignal<String>) -> AnyView {
    let t = use_text();
    // Whether there is a column of prices is known before there are rows, so that nothing moves.
    if purchase.lists.prices.is_loading() {
        return skeleton(t.label(Field::TypeItem));
    }
    if types.desktop_type_items.is_empty() {
        return empty(t.types_empty, types.skipped);
    }
    let skipped_here = types.skipped;
    let rows = Signal::derive(move || {
        let family = family.get();
        let shown = |item: &&DesktopTypeItem| family.is_empty() || item.desktop_type == family;
        types.desktop_type_items.iter().filter(shown).map(|item| type_list::row(t.document, item)).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || purchase.form.with(|form| form.type_item_id.clone().map(String::from)));
    let choose = move |value: String| {
        if let Ok(id) = value.parse() {
            purchase.choose(|form| form.type_item_id = Some(id));
        }
    };
    let live_facts = move |id: String| {
        let stock = match purchase.lists.stock_table.get() {
            Load::Ready(table) => type_list::stock(t.document, &id, Some(&table)),
            Load::Failed(_) => Fact::new(t.document.stock, t.document.not_known),
            Load::Idle | Load::Loading => type_list::stock(t.document, &id, None),
        };
        let charge_type = purchase.form.with(|form| form.charge_type);
        let price =
            purchase.lists.prices.ready().and_then(|book| type_list::price(t.document, &id, &book, charge_type));
        [Some(stock), price].into_iter().flatten().collect()
    };
    view! {
        <RadioGroup
            label=t.document.family
            name=type_list::FAMILY_GROUP
            look="segments"
            quiet=true
            choices=type_list::families(t.document)
            chosen=Signal::derive(move || Some(family.get()))
            choose=move |value| family.set(value)
        />
        <RadioGroup label=t.label(Field::TypeItem) name=Field::TypeItem.id() look="rows types" quiet=true choices=rows chosen choose live_facts />
        {skipped(skipped_here)}
        // Refreshed by a timer, so screen readers are not interrupted.
        <p class="hint stock-time" aria-live="off">
            {words(move || {
                let time = purchase.lists.stock_time.get();
                if time.is_empty() { time } else { fill(t.stock_as_of, &[&time]) }
            })}
        </p>
    }
    .into_any()
}
