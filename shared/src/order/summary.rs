//! The monthly summary: what was bought and renewed, by month and one more thing, with the prices that were written down with
//! the orders. An order is in exactly one row, so that rows add up.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fields::is_key;
use crate::prices::{Amount, Currency};

/// By what orders are grouped, beside the month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SummaryBy {
    /// `type`: the type of the desktop.
    #[default]
    Type,
    /// `account`: for whom it was bought.
    Account,
    /// `person`: who placed the order.
    Person,
    /// `field.KEY`: the value of an order field.
    Field(String),
}

/// What a key of an order field follows.
const FIELD: &str = "field.";

impl SummaryBy {
    /// Those that there are without order fields.
    pub const ALWAYS: [Self; 3] = [Self::Type, Self::Account, Self::Person];
}

/// The spelling in the query.
impl std::fmt::Display for SummaryBy {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Type => out.write_str("type"),
            Self::Account => out.write_str("account"),
            Self::Person => out.write_str("person"),
            Self::Field(key) => write!(out, "{FIELD}{key}"),
        }
    }
}

impl FromStr for SummaryBy {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix(FIELD) {
            Some(key) if is_key(key) => Ok(Self::Field(key.to_owned())),
            Some(_) => Err(()),
            None => Self::ALWAYS.into_iter().find(|by| by.to_string() == text).ok_or(()),
        }
    }
}

/// The answer of `GET /api/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// The months that are counted, newest first, such as `2026-11`: by the calendar of the cloud (UTC+8).
    pub months: Vec<String>,
    /// What there is, newest month first. Months without orders have none.
    pub rows: Vec<SummaryRow>,
}

/// The orders of one month, group and currency. Rejected orders and releases are in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SummaryRow {
    /// When they were ordered.
    pub month: String,
    /// The type, account, person or value. Absent where the order has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The currency of their prices. Absent where they have no price, so that what they cost is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Desktops bought: orders that are placed.
    pub bought: i64,
    /// Renewals: orders that are placed.
    pub renewed: i64,
    /// What subscriptions and renewals cost for all of their months: those that are placed. Absent without prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What the desktops with pay as you go cost for an hour, all together. How many hours they run is not known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_per_hour: Option<Amount>,
    /// Orders of which it is not known whether they were carried out, or not yet: under way, awaiting approval, unresolved. They are
    /// in no other number.
    pub unknown: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_they_are_spelt() {
        let field = SummaryBy::Field("cost_centre".to_owned());
        assert_eq!(field.to_string(), "field.cost_centre");
        for by in SummaryBy::ALWAYS.into_iter().chain([field]) {
            assert_eq!(by.to_string().parse(), Ok(by));
        }
        for text in ["", "types", "field.", "field.Cost", "field.a'b", "field.a b", "cost_centre"] {
            assert_eq!(text.parse::<SummaryBy>(), Err(()), "{text}");
        }
    }
}
