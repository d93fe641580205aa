//! The network section: zone, stock in it, and vSwitch.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    actions::{VSwitch, VSwitches, Zone, Zones},
    form::{Alternative, Field},
    stock::Stock,
};

use super::{field::FieldNotes, state::Purchase};
use crate::{
    language::use_text,
    reactive::{Load, changing, maybe, on_click},
    text::{Text, fill},
    ui::{
        Choice, Fact, RadioGroup, Section, deferred_terms,
        loaded::{empty, loaded, skipped},
    },
};

/// A zone's name.
pub fn zone_name(zone: &Zone) -> String {
    let name = zone.local_name.trim();
    if name.is_empty() { zone.zone_id.to_string() } else { name.to_owned() }
}

/// A vSwitch's name.
pub fn v_switch_name(v_switch: &VSwitch) -> String {
    let name = v_switch.v_switch_name.trim();
    if name.is_empty() { v_switch.v_switch_id.to_string() } else { name.to_owned() }
}

/// The fields that this section draws.
pub const FIELDS: &[Field] = &[Field::Zone, Field::VSwitch];

/// The section.
#[component]
pub fn Network() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    view! {
        <Section id="network" title=t.section_network help=deferred_terms(|t| t.help_network)>
            {loaded(purchase.lists.zones, t.label(Field::Zone), move |zones| zone_list(purchase, zones))}
            <ChosenStock />
            <FieldNotes field=Field::Zone />
            {loaded(purchase.lists.v_switches, t.label(Field::VSwitch), move |list| v_switch_list(purchase, list))}
            {maybe(move || waits_for_owner(purchase).then(|| view! { <p class="hint">{t.v_switch_waits_owner}</p> }.into_any()))}
            <FieldNotes field=Field::VSwitch />
        </Section>
    }
}

/// vSwitches are loaded for the network of the account's set-up.
fn waits_for_owner(purchase: Purchase) -> bool {
    match purchase.lists.owner.get() {
        Load::Failed(_) => true,
        Load::Ready(owner) => owner.owner_vpc_id.is_none(),
        Load::Idle | Load::Loading => false,
    }
}

fn zone_list(purchase: Purchase, zones: Arc<Zones>) -> AnyView {
    let t = use_text();
    if zones.zones.is_empty() {
        return empty(t.zones_empty, zones.skipped);
    }
    let skipped_here = zones.skipped;
    let choices =
        zones.zones.iter().map(|zone| Choice::new(zone.zone_id.as_str(), zone_name(zone))).collect::<Vec<_>>();
    // A zone without the chosen type says so before it is chosen.
    let live_facts = move |zone: String| {
        let sold_out = purchase.lists.stock_table.ready().is_some_and(|table| {
            purchase.form.with(|form| {
                let pair = form.type_item_id.as_ref().zip(zone.parse().ok());
                pair.is_some_and(|(item, zone)| table.stock(item, &zone) == Stock::SoldOut)
            })
        });
        if sold_out {
            vec![Fact { label: "", text: t.document.sold_out_short.to_owned(), look: "bad" }]
        } else {
            Vec::new()
        }
    };
    let chosen = Signal::derive(move || purchase.form.with(|form| form.zone_id.clone().map(String::from)));
    let choose = move |value: String| {
        if let Ok(id) = value.parse() {
            purchase.choose(|form| form.zone_id = Some(id));
        }
    };
    view! {
        <RadioGroup label=t.label(Field::Zone) name=Field::Zone.id() look="segments" choices chosen choose live_facts />
        {skipped(skipped_here)}
    }
    .into_any()
}

/// The stock of the chosen type in the chosen zone.
#[component]
fn ChosenStock() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let place = move |template: &'static str| {
        let item = purchase.form.with(|form| form.type_item_id.clone()).map(String::from).unwrap_or_default();
        let zone =
            purchase.form.with(|form| purchase.chosen_zone(form)).map(|zone| zone_name(&zone)).unwrap_or_default();
        fill(template, &[&item, &zone])
    };
    let retry = move |_| purchase.lists.chosen_stock.reload();
    let content = changing(move || {
        match purchase.lists.chosen_stock.get() {
        Load::Idle => ().into_any(),
        Load::Loading => view! { <span class="stock">{t.stock_checking}</span> }.into_any(),
        Load::Ready(stock) if *stock == Stock::Available => view! { <span class="stock yes">{place(t.in_stock)}</span> }.into_any(),
        Load::Ready(_) => view! { <span class="stock no">{place(t.sold_out)}</span>{alternatives(purchase)} }.into_any(),
        Load::Failed(problem) => view! {
            <span class="stock unknown">{t.stock_unknown}": "{(t.code)(problem.code)}</span>
            <button type="button" class="quiet" aria-label=format!("{} {}", t.retry, t.document.stock) on:click=on_click(retry)>{t.retry}</button>
        }
        .into_any(),
    }
    });
    view! { <div class="stock-line" role="status">{content}</div> }
}

/// Buttons for the alternatives to a sold-out choice; the rest of the form stays.
fn alternatives(purchase: Purchase) -> AnyView {
    let t = use_text();
    let button = |alternative: Alternative| {
        let name = match &alternative {
            Alternative::Type(item) => item.to_string(),
            Alternative::Zone(id) => {
                let zones = purchase.lists.zones.ready();
                let zone = zones.as_ref().and_then(|zones| zones.zones.iter().find(|zone| zone.zone_id == *id));
                zone.map_or_else(|| id.to_string(), zone_name)
            }
        };
        let take = move |_| {
            let alternative = alternative.clone();
            purchase.choose(|form| match alternative {
                Alternative::Type(item) => form.type_item_id = Some(item),
                Alternative::Zone(zone) => form.zone_id = Some(zone),
            });
        };
        view! { <button type="button" class="quiet" on:click=on_click(take)>{fill(t.take_instead, &[&name])}</button> }
    };
    purchase.alternatives().into_iter().map(button).collect_view().into_any()
}

fn v_switch_list(purchase: Purchase, found: Arc<VSwitches>) -> AnyView {
    let t = use_text();
    let list = &found.v_switches;
    if list.is_empty() && found.skipped > 0 {
        return view! { <div class="field-label">{t.label(Field::VSwitch)}</div> {skipped(found.skipped)} }.into_any();
    }
    if list.is_empty() {
        let vpc = purchase.lists.owner.ready().and_then(|owner| owner.owner_vpc_id.clone()).map(String::from);
        return view! {
            <div class="field-label">{t.label(Field::VSwitch)}</div>
            <p class="notice warn">{fill(t.v_switches_empty, &[&vpc.unwrap_or_default()])}</p>
        }
        .into_any();
    }
    let none_usable = !list.iter().any(VSwitch::has_room);
    let choices = list.iter().map(|v_switch| row(t, v_switch)).collect::<Vec<_>>();
    let chosen = Signal::derive(move || purchase.form.with(|form| form.v_switch_id.clone().map(String::from)));
    let choose = move |value: String| {
        if let Ok(id) = value.parse() {
            purchase.choose(|form| form.v_switch_id = Some(id));
        }
    };
    view! {
        <RadioGroup label=t.label(Field::VSwitch) name=Field::VSwitch.id() look="rows switches" choices chosen choose />
        {skipped(found.skipped)}
        {none_usable.then(|| view! { <p class="notice warn">{t.v_switches_none_usable}</p> })}
    }
    .into_any()
}

fn row(t: &'static Text, v_switch: &VSwitch) -> Choice {
    let name = v_switch.v_switch_name.trim();
    let mut choice = Choice::new(v_switch.v_switch_id.as_str(), if name.is_empty() { t.unnamed } else { name });
    choice.facts =
        vec![Fact::new(t.v_switch_id, v_switch.v_switch_id.as_str()), Fact::new(t.cidr, v_switch.cidr_block.as_str())];
    let free = v_switch.available_ip_address_count;
    choice.facts.extend(free.map(|free| Fact::new(t.free_addresses, free.to_string())));
    choice.disabled = if !v_switch.is_available() {
        Some(t.v_switch_pending)
    } else if !v_switch.has_room() {
        Some(t.v_switch_full)
    } else {
        None
    };
    choice
}
