//! The first section of the form: billing, region and, for a subscription, duration.

use leptos::prelude::*;
use shared::{
    form::Field,
    values::{ChargeType, Period},
};

use super::{field::FieldNotes, price, region::RegionSelect, state::Purchase};
use crate::{
    checkout::{billing_name, period_name},
    language::use_text,
    reactive::{computed, maybe},
    ui::{Choice, RadioGroup, Section, deferred_terms},
};

/// The fields that this section draws.
pub const FIELDS: &[Field] = &[Field::ChargeType, Field::Period, Field::Region];

/// The section.
#[component]
pub fn Basics() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let billing = ChargeType::ALL
        .iter()
        .map(|kind| {
            let hint = if *kind == ChargeType::PostPay { t.post_pay_hint } else { t.pre_pay_hint };
            Choice::new(kind.as_str(), billing_name(t, *kind)).hint(hint)
        })
        .collect::<Vec<_>>();
    let chosen = Signal::derive(move || Some(purchase.form.with(|form| form.charge_type.as_str().to_owned())));
    let choose = move |value: String| {
        if let Ok(kind) = value.parse() {
            purchase.choose(|form| form.charge_type = kind);
        }
    };
    let subscription = computed(move || purchase.form.with(|form| form.charge_type == ChargeType::PrePay));
    view! {
        <Section id="basics" title=t.section_basics help=deferred_terms(|t| t.help_basics)>
            <RadioGroup label=t.label(Field::ChargeType) name=Field::ChargeType.id() look="cards" choices=billing chosen choose />
            <FieldNotes field=Field::ChargeType />
            {maybe(move || subscription.get().then(|| view! { <Duration /> }.into_any()))}
            <RegionSelect />
            <FieldNotes field=Field::Region />
        </Section>
    }
}

#[component]
fn Duration() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let periods = Period::ALL
        .iter()
        .map(|period| Choice::new(period.months().to_string(), period_name(t, *period)))
        .collect::<Vec<_>>();
    let chosen = Signal::derive(move || Some(purchase.form.with(|form| form.period.months().to_string())));
    let choose = move |value: String| {
        if let Ok(period) = value.parse() {
            purchase.choose(|form| form.period = period);
        }
    };
    let live_facts = move |months: String| price::discount(purchase, &months).into_iter().collect();
    view! {
        <RadioGroup label=t.label(Field::Period) name=Field::Period.id() look="segments" choices=periods chosen choose live_facts />
        <FieldNotes field=Field::Period />
    }
    .into_any()
}
