//! Limits of a principal and of all together: what is used of them, and what is left. They are checked in the transaction
//! that adds what they count, so that many requests at once are not more than one after the other.

use std::collections::HashSet;

use shared::{
    Code,
    limits::{Limit, Quantity, Span, Unit, Whose},
    order::{NewOrder, Operation, OrderPrice},
    prices::{self, Amount},
    values::ChargeType,
};
use sqlx::AnyConnection;

use super::{
    AcceptError, Journal, JournalError,
    limit_rules::{DAY, Rule, of_an_order, rules, user_writes},
    new_row::NewRow,
    notifications::tell_once,
    request::Request,
    row::Known,
    used::Used,
};
use crate::{Accounts, Details, Limits, NotificationEvent, OrderBounds, Principal, units};

/// What a request adds to what is counted.
#[derive(Default)]
struct Wanted {
    desktops: u32,
    units: u32,
    releases: u32,
    amount: Amount,
}

impl Wanted {
    fn of(&self, unit: Unit) -> Quantity {
        match unit {
            Unit::Desktops => Quantity::Number(self.desktops),
            Unit::DesktopsAndMonths => Quantity::Number(self.units),
            Unit::Releases => Quantity::Number(self.releases),
            Unit::Amount => Quantity::Money(self.amount),
            Unit::Users | Unit::Months => Quantity::Number(0),
        }
    }
}

/// Checks the limits of a request, of which known orders are no part. Rejected orders do not count, since they cost
/// nothing. Orders in doubt do, and so do `staged` ones, which are not in the database yet.
pub(super) async fn check_limits(
    connection: &mut AnyConnection,
    Request { orders, prices, principal, .. }: &Request,
    known: &Known,
    (used, staged): (&mut Used, &[NewRow]),
) -> Result<(), AcceptError> {
    let mut tokens = HashSet::new();
    let mut wanted = Wanted::default();
    for (index, order) in orders.iter().enumerate() {
        if known.contains_key(&order.token) || !tokens.insert(&order.token) {
            continue;
        }
        check_bounds(index, order, &principal.bounds)?;
        wanted.units = wanted.units.saturating_add(units(&order.operation));
        wanted.desktops += u32::from(matches!(order.operation, Operation::Create(_)));
        wanted.releases += u32::from(matches!(order.operation, Operation::Delete(_)));
        match counted(&order.operation, prices.get(index).copied().flatten()) {
            Some(amount) => wanted.amount = wanted.amount.plus(amount),
            None if counts_money(principal) => return Err(AcceptError::PriceUnknown { index }),
            None => {}
        }
    }
    if let Some(limit) = principal.bounds.amount {
        within(&of_an_order(limit), Quantity::Money(Amount::ZERO), Quantity::Money(wanted.amount))?;
    }
    let currency = principal.bounds.currency;
    let of_person = rules(&principal.limits, Whose::Person, currency);
    let of_all = rules(&principal.overall, Whose::Everybody, currency);
    for rule in of_person.iter().filter(|_| principal.id.is_some()).chain(&of_all) {
        let wanted = wanted.of(rule.unit);
        if Quantity::is_less_than(nothing(rule), wanted) {
            let within = within(rule, used.of(connection, rule, principal, staged).await?, wanted);
            // What others spend is not for an account to know.
            let is_secret = rule.whose == Whose::Everybody && principal.accounts != Accounts::All;
            within.map_err(|error| if is_secret { AcceptError::OverallLimit } else { error })?;
        }
    }
    Ok(())
}

/// What an order counts towards limits of money. `None` without a price, but for a release, which costs nothing.
pub(crate) fn counted(operation: &Operation, price: Option<OrderPrice>) -> Option<Amount> {
    let charge_type = match operation {
        Operation::Create(request) => request.charge_type,
        Operation::Renew(_) => ChargeType::PrePay,
        Operation::Delete(_) => return Some(Amount::ZERO),
    };
    price.map(|price| prices::counted(charge_type, price.amount))
}

fn counts_money(principal: &Principal) -> bool {
    let of = |limits: &Limits| limits.day_amount.is_some() || limits.month_amount.is_some();
    principal.bounds.amount.is_some() || of(&principal.overall) || (principal.id.is_some() && of(&principal.limits))
}

/// Checks what an order may be, for any principal.
fn check_bounds(index: usize, order: &NewOrder, bounds: &OrderBounds) -> Result<(), AcceptError> {
    let (type_item_id, period) = match &order.operation {
        Operation::Create(request) => (Some(&request.type_item_id), request.period),
        Operation::Renew(request) => (None, Some(request.period)),
        Operation::Delete(_) => (None, None),
    };
    if let (Some(types), Some(wanted)) = (&bounds.types, type_item_id)
        && !types.contains(wanted)
    {
        return Err(AcceptError::TypeNotAllowed { index });
    }
    match (bounds.longest_period, period) {
        (Some(longest), Some(period)) if period.months() > longest => {
            let quantity = Quantity::Number(longest.into());
            let limit = Limit {
                unit: Unit::Months,
                per: Span::Order,
                whose: Whose::Person,
                limit: quantity,
                left: quantity,
                currency: None,
            };
            Err(AcceptError::Limit { code: Code::PeriodLimit, index: Some(index), limit })
        }
        _ => Ok(()),
    }
}

/// Writes a notification of a limit that has refused a request: once a day for each limit. What one order may be is no event.
pub(super) async fn tell_of_limit(
    connection: &mut AnyConnection,
    refused: &AcceptError,
    principal: &Principal,
    now: i64,
) -> Result<(), JournalError> {
    let limit = match refused {
        AcceptError::Limit { limit, .. } if limit.per != Span::Order => Some(limit),
        AcceptError::OverallLimit => None,
        _ => return Ok(()),
    };
    let whose = match limit.map_or(Whose::Everybody, |limit| limit.whose) {
        Whose::Person => principal.id.as_deref().unwrap_or_default(),
        Whose::Everybody => "",
    };
    let which = limit.map(|limit| serde_json::to_string(&(limit.unit, limit.per)));
    let which = which.transpose().map_err(|error| sqlx::Error::Encode(error.into()))?.unwrap_or_default();
    let key = format!("limit {} {which} {whose}", now / DAY);
    let account = match &principal.accounts {
        Accounts::One(account) => account.as_ref().map(|account| account.as_str().to_owned()),
        Accounts::All => None,
    };
    let details = Details { limit: limit.cloned(), by: principal.name.clone(), account, ..Details::default() };
    tell_once(connection, (&key, now + 2 * DAY), NotificationEvent::LimitReached, None, now, &details).await?;
    Ok(())
}

/// Checks the limit of writes about users. Rejected ones count, since they were sent.
pub(super) async fn check_user_writes(
    connection: &mut AnyConnection,
    principal: &Principal,
    now: i64,
) -> Result<(), AcceptError> {
    let (Some(id), Some(rule)) = (&principal.id, user_writes(principal)) else { return Ok(()) };
    let used = used_user_writes(connection, id, now).await?;
    within(&rule, used, Quantity::Number(1))
}

async fn used_user_writes(connection: &mut AnyConnection, id: &str, now: i64) -> Result<Quantity, JournalError> {
    let (used,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM user_writes WHERE buyer_id = $1 AND created_at > $2")
        .bind(id.to_owned())
        .bind(now - DAY)
        .fetch_one(connection)
        .await?;
    Ok(Quantity::Number(u32::try_from(used).unwrap_or(u32::MAX)))
}

fn within(rule: &Rule, used: Quantity, wanted: Quantity) -> Result<(), AcceptError> {
    let limit = with_left(rule, used);
    if limit.left.is_less_than(wanted) {
        return Err(AcceptError::Limit { code: rule.code, index: None, limit });
    }
    Ok(())
}

fn with_left(rule: &Rule, used: Quantity) -> Limit {
    let left = match (rule.limit, used) {
        (Quantity::Number(limit), Quantity::Number(used)) => Quantity::Number(limit.saturating_sub(used)),
        (Quantity::Money(limit), Quantity::Money(used)) => Quantity::Money(limit.minus(used)),
        _ => nothing(rule),
    };
    Limit { unit: rule.unit, per: rule.per, whose: rule.whose, limit: rule.limit, left, currency: None }
}

fn nothing(rule: &Rule) -> Quantity {
    match rule.limit {
        Quantity::Number(_) => Quantity::Number(0),
        Quantity::Money(_) => Quantity::Money(Amount::ZERO),
    }
}

impl Journal {
    /// The limits of a principal and of all together, with what is left of each.
    pub async fn limits(&self, principal: &Principal) -> Result<Vec<Limit>, JournalError> {
        let turn = self.database.read_turn().await?;
        let mut connection = self.pool().acquire().await?;
        let now = self.now();
        let mut used = Used::until(now);
        let mut limits: Vec<_> = principal.bounds.amount.map(of_an_order).iter().map(untouched).collect();
        let currency = principal.bounds.currency;
        let of_person = rules(&principal.limits, Whose::Person, currency);
        let of_person = of_person.iter().filter(|_| principal.id.is_some());
        let of_all = rules(&principal.overall, Whose::Everybody, currency);
        // What others spend is not for an account to know.
        let of_all = of_all.iter().filter(|_| principal.accounts == Accounts::All);
        for rule in of_person.chain(of_all) {
            limits.push(with_left(rule, used.of(&mut connection, rule, principal, &[]).await?));
        }
        if let (Some(id), Some(rule)) = (&principal.id, user_writes(principal)) {
            limits.push(with_left(&rule, used_user_writes(&mut connection, id, now).await?));
        }
        drop(turn);
        Ok(limits)
    }
}

fn untouched(rule: &Rule) -> Limit {
    with_left(rule, nothing(rule))
}
