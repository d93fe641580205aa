//! The limits that are set, each with the code of its problem.

use shared::{
    Code,
    limits::{Quantity, Span, Unit, Whose},
    prices::{Amount, Currency},
};

use crate::{Limits, Principal};

/// A day, in milliseconds.
pub(super) const DAY: i64 = 24 * 3_600_000;

/// A limit with the code of its problem.
pub(super) struct Rule {
    pub(super) code: Code,
    pub(super) unit: Unit,
    pub(super) per: Span,
    pub(super) whose: Whose,
    pub(super) limit: Quantity,
    /// The currency of a sum of money. What was ordered in another one does not count.
    pub(super) currency: Option<Currency>,
}

/// The limits that are set, of one principal or of all together, of money in this currency.
pub(super) fn rules(limits: &Limits, whose: Whose, currency: Option<Currency>) -> Vec<Rule> {
    let (number_code, amount_code) = match whose {
        Whose::Person => (Code::BuyerLimit, Code::AmountLimit),
        Whose::Everybody => (Code::OverallLimit, Code::OverallLimit),
    };
    let number = |limit: Option<u32>, unit| {
        let limit = Quantity::Number(limit?);
        Some(Rule { code: number_code, unit, per: Span::Day, whose, limit, currency: None })
    };
    let money = |limit: Option<Amount>, per| {
        let limit = Quantity::Money(limit?);
        Some(Rule { code: amount_code, unit: Unit::Amount, per, whose, limit, currency })
    };
    let rules = [
        number(limits.desktops, Unit::Desktops),
        number(limits.units, Unit::DesktopsAndMonths),
        number(limits.releases, Unit::Releases),
        money(limits.day_amount, Span::Day),
        money(limits.month_amount, Span::Month),
    ];
    rules.into_iter().flatten().collect()
}

/// What a single order may cost.
pub(super) fn of_an_order(limit: Amount) -> Rule {
    let limit = Quantity::Money(limit);
    Rule { code: Code::AmountLimit, unit: Unit::Amount, per: Span::Order, whose: Whose::Person, limit, currency: None }
}

/// How many users a principal may create or change in a day.
pub(super) fn user_writes(principal: &Principal) -> Option<Rule> {
    let limit = Quantity::Number(principal.limits.user_writes?);
    let (code, whose) = (Code::BuyerLimit, Whose::Person);
    Some(Rule { code, unit: Unit::Users, per: Span::Day, whose, limit, currency: None })
}
