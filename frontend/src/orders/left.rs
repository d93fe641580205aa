//! What is left of the limits that a renewal or release counts for, shown before it is sent. The proxy decides; what is known
//! here may be out of date.

use leptos::prelude::*;
use shared::{
    limits::{Limit, Limits, Quantity, Unit},
    values::Period,
};

use crate::{
    checkout::limit_text,
    text::{Text, fill},
};

/// The limits for renewing so many desktops for a period, or for releasing them without one, and what is beyond them.
#[inline(never)]
pub fn left(t: &'static Text, limits: &Limits, number: usize, period: Option<Period>) -> Option<AnyView> {
    let months = period.map(|period| u32::from(period.months()));
    let longest = limits.longest_period.filter(|_| months.is_some());
    let mut parts: Vec<_> =
        longest.map(|longest| fill(t.deferred().limit_period, &[&longest.to_string()])).into_iter().collect();
    let mut beyond = longest.filter(|longest| months > Some(u32::from(*longest))).and(parts.first().cloned());
    let wanted = u32::try_from(number).unwrap_or(u32::MAX).saturating_mul(months.unwrap_or(1));
    for limit in limits.limits.iter().filter(|limit| counts(limit, months.is_some())) {
        let text = limit_text(t, limit, if months.is_some() { t.deferred().desktops_and_months } else { t.desktops });
        let is_number = matches!(limit.left, Quantity::Number(_));
        if beyond.is_none() && is_number && limit.left.is_less_than(Quantity::Number(wanted)) {
            beyond = Some(text.clone());
        }
        if !parts.contains(&text) {
            parts.push(text);
        }
    }
    if parts.is_empty() {
        return None;
    }
    let hint = fill(t.deferred().limits_left, &[&parts.join(t.deferred().limits_between)]);
    let beyond =
        beyond.map(|limit| view! { <p class="notice warn">{fill(t.deferred().limit_exceeded, &[&limit])}</p> });
    Some(view! { <p class="hint">{hint}</p>{beyond} }.into_any())
}

/// Whether a limit counts renewals, or releases.
fn counts(limit: &Limit, renewals: bool) -> bool {
    match limit.unit {
        Unit::DesktopsAndMonths | Unit::Amount => renewals,
        Unit::Releases => !renewals,
        Unit::Desktops | Unit::Users | Unit::Months => false,
    }
}
