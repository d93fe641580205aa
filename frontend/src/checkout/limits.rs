//! The words of a limit that the proxy sets, for all who show what is left.

use shared::{
    limits::{Limit, Quantity, Span, Unit, Whose},
    prices::money,
};

use crate::text::{Text, fill};

/// A limit with what is left of it. `counted` is the text of what it counts, unless that is money.
pub fn limit_text(t: &Text, limit: &Limit, counted: &str) -> String {
    let quantity = |quantity: Quantity| match (quantity, limit.currency) {
        (Quantity::Money(amount), Some(currency)) => money(t.document.language, currency, amount),
        (quantity, _) => match limit.unit {
            Unit::Amount => quantity.to_string(),
            _ => fill(counted, &[&quantity.to_string()]),
        },
    };
    let span = match (limit.per, limit.whose) {
        (Span::Order, _) => return fill(t.deferred().limit_order, &[&quantity(limit.limit)]),
        (Span::Day, Whose::Person) => t.deferred().limit_day,
        (Span::Month, Whose::Person) => t.deferred().limit_month,
        (Span::Day, Whose::Everybody) => t.deferred().limit_day_of_all,
        (Span::Month, Whose::Everybody) => t.deferred().limit_month_of_all,
    };
    let left = match limit.left {
        Quantity::Number(number) => number.to_string(),
        money @ Quantity::Money(_) => quantity(money),
    };
    fill(span, &[&left, &quantity(limit.limit)])
}
