//! Limits of what a principal, and all together, may buy and change. What is used of them is in the journal.

use std::sync::Arc;

use shared::{
    ids::TypeItemId,
    order::Operation,
    prices::{Amount, Currency},
};

/// What may be bought and changed: by one principal, or by all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Desktops bought in a day.
    pub desktops: Option<u32>,
    /// Desktops bought and months renewed in a day, together.
    pub units: Option<u32>,
    /// Desktops released in a day.
    pub releases: Option<u32>,
    /// Writes about users in a day.
    pub user_writes: Option<u32>,
    /// Money in a day, by the price book.
    pub day_amount: Option<Amount>,
    /// Money in a month, by the price book.
    pub month_amount: Option<Amount>,
}

/// What one order may be, which is the same for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderBounds {
    /// The longest period, in months.
    pub longest_period: Option<u8>,
    /// The types that may be bought, if not all.
    pub types: Option<Arc<[TypeItemId]>>,
    /// Money, by the price book.
    pub amount: Option<Amount>,
    /// The currency of the price book, and so of all limits of money. What was ordered in another one does not count.
    pub currency: Option<Currency>,
}

/// What an operation counts: a desktop bought is one, and so is each month of a renewal.
#[must_use]
pub fn units(operation: &Operation) -> u32 {
    match operation {
        Operation::Create(_) => 1,
        Operation::Renew(request) => request.period.months().into(),
        Operation::Delete(_) => 0,
    }
}
