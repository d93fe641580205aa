//! The desktop type: a filter by family, and a row for each type.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    actions::{DesktopTypeItem, DesktopTypeItems},
    form::Field,
    stock::{Stock, StockTable},
    values::DesktopType,
};

use super::{field::FieldNotes, price, state::Purchase};
use crate::{
    language::use_text,
    reactive::{Load, words},
    text::{Text, fill},
    ui::{
        Choice, Fact, RadioGroup, Section,
        loaded::{loaded, skeleton},
    },
};

/// The section.
#[component]
pub fn DesktopType() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let family = RwSignal::new(String::new());
    view! {
        <Section id="types" title=t.label(Field::TypeItem) help=t.help_types>
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
        return view! { <p class="notice">{t.types_empty}</p> }.into_any();
    }
    let families = vec![
        Choice::new("", t.family_all),
        Choice::new(DesktopType::Common.as_str(), t.family_common),
        Choice::new(DesktopType::Gpu.as_str(), t.family_gpu),
    ];
    let rows = Signal::derive(move || {
        let family = family.get();
        let shown = |item: &&DesktopTypeItem| family.is_empty() || item.desktop_type == family;
        types.desktop_type_items.iter().filter(shown).map(|item| row(t, item)).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || purchase.form.with(|form| form.type_item_id.clone().map(String::from)));
    let choose = move |value: String| {
        if let Ok(id) = value.parse() {
            purchase.choose(|form| form.type_item_id = Some(id));
        }
    };
    let news = move |type_item_id: String| {
        let stock = match purchase.lists.table.get() {
            Load::Ready(table) => stock(t, &type_item_id, &table),
            Load::Failed(_) => Fact::new(t.stock, t.not_known),
            Load::Idle | Load::Loading => Fact::new(t.stock, "…"),
        };
        [Some(stock), price::of_type(purchase, &type_item_id)].into_iter().flatten().collect()
    };
    view! {
        <RadioGroup
            label=t.family
            name="family"
            look="segments"
            quiet=true
            choices=families
            chosen=Signal::derive(move || Some(family.get()))
            choose=move |value| family.set(value)
        />
        <RadioGroup label=t.label(Field::TypeItem) name=Field::TypeItem.id() look="rows types" quiet=true choices=rows chosen choose news />
        // Taken anew by itself, which nobody is to be interrupted for.
        <p class="hint stock-time" aria-live="off">
            {words(move || {
                let time = purchase.lists.table_time.get();
                if time.is_empty() { time } else { fill(t.stock_as_of, &[&time]) }
            })}
        </p>
    }
    .into_any()
}

fn row(t: &'static Text, item: &DesktopTypeItem) -> Choice {
    let mut choice = Choice::new(item.type_item_id.as_str(), item.type_item_id.as_str());
    choice.facts = vec![
        Fact::new(t.vcpu, item.cpu.to_string()),
        Fact::new(t.memory, format!("{} GB", item.memory)),
        Fact::new(t.gpu, gpu(item).unwrap_or_else(|| "–".to_owned())),
        Fact::new(t.system_disk, disk(t, &item.sys_disk_type, item.sys_disk_size)),
        Fact::new(t.user_disk, disk(t, &item.user_disk_type, item.user_disk_size)),
    ];
    choice
}

/// Where a type is to be had: the last letters of the zones.
fn stock(t: &Text, type_item_id: &str, table: &StockTable) -> Fact {
    let of_type = || table.cells.iter().filter(|cell| cell.type_item_id.as_str() == type_item_id);
    let zones: Vec<_> = of_type()
        .filter(|cell| cell.stock == Stock::Available)
        .map(|cell| cell.zone_id.as_str().rsplit('-').next().unwrap_or_default().to_ascii_uppercase())
        .collect();
    let (text, look) = if !zones.is_empty() {
        (zones.join(" "), "good")
    } else if of_type().all(|cell| cell.stock == Stock::SoldOut) {
        (t.sold_out_short.to_owned(), "bad")
    } else {
        (t.not_known.to_owned(), "")
    };
    Fact { label: t.stock, text, look }
}

fn gpu(item: &DesktopTypeItem) -> Option<String> {
    (item.gpu > 0).then(|| format!("{} × {}", item.gpu, item.gpu_spec).trim_end_matches(" × ").to_owned())
}

fn disk(t: &Text, kind: &str, size: u32) -> String {
    let kind = (t.disk)(kind).unwrap_or(kind);
    if size == 0 { "–".to_owned() } else { format!("{size} GB {kind}").trim_end().to_owned() }
}

/// The type in a line, for the summary.
pub fn in_a_line(t: &Text, item: &DesktopTypeItem) -> String {
    let mut line = format!("{} {} · {} GB", item.cpu, t.vcpu, item.memory);
    if let Some(gpu) = gpu(item) {
        line.push_str(" · ");
        line.push_str(&gpu);
    }
    line
}
