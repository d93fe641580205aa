//! The price of an order: what the operator's price book said when it was accepted.

use serde::{Deserialize, Serialize};

use crate::{
    actions::CreateDesktop,
    ids::{RegionId, TypeItemId},
    prices::{Amount, Currency, PriceBook},
    values::{ChargeType, Period},
};

/// What an order costs by the operator's prices: pay as you go by the hour, a purchase or renewal of a subscription for its
/// whole period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderPrice {
    /// The currency.
    pub currency: Currency,
    /// The sum.
    pub amount: Amount,
}

impl OrderPrice {
    /// The price of a purchase. `None` if the book has none.
    #[must_use]
    pub fn of_purchase(book: &PriceBook, region: &RegionId, request: &CreateDesktop) -> Option<Self> {
        Self::of(book, region, &request.type_item_id, request.charge_type, request.period)
    }

    /// The price of a renewal of a desktop of this type. `None` if the book has none.
    #[must_use]
    pub fn of_renewal(book: &PriceBook, region: &RegionId, type_item_id: &TypeItemId, period: Period) -> Option<Self> {
        Self::of(book, region, type_item_id, ChargeType::PrePay, Some(period))
    }

    fn of(
        book: &PriceBook,
        region: &RegionId,
        type_item_id: &TypeItemId,
        charge_type: ChargeType,
        period: Option<Period>,
    ) -> Option<Self> {
        let price = book.price(region, type_item_id, charge_type)?;
        Some(Self { currency: price.currency, amount: price.cost(1, period).per_desktop })
    }

    /// Both together. `None` in different currencies.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.plus(other.amount);
        (self.currency == other.currency).then_some(Self { currency: self.currency, amount })
    }
}
