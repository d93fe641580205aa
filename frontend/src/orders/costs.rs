//! What renewals and retries cost by the operator's prices before they are placed, and whether that wants an approver.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::{
    Action, Code, Outcome, Problem,
    actions::RenewDesktop,
    ids::{RegionId, TypeItemId},
    limits::WithoutApproval,
    order::{Desktops, Order, OrderPrice},
    prices::{Amount, PriceBook, counted},
    reads,
    values::{ChargeType, Period},
};

use super::{
    parameter,
    row::{ManagedDesktop, priced},
};
use crate::{
    api,
    checkout::period_name,
    reactive::spawn,
    text::{OrderText, fill},
};

/// Pages of desktops that are looked through for the types of several. Of a larger fleet they are not known.
const PAGES: usize = 25;

/// What is bought or renewed, as far as it costs something.
#[derive(Clone)]
pub struct Item {
    /// The region.
    pub region: RegionId,
    /// The type, if it is known.
    pub type_item_id: Option<TypeItemId>,
    /// The billing kind.
    pub charge_type: ChargeType,
    /// The period; that which is chosen, if none is given.
    pub period: Option<Period>,
    /// The desktop that is renewed.
    pub desktop: Option<String>,
}

/// An item with its price, if it has one.
pub type Priced = (Item, Option<OrderPrice>);

/// The items of a dialog with what is known of them.
#[derive(Clone)]
pub struct Items {
    all: Vec<Item>,
    /// The prices; `None` while they are asked for, and where it could not be learnt what the items cost.
    book: Option<PriceBook>,
    is_asking: bool,
}

impl Item {
    /// The renewal of a desktop.
    pub fn of_renewal(desktop: &ManagedDesktop) -> Self {
        Self {
            region: desktop.region.clone(),
            type_item_id: desktop.type_item_id.as_ref().and_then(|id| id.parse().ok()),
            charge_type: ChargeType::PrePay,
            period: None,
            desktop: Some(desktop.id.to_string()),
        }
    }

    /// What an order buys or renews. `None` of a release.
    pub fn of_order(order: &Order) -> Option<Self> {
        let region = order.region.clone();
        if let Some(form) = order.form() {
            let (type_item_id, charge_type) = (form.type_item_id, form.charge_type);
            return Some(Self { region, type_item_id, charge_type, period: Some(form.period), desktop: None });
        }
        let desktop = parameter(order, "DesktopId").filter(|_| order.action == RenewDesktop::NAME)?;
        let period = parameter(order, "Period").and_then(|period| period.parse().ok());
        Some(Self { region, type_item_id: None, charge_type: ChargeType::PrePay, period, desktop: Some(desktop) })
    }

    /// What it costs, if there is a price.
    pub fn price(&self, book: &PriceBook, period: Period) -> Option<OrderPrice> {
        let price = book.price(&self.region, self.type_item_id.as_ref()?, self.charge_type)?;
        let amount = price.cost(1, Some(self.period.unwrap_or(period))).per_desktop;
        Some(OrderPrice { currency: price.currency, amount })
    }

    fn period_name(&self, t: &OrderText, period: Period) -> Option<String> {
        (self.charge_type == ChargeType::PrePay).then(|| period_name(t, self.period.unwrap_or(period)))
    }
}

impl Items {
    /// These. Their prices are asked for, and the types that are not known yet.
    pub fn learn(mut items: Vec<Item>) -> RwSignal<Self> {
        let known = RwSignal::new(Self { all: items.clone(), book: None, is_asking: true });
        spawn(async move {
            let book = complete(&mut items).await.ok();
            let _ = known.try_set(Self { all: items, book, is_asking: false });
        });
        known
    }

    /// The items with their prices.
    fn priced(&self, period: Period) -> Vec<Priced> {
        let book = self.book.clone().unwrap_or_default();
        self.all.iter().map(|item| (item.clone(), item.price(&book, period))).collect()
    }

    /// What they cost together, or why that is not known.
    pub fn cost(&self, t: &OrderText, period: Period) -> String {
        if self.is_asking {
            return format!("{}: …", t.price);
        }
        if self.book.as_ref().is_none_or(|book| book.prices.is_empty()) {
            return t.price_note.to_owned();
        }
        let priced = self.priced(period);
        let cost =
            cost(t, &priced.iter().map(|(item, price)| (*price, item.period_name(t, period))).collect::<Vec<_>>());
        cost.unwrap_or_else(|| t.price_missing.to_owned())
    }

    /// Whether they want an approver for their types or for what they cost.
    pub fn are_beyond(&self, period: Period, without: &WithoutApproval) -> bool {
        are_beyond(&self.priced(period), self.book.is_some(), without)
    }
}

/// Asks for the types that are missing, and for the prices of the regions. The type of a desktop that was not bought here
/// remains unknown.
async fn complete(items: &mut [Item]) -> Result<PriceBook, Problem> {
    let mut missing: Vec<&mut Item> = items.iter_mut().filter(|item| item.type_item_id.is_none()).collect();
    let (mut cursor, mut pages) = (String::new(), 0);
    let search = match &*missing {
        [one] => format!("&q={}", reads::encode(one.desktop.as_deref().unwrap_or_default())),
        _ => "&released=false".to_owned(),
    };
    while !missing.is_empty() {
        let page: Desktops = api::get(format!("desktops?limit=200{search}{cursor}")).await?;
        for desktop in &page.desktops {
            missing.retain_mut(|item| {
                let is_it = item.desktop == desktop.desktop_id && item.region == desktop.region;
                if is_it {
                    item.type_item_id = desktop.type_item_id.parse().ok();
                }
                !is_it
            });
        }
        pages += 1;
        match page.next {
            Some(next) if pages < PAGES => cursor = format!("&cursor={}", reads::encode(&next)),
            // Those that are missing may be on the pages that follow.
            Some(_) if !missing.is_empty() => return Err(Problem::new(Code::NotFound, Outcome::NotSent)),
            _ => break,
        }
    }
    let mut all = PriceBook::default();
    for region in items.iter().map(|item| item.region.clone()).collect::<BTreeSet<_>>() {
        let book: PriceBook = api::get(reads::prices(&region)).await?;
        all.prices.extend(book.prices);
    }
    Ok(all)
}

/// Whether these want an approver for their types, or for what they cost together. Where all that can be known `is_known`, a type
/// that is not may be any, and what has no price is more than any amount.
pub fn are_beyond(items: &[Priced], is_known: bool, without: &WithoutApproval) -> bool {
    let is_of_types = |(item, _): &Priced| match &item.type_item_id {
        Some(id) => without.not_types.contains(id),
        None => is_known && !without.not_types.is_empty(),
    };
    let sum = items.iter().try_fold(Amount::default(), |sum, (item, price)| {
        Some(sum.plus(counted(item.charge_type, price.as_ref()?.amount)))
    });
    let is_too_much = without.amount.filter(|_| is_known).is_some_and(|most| sum.is_none_or(|sum| sum > most));
    items.iter().any(is_of_types) || is_too_much
}

/// The sums of prices: one for each currency, and for each period.
pub fn sums<P: Clone + PartialEq>(prices: impl IntoIterator<Item = (OrderPrice, P)>) -> Vec<(OrderPrice, P)> {
    let mut sums = Vec::<(OrderPrice, P)>::new();
    for (price, period) in prices {
        let mut same = sums.iter_mut().filter(|(_, other)| *other == period);
        match same.find_map(|(sum, _)| sum.plus(price).map(|more| (sum, more))) {
            Some((sum, more)) => *sum = more,
            None => sums.push((price, period)),
        }
    }
    sums
}

/// What orders cost together, each with its price and its period. `None` where none has a price.
pub fn cost(t: &OrderText, orders: &[(Option<OrderPrice>, Option<String>)]) -> Option<String> {
    let prices: Vec<_> = orders.iter().filter_map(|(price, period)| Some(((*price)?, period.clone()))).collect();
    match prices.len() {
        0 => None,
        number if number < orders.len() => Some(fill(t.several_no_price, &[&orders.len().to_string()])),
        _ => {
            let sums: Vec<_> = sums(prices).iter().map(|(sum, period)| priced(t, *sum, period.as_deref())).collect();
            Some(format!("{}: {}", t.price, sums.join(" + ")))
        }
    }
}
