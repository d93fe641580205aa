//! The operator's prices: the answer of `GET /api/prices`, and what a purchase costs by them. The upstream has no price
//! call and its bill decides. The price file is read by the proxy.
//!
//! All arithmetic is exact, without floating-point numbers. The only rounding is in [`Price::cost`].

mod amount;
mod currency;
mod decimal;
mod money;
mod percent;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{RegionId, TypeItemId},
    values::{ChargeType, Period},
};

pub use amount::Amount;
pub use currency::Currency;
pub use money::money;
pub use percent::Percent;

/// The answer to `GET /api/prices`: the prices of one region. Empty where the operator has written none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PriceBook {
    /// Whether the prices are made up, as those of the demo are; the page says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub example: bool,
    /// At most one for each region, type and billing kind.
    pub prices: Vec<Price>,
}

/// What a type costs in a region, with a billing kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
    /// The region.
    pub region: RegionId,
    /// The type.
    pub type_item_id: TypeItemId,
    /// The billing kind. It also says what the price is for: an hour of pay as you go, or a month of subscription.
    pub charge_type: ChargeType,
    /// The currency.
    pub currency: Currency,
    /// One desktop for one hour, or for one month.
    pub amount: Amount,
    /// What is taken off for longer subscriptions, shortest first. A period that is not here costs its months.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
}

/// What is taken off a subscription of a certain length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Discount {
    /// The length, exactly; a longer one does not have it by itself.
    pub period: Period,
    /// How much.
    pub percent_off: Percent,
}

/// What a purchase costs: for an hour, or for the whole of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// One desktop.
    pub per_desktop: Amount,
    /// All of them.
    pub total: Amount,
    /// What all of them save against as many single months; zero without a discount.
    pub saving: Amount,
    /// The discount of the period, if it has one.
    pub percent_off: Option<Percent>,
}

impl PriceBook {
    /// The part of it that is about a region.
    #[must_use]
    pub fn of_region(&self, region: &RegionId) -> Self {
        let prices: Vec<_> = self.prices.iter().filter(|price| price.region == *region).cloned().collect();
        Self { example: self.example, prices }
    }

    /// The currency of all prices, if they have one in common.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        let first = self.prices.first()?.currency;
        self.prices.iter().all(|price| price.currency == first).then_some(first)
    }

    /// The price of a type.
    #[must_use]
    pub fn price(&self, region: &RegionId, type_item_id: &TypeItemId, charge_type: ChargeType) -> Option<&Price> {
        self.prices.iter().find(|price| {
            price.region == *region && price.type_item_id == *type_item_id && price.charge_type == charge_type
        })
    }
}

/// Hours of pay as you go that count towards a limit of money: those of a month of 30 days.
const HOURS_OF_A_MONTH: u16 = 720;

/// What an order for one desktop at this cost, by the hour or for its whole period, counts towards a limit of money.
#[must_use]
pub fn counted(charge_type: ChargeType, cost: Amount) -> Amount {
    match charge_type {
        ChargeType::PrePay => cost,
        ChargeType::PostPay => cost.times(HOURS_OF_A_MONTH),
    }
}

impl Price {
    /// What an order for one desktop counts towards a limit of money: the whole period of a subscription, or a month of
    /// pay as you go, whose duration is unknown.
    #[must_use]
    pub fn counted(&self, period: Option<Period>) -> Amount {
        counted(self.charge_type, self.cost(1, period).per_desktop)
    }

    /// What so many desktops cost: by the hour with pay as you go, and for the whole period with a subscription, a month
    /// if none is given.
    ///
    /// The one thing that is rounded is the discounted price of one desktop for the period: to the smallest coin of
    /// the currency, half of it upwards. The total is that price times the desktops, so that lines add up to it, and
    /// the saving is the rest to the full price. Prices by the hour are not rounded, not even if they are less than
    /// a coin.
    #[must_use]
    pub fn cost(&self, desktops: u16, period: Option<Period>) -> Cost {
        let (months, discount) = match self.charge_type {
            ChargeType::PostPay => (1, None),
            ChargeType::PrePay => {
                let period = period.unwrap_or(Period::ONE_MONTH);
                (period.months(), self.discounts.iter().find(|discount| discount.period == period))
            }
        };
        let full = self.amount.times(u16::from(months));
        let percent_off = discount.map(|discount| discount.percent_off);
        let per_desktop = percent_off.map_or(full, |percent| full.less(percent, self.currency.decimals()));
        let total = per_desktop.times(desktops);
        Cost { per_desktop, total, saving: full.times(desktops).minus(total), percent_off }
    }
}
