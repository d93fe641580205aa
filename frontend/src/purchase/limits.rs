//! What is left of the limits that the proxy sets: shown beside the summary and in the review, and checked before an order is
//! sent. The proxy decides; what is known here may be out of date.

use leptos::prelude::*;
use shared::{
    Code,
    form::Form,
    limits::{Limit, Limits, Quantity, Unit},
    prices::Amount,
    values::{ChargeType, Period},
};

use super::state::Purchase;
use crate::{
    api,
    checkout::limit_text,
    deferred,
    language::use_text,
    reactive::{by_itself, maybe, spawn},
    text::{Text, fill},
};

/// Asks for the limits, when the module is there that shows them.
pub fn load(purchase: Purchase) {
    spawn(async move {
        deferred::arrived().await;
        refresh(purchase).await;
    });
}

/// Asks for the limits anew.
#[inline(never)]
pub async fn refresh(purchase: Purchase) {
    // Without an answer nothing is known of them, and the proxy decides alone.
    if let Ok(limits) = by_itself(true, || api::fetch("limits")).await {
        // The purchase may be gone.
        purchase.limits.try_set(limits);
    }
}

/// What is left for a form; nothing while that is not known, or where nothing is limited.
pub fn left_view(purchase: Purchase, form: impl Fn() -> Form + Send + 'static) -> impl IntoView {
    let t = use_text();
    maybe(move || {
        let left = is_known(purchase).then(|| left(t, purchase, &form()))?;
        (!left.is_empty()).then(|| hint(left))
    })
}

/// Says that a form will await approval, where that is known.
pub fn approval_view(purchase: Purchase, form: impl Fn() -> Form + Send + 'static) -> impl IntoView {
    let t = use_text();
    maybe(move || (is_known(purchase) && awaits(purchase, &form())).then(|| notice(t.deferred().will_await)))
}

#[inline(never)]
fn notice(text: &'static str) -> AnyView {
    view! { <p class="notice warn">{text}</p> }.into_any()
}

/// Whether a form is beyond what may be ordered without an approver.
#[inline(never)]
fn awaits(purchase: Purchase, form: &Form) -> bool {
    let Some(without) = known(purchase).approval else { return false };
    let period = (form.charge_type == ChargeType::PrePay).then_some(form.period);
    let desktops = form.user_names.len();
    let is_of_types = form.type_item_id.as_ref().is_some_and(|id| without.not_types.contains(id));
    // Without the list of prices it is not known.
    let most = without.amount.filter(|_| purchase.lists.prices.ready().is_some());
    let is_too_much =
        most.is_some_and(|most| purchase.price(form).is_none_or(|price| total(desktops, price.counted(period)) > most));
    without.is_exceeded_by(desktops, period.map(Period::months)) || is_of_types || is_too_much
}

/// What so many cost.
fn total(desktops: usize, each: Amount) -> Amount {
    each.times(u16::try_from(desktops).unwrap_or(u16::MAX))
}

#[inline(never)]
fn hint(text: String) -> AnyView {
    view! { <p class="hint">{text}</p> }.into_any()
}

/// Why a form cannot be bought; `None` where nothing is known against it. The text is kept as long as the form is.
pub fn refusal(purchase: Purchase, form: &Form) -> Option<String> {
    if is_known(purchase) { excess(use_text(), purchase, form) } else { None }
}

fn is_known(purchase: Purchase) -> bool {
    purchase.limits.with(|limits| !limits.is_empty())
}

#[inline(never)]
fn known(purchase: Purchase) -> Limits {
    purchase.limits.with(|text| api::read(text)).unwrap_or_default()
}

/// The limits that a purchase counts for.
fn of_purchases(limits: &Limits) -> impl Iterator<Item = &Limit> {
    let counts = |unit| matches!(unit, Unit::Desktops | Unit::DesktopsAndMonths | Unit::Amount);
    limits.limits.iter().filter(move |limit| counts(limit.unit))
}

#[inline(never)]
fn left(t: &'static Text, purchase: Purchase, form: &Form) -> String {
    let limits = known(purchase);
    let mut parts = Vec::new();
    if let Some(longest) = limits.longest_period.filter(|_| form.charge_type == ChargeType::PrePay) {
        parts.push(fill(t.deferred().limit_period, &[&longest.to_string()]));
    }
    // Of two that count the same for a purchase, the one with less left is enough.
    let is_less = |one: &Limit, other: &Limit| {
        let kind = |limit: &Limit| limit.unit == Unit::Amount;
        let same = kind(one) == kind(other) && one.per == other.per && one.whose == other.whose;
        same && one.left.is_less_than(other.left)
    };
    for limit in of_purchases(&limits).filter(|limit| !of_purchases(&limits).any(|other| is_less(other, limit))) {
        let text = of(t, limit);
        if !parts.contains(&text) {
            parts.push(text);
        }
    }
    if parts.is_empty() {
        String::new()
    } else {
        fill(t.deferred().limits_left, &[&parts.join(t.deferred().limits_between)])
    }
}

fn of(t: &Text, limit: &Limit) -> String {
    limit_text(t, limit, t.desktops)
}

/// The least that is left of the limits that count some unit; `None` while that is not known, and where nothing is limited.
#[inline(never)]
pub fn least_left(purchase: Purchase, counts: fn(Unit) -> bool) -> Option<u32> {
    let limits = is_known(purchase).then(|| known(purchase))?;
    let left = |limit: &Limit| match limit.left {
        Quantity::Number(left) => Some(left),
        Quantity::Money(_) => None,
    };
    limits.limits.iter().filter(|limit| counts(limit.unit)).filter_map(left).min()
}

#[inline(never)]
fn excess(t: &'static Text, purchase: Purchase, form: &Form) -> Option<String> {
    let limits = known(purchase);
    let subscription = form.charge_type == ChargeType::PrePay;
    if let Some(longest) = limits.longest_period.filter(|longest| subscription && form.period.months() > *longest) {
        return Some(fill(t.deferred().limit_period, &[&longest.to_string()]));
    }
    let is_refused = |types: &Vec<_>| form.type_item_id.as_ref().is_some_and(|chosen| !types.contains(chosen));
    if limits.types.as_ref().is_some_and(is_refused) {
        return Some((t.code)(Code::TypeNotAllowed).to_owned());
    }
    let desktops = u32::try_from(form.user_names.len()).unwrap_or(u32::MAX);
    let price = purchase.price(form);
    for limit in of_purchases(&limits) {
        let wanted = match limit.unit {
            Unit::Amount => {
                // Without the list of prices the proxy decides.
                if purchase.lists.prices.ready().is_none() {
                    continue;
                }
                let Some(price) = &price else { return Some((t.code)(Code::PriceUnknown).to_owned()) };
                let each = price.counted(subscription.then_some(form.period));
                Quantity::Money(total(form.user_names.len(), each))
            }
            _ => Quantity::Number(desktops),
        };
        if limit.left.is_less_than(wanted) {
            return Some(fill(t.deferred().limit_exceeded, &[&of(t, limit)]));
        }
    }
    None
}
